// Sessions: a device signs a challenge and gets a token for an hour.

import { toHex } from "@nodoor/bytes"
import { WireError, hashBytes, limits, session, sessionChallenge, sessionSignatureInput } from "@nodoor/wire"
import { serverCrypto, sha256 } from "../core/crypto.ts"
import type { Clock, Random } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"
import type { SessionRow, Store } from "../store/store.ts"
import { callerOf } from "../core/address.ts"
import { createChallenges } from "./challenge.ts"
import { type Handler, type Session, openRoute } from "../route/handler.ts"
import type { DeliveryOptions } from "./options.ts"
import type { RateLimit } from "../route/rate-limit.ts"

/** Sessions of one device at once: a few programs or tabs that each signed in. */
const sessionsPerDevice = 8
/** Sessions remembered without asking the store. */
const knownMax = 20_000

export interface Sessions {
  readonly routes: readonly Handler[]
  /** @throws WireError `unauthorized`, `account_suspended` */
  find(token: Uint8Array | undefined): Promise<Session>
  /** Asks the store about the sessions of these devices anew. */
  drop(deviceIds: readonly Uint8Array[]): void
  /** Asks the store about every session anew. */
  dropAll(): void
}

export interface SessionPorts {
  readonly store: Pick<Store, "deviceKey" | "openSession" | "findSession">
  readonly clock: Clock
  readonly random: Random
  readonly rateLimit: RateLimit
}

export function createSessions(ports: SessionPorts, options: DeliveryOptions): Sessions {
  const { store, clock, random, rateLimit } = ports
  const challenges = createChallenges(ports)
  const known = new RecentMap<SessionRow>(knownMax)

  const find = async (token: Uint8Array | undefined): Promise<Session> => {
    if (token === undefined || token.length !== hashBytes) throw new WireError("unauthorized")
    const tokenHash = sha256(token)
    const name = toHex(tokenHash)
    const nowMs = clock.nowMs()
    const before = known.get(name)
    if (before !== undefined && before.expiresAtMs > nowMs) return before
    known.delete(name)
    const found = await store.findSession({ tokenHash, nowMs })
    if (found === undefined) throw new WireError("unauthorized")
    known.set(name, found)
    return found
  }

  const open = openRoute(session, async ({ deviceId, challenge, signature }, { address }) => {
    rateLimit.take("session", callerOf(address))
    // Taken before anything else is checked, because a challenge is good for one attempt.
    if (!challenges.take(deviceId, challenge)) throw new WireError("challenge_expired")
    const device = await store.deviceKey({ deviceId })
    const message = sessionSignatureInput({ origin: options.origin, challenge, deviceId })
    if (device === undefined) throw new WireError("unauthorized", "no such device")
    if (!serverCrypto.verifyEd25519({ publicKey: device.signatureKey, message, signature })) throw new WireError("invalid_signature")
    const token = random(hashBytes)
    const nowMs = clock.nowMs()
    const expiresAtMs = nowMs + limits.sessionMs
    const keptAddress = options.ipDays === 0 ? undefined : address
    await store.openSession({
      tokenHash: sha256(token),
      deviceId,
      expiresAtMs,
      maxPerDevice: sessionsPerDevice,
      nowMs,
      address: keptAddress,
    })
    return { token, expiresAtMs, timeMs: nowMs }
  })
  const challenge = openRoute(sessionChallenge, async ({ deviceId }, { address }) => {
    rateLimit.take("session", callerOf(address))
    return { challenge: challenges.issue(deviceId) }
  })

  return {
    routes: [challenge, open],
    find,
    drop: (deviceIds) => {
      if (deviceIds.length === 0) return
      const gone = new Set(deviceIds.map(toHex))
      known.deleteWhere((row) => gone.has(toHex(row.deviceId)))
    },
    dropAll: () => known.deleteWhere(() => true),
  }
}
