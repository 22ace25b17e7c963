// Who is signed in to the console. In memory only: a restart signs everybody out, and nothing on the disk opens the console.
// The token travels as a bearer token and never as a cookie, so that a page of another origin can't act for anybody.

import { toHex } from "@nodoor/bytes"
import { WireError, hashBytes } from "@nodoor/wire"
import { operatorLimits } from "@nodoor/wire/operator"
import { sha256 } from "../core/crypto.ts"
import type { Actor } from "../desk/people/actor.ts"
import type { Clock, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { Database } from "../sqlite/database.ts"

export interface ConsoleSessions {
  /** The token is in this answer only. */
  open(actor: Actor): { readonly token: Uint8Array; readonly expiresAtMs: number }
  /** Who it is; keeps the session from going idle. @throws WireError `unauthorized`, also once their passkey or they themselves were removed, or have another role */
  find(token: Uint8Array | undefined): Actor
  end(token: Uint8Array | undefined): void
}

export interface ConsoleSessionPorts {
  readonly clock: Clock
  readonly random: Random
  /** The desk's. */
  readonly db: Database
}

/** Sessions of one person at once: two browsers, and tabs that were opened anew. */
export const sessionsPerPerson = 8
/** Sessions of all people. The one that was not used for the longest time is ended. */
export const sessionsMax = 256

/** How far network time can set a clock back. */
const setBackMs = 60_000

interface Session {
  readonly actor: Actor
  readonly openedAtMs: number
  usedAtMs: number
}

export function createConsoleSessions({ clock, random, db }: ConsoleSessionPorts): ConsoleSessions {
  /** By the hexadecimal SHA-256 of the token; the one used last stands last. */
  const sessions = new Map<string, Session>()

  const isOver = ({ openedAtMs, usedAtMs }: Session, nowMs: number): boolean =>
    nowMs >= openedAtMs + operatorLimits.sessionMs ||
    nowMs >= usedAtMs + operatorLimits.idleMs ||
    // A clock that was set back lengthens no session by more than this.
    nowMs < openedAtMs - setBackMs
  const isTheSame = (actor: Actor): boolean => {
    try {
      return actor.now(db).role === actor.role
    } catch (error) {
      if (error instanceof ServerError && error.code === "operator_unknown") return false
      throw error
    }
  }

  return {
    open: (actor) => {
      const nowMs = clock.nowMs()
      for (const [name, session] of sessions) if (isOver(session, nowMs)) sessions.delete(name)
      const own = [...sessions].filter(([, session]) => session.actor.operatorId === actor.operatorId)
      for (const [name] of own.slice(0, Math.max(0, own.length - sessionsPerPerson + 1))) sessions.delete(name)
      const [oldest] = sessions.keys()
      if (sessions.size >= sessionsMax && oldest !== undefined) sessions.delete(oldest)
      const token = random(hashBytes)
      sessions.set(toHex(sha256(token)), { actor, openedAtMs: nowMs, usedAtMs: nowMs })
      return { token, expiresAtMs: nowMs + operatorLimits.sessionMs }
    },
    find: (token) => {
      if (token === undefined || token.length !== hashBytes) throw new WireError("unauthorized")
      const name = toHex(sha256(token))
      const session = sessions.get(name)
      if (session === undefined) throw new WireError("unauthorized")
      const nowMs = clock.nowMs()
      sessions.delete(name)
      if (isOver(session, nowMs) || !isTheSame(session.actor)) throw new WireError("unauthorized")
      session.usedAtMs = nowMs
      sessions.set(name, session)
      return session.actor
    },
    end: (token) => {
      if (token !== undefined) sessions.delete(toHex(sha256(token)))
    },
  }
}
