// Sessions: a device signs a challenge and gets a token for an hour. They are in memory only: a server that starts again is signed in to anew,
// and no copy of its disk tells who was here.

import { toHex } from "@nodoor/bytes"
import { WireError, hashBytes, limits, session, sessionChallenge, sessionSignatureInput } from "@nodoor/wire"
import { serverCrypto, sha256 } from "../core/crypto.ts"
import type { Clock, Random } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"
import type { Store } from "./store/store.ts"
import type { Presence } from "./presence.ts"
import { callerOf } from "../core/address.ts"
import { createChallenges } from "./challenge.ts"
import { type Handler, type Session, openRoute } from "../route/handler.ts"
import type { AccountServiceOptions } from "./options.ts"
import type { RateLimit } from "../route/rate-limit.ts"

/** Sessions of one device at once: a few programs or tabs that each signed in. */
const sessionsPerDevice = 8
/** Sessions remembered at least. When more come, those not used for the longest time have to sign in again. */
const sessionsMax = 100_000

interface OpenSession extends Session {
  readonly expiresAtMs: number
}

export interface Sessions {
  readonly routes: readonly Handler[]
  /** @throws WireError `unauthorized` */
  find(token: Uint8Array | undefined): Promise<Session>
  /** Ends the sessions of these devices. */
  drop(deviceIds: readonly Uint8Array[]): void
  /** Devices with a session, each once. */
  devices(): readonly Uint8Array[]
}

export interface SessionPorts {
  readonly store: Pick<Store, "deviceKey">
  readonly presence: Pick<Presence, "note">
  readonly clock: Clock
  readonly random: Random
  readonly rateLimit: RateLimit
}

export function createSessions(ports: SessionPorts, options: AccountServiceOptions): Sessions {
  const { store, presence, clock, random, rateLimit } = ports
  const challenges = createChallenges(ports)
  /** By the hash of the token. */
  const sessions = new RecentMap<OpenSession>(sessionsMax)
  /** By device: hashes of its tokens, the oldest first. */
  const ofDevice = new RecentMap<readonly string[]>(sessionsMax)

  const find = async (token: Uint8Array | undefined): Promise<Session> => {
    if (token === undefined || token.length !== hashBytes) throw new WireError("unauthorized")
    const name = toHex(sha256(token))
    const found = sessions.get(name)
    if (found !== undefined && found.expiresAtMs > clock.nowMs()) return found
    sessions.delete(name)
    throw new WireError("unauthorized")
  }

  const begin = (token: Uint8Array, opened: OpenSession): void => {
    const [device, name] = [toHex(opened.deviceId), toHex(sha256(token))]
    const names = [...(ofDevice.get(device) ?? []), name]
    for (const old of names.slice(0, -sessionsPerDevice)) sessions.delete(old)
    ofDevice.set(device, names.slice(-sessionsPerDevice))
    sessions.set(name, opened)
  }

  const open = openRoute(session, async ({ deviceId, challenge, signature }, { address }) => {
    rateLimit.take("session", callerOf(address))
    // Taken before anything else is checked, because a challenge is good for one attempt.
    if (!challenges.take(deviceId, challenge)) throw new WireError("challenge_expired")
    const device = await store.deviceKey({ deviceId })
    const message = sessionSignatureInput({ origin: options.origin, challenge, deviceId })
    if (device === undefined) throw new WireError("unauthorized", "no such device")
    if (!serverCrypto.verifyEd25519({ publicKey: device.signatureKey, message, signature })) throw new WireError("invalid_signature")
    if (device.suspended) throw new WireError("account_suspended")
    const token = random(hashBytes)
    const nowMs = clock.nowMs()
    const expiresAtMs = nowMs + limits.sessionMs
    begin(token, { accountId: device.accountId, deviceId, expiresAtMs })
    presence.note(device.accountId, options.ipDays === 0 ? undefined : address)
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
      for (const device of deviceIds.map(toHex)) {
        for (const name of ofDevice.get(device) ?? []) sessions.delete(name)
        ofDevice.delete(device)
      }
    },
    devices: () => {
      const nowMs = clock.nowMs()
      const devices = new Map<string, Uint8Array>()
      for (const { deviceId, expiresAtMs } of sessions.values()) if (expiresAtMs > nowMs) devices.set(toHex(deviceId), deviceId)
      return [...devices.values()]
    },
  }
}
