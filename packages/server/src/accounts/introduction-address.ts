// Addresses for introductions. An address names the device and the day it was given out to this server and to nobody else, so none has to be
// stored: a copy of the disk does not tell for whom addresses were asked.

import { createHmac } from "node:crypto"
import { concat, equal, xor } from "@nodoor/bytes"
import { introductionAddressBytes } from "@nodoor/wire"
import type { Random } from "../core/ports.ts"

export interface IntroductionAddresses {
  /** 32 bytes that look random and are never the same again. `day`: number of the UTC day. */
  issue(deviceId: Uint8Array, day: number): Uint8Array
  /** Undefined for an address that was not given out here. */
  open(address: Uint8Array): { readonly deviceId: Uint8Array; readonly day: number } | undefined
}

const half = introductionAddressBytes / 2
const dayBytes = 3
const saltBytes = 5
/** Zeros that an address made by somebody else opens to with a probability of 2⁻⁶⁴. */
const check = new Uint8Array(half - dayBytes - saltBytes)
const rounds = [0, 1, 2, 3]

/** A permutation of 32 bytes from a keyed function of 16 (Luby and Rackoff, four rounds). `key`: 32 random bytes. */
export function createIntroductionAddresses(key: Uint8Array, random: Random): IntroductionAddresses {
  const mask = (round: number, input: Uint8Array): Uint8Array =>
    new Uint8Array(
      createHmac("sha256", key)
        .update(concat(Uint8Array.of(round), input))
        .digest()
        .subarray(0, half),
    )
  return {
    issue: (deviceId, day) => {
      let [left, right]: readonly [Uint8Array, Uint8Array] = [
        deviceId,
        concat(Uint8Array.of(day >> 16, day >> 8, day), random(saltBytes), check),
      ]
      for (const round of rounds) [left, right] = [right, xor(left, mask(round, right))]
      return concat(left, right)
    },
    open: (address) => {
      if (address.length !== introductionAddressBytes) return undefined
      let [left, right]: readonly [Uint8Array, Uint8Array] = [address.slice(0, half), address.slice(half)]
      for (const round of rounds.toReversed()) [left, right] = [xor(right, mask(round, left)), left]
      if (!equal(right.subarray(dayBytes + saltBytes), check)) return undefined
      const [high = 0, middle = 0, low = 0] = right
      return { deviceId: left, day: (high << 16) | (middle << 8) | low }
    },
  }
}
