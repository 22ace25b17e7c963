// What two people read to each other outside the server's reach: 60 digits.

import { concat, encodeTls, toUtf8 } from "@nodoor/bytes"
import type { VerifiedAccountState } from "../account/account-chain.ts"
import type { AccountId, AccountStateHash } from "../account/account-state.ts"
import type { LogCrypto } from "../core/crypto.ts"

/** What one account gives to a safety number: a new device does not change it, a reset does. */
export interface SafetyIdentity {
  readonly origin: string
  readonly accountId: AccountId
  readonly genesisHash: AccountStateHash
  readonly resetCount: number
}

/** Makes grinding account ids for look-alike digits 5,200 times as dear; as many rounds as Signal takes. Some 10 ms. */
const iterations = 5200

/**
 * 60 decimal digits, 30 from each account, the smaller half first, so that both people see the same.
 * half = six groups of five digits: 5 bytes of H mod 100,000 each, H = 5,200 rounds of h ← SHA-256(h ‖ input) from h = input,
 * input = "kt/safety-number/v1" ‖ 0x00 ‖ origin<1..255> ‖ account_id ‖ genesis_hash ‖ reset_count.
 */
export function safetyNumber(crypto: LogCrypto, mine: SafetyIdentity, theirs: SafetyIdentity): string {
  const halves = [half(crypto, mine), half(crypto, theirs)]
  return halves.sort().join("")
}

/** The identity that a verified account has in safety numbers. */
export function safetyIdentity({ state, genesisHash }: VerifiedAccountState): SafetyIdentity {
  return {
    origin: state.origin,
    accountId: state.accountId,
    genesisHash,
    resetCount: state.resetCount,
  }
}

function half(crypto: LogCrypto, identity: SafetyIdentity): string {
  const input = concat(
    toUtf8("kt/safety-number/v1\0"),
    encodeTls((w) => {
      w.prefixed(1, toUtf8(identity.origin)).raw(identity.accountId).raw(identity.genesisHash).u32(identity.resetCount)
    }),
  )
  let hash: Uint8Array = input
  for (let i = 0; i < iterations; i++) hash = crypto.sha256(concat(hash, input))
  let digits = ""
  for (let group = 0; group < 6; group++) {
    let value = 0
    for (const byte of hash.subarray(5 * group, 5 * group + 5)) value = value * 256 + byte
    digits += String(value % 100_000).padStart(5, "0")
  }
  return digits
}
