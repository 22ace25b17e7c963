// Challenges that devices sign to open a session: 32 random bytes, good once, for a minute, for one device.

import { equal, toHex } from "@nodoor/bytes"
import { hashBytes, limits } from "@nodoor/wire"
import type { Clock, Random } from "../ports.ts"

export interface Challenges {
  issue(deviceId: Uint8Array): Uint8Array
  /** Whether this challenge was given to this device within the last minute; it is void afterwards either way. */
  take(deviceId: Uint8Array, challenge: Uint8Array): boolean
}

/** Challenges waiting at once, about 10 MB; the oldest is dropped for a new one. */
const issuedMax = 50_000

export function createChallenges({ clock, random }: { readonly clock: Clock; readonly random: Random }): Challenges {
  const issued = new Map<string, { readonly deviceId: Uint8Array; readonly expiresAtMs: number }>()
  const dropOld = (): void => {
    const nowMs = clock.nowMs()
    for (const [name, entry] of issued) {
      if (entry.expiresAtMs > nowMs && issued.size < issuedMax) return
      issued.delete(name)
    }
  }
  return {
    issue: (deviceId) => {
      dropOld()
      const challenge = random(hashBytes)
      issued.set(toHex(challenge), { deviceId, expiresAtMs: clock.nowMs() + limits.challengeMs })
      return challenge
    },
    take: (deviceId, challenge) => {
      const name = toHex(challenge)
      const entry = issued.get(name)
      issued.delete(name)
      return entry !== undefined && entry.expiresAtMs > clock.nowMs() && equal(entry.deviceId, deviceId)
    },
  }
}
