// Who is signed in, in this tab only. The token is kept in the tab's session storage and goes when the tab is closed.

import { type OperatorRole, type OperatorSession, operatorLimits, operatorRoles } from "@nodoor/wire/operator"
import { type ReadonlySignal, signal } from "@preact/signals"
import { bufferToBase64URLString } from "@simplewebauthn/browser"
import type { SiteStorage } from "../host/site-storage.ts"

export interface SignedIn {
  readonly status: "in"
  readonly name: string
  readonly role: OperatorRole
  /** base64url */
  readonly token: string
  readonly expiresAtMs: number
}
/** `idle`: nothing was done for too long, or the server no longer knows the token. */
export type SessionState = SignedIn | { readonly status: "out"; readonly why: "new" | "left" | "idle" }

export interface Session {
  readonly state: ReadonlySignal<SessionState>
  begin(session: OperatorSession): void
  end(why: "left" | "idle"): void
  /** The server answered, so the half hour starts again. */
  used(): void
  /** Ends a session that has expired. Call it from time to time. */
  check(): void
}

const key = "nodoor.operator"

export function createSession(storage: SiteStorage, nowMs: () => number): Session {
  const saved = readSaved(storage.getItem(key))
  const kept = saved !== undefined && nowMs() < saved.expiresAtMs ? saved : undefined
  const state = signal<SessionState>(kept ?? { status: "out", why: "new" })
  let usedAtMs = nowMs()
  const end = (why: "left" | "idle"): void => {
    storage.removeItem(key)
    state.value = { status: "out", why }
  }
  return {
    state,
    begin({ token, expiresAtMs, name, role }) {
      const now: SignedIn = { status: "in", name, role, token: bufferToBase64URLString(token.slice().buffer), expiresAtMs }
      storage.setItem(key, JSON.stringify(now))
      usedAtMs = nowMs()
      state.value = now
    },
    end,
    used() {
      usedAtMs = nowMs()
    },
    check() {
      const now = state.peek()
      if (now.status === "in" && (nowMs() >= now.expiresAtMs || nowMs() - usedAtMs >= operatorLimits.idleMs)) end("idle")
    },
  }
}

function readSaved(text: string | null): SignedIn | undefined {
  try {
    const saved = JSON.parse(text ?? "null") as Partial<SignedIn> | null
    const role = operatorRoles.find((one) => one === saved?.role)
    if (saved === null || role === undefined || typeof saved.name !== "string") return undefined
    if (typeof saved.token !== "string" || typeof saved.expiresAtMs !== "number") return undefined
    return { status: "in", name: saved.name, role, token: saved.token, expiresAtMs: saved.expiresAtMs }
  } catch {
    return undefined
  }
}
