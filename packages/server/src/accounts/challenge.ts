// Challenges that devices sign to open a session: 32 random bytes, good once, for a minute, for one device.

import { equal, toHex } from "@nodoor/bytes"
import { hashBytes, limits } from "@nodoor/wire"
import type { Clock, Random } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"

export interface Challenges {
  issue(deviceId: Uint8Array): Uint8Array
  /** Whether this challenge was given to this device within the last minute; it is void afterwards either way. */
  take(deviceId: Uint8Array, challenge: Uint8Array): boolean
}

/** Challenges remembered, about 10 MB; beyond, the oldest are void. */
const issuedMax = 25_000

export function createChallenges({ clock, random }: { readonly clock: Clock; readonly random: Random }): Challenges {
  const issued = new RecentMap<{ readonly deviceId: Uint8Array; readonly expiresAtMs: number }>(issuedMax)
  return {
    issue: (deviceId) => {
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
