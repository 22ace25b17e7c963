// What two people compare outside the server's reach: 60 digits read aloud, or a code that also pins the log.

import {
  CodecError,
  type TlsReader,
  type TlsWriter,
  bytes,
  concat,
  decodeTls,
  encodeTls,
  fromBase64Url,
  toBase64Url,
  toUtf8,
} from "@nodoor/bytes"
import type { VerifiedAccountState } from "./account-chain.ts"
import type { AccountId, AccountStateHash } from "./account-state.ts"
import type { LogCrypto } from "./crypto.ts"
import { parse, rule } from "./keylog-error.ts"
import { isOriginText } from "./origin.ts"

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

/** One account as its holder's device or a contact's device sees it. */
export interface SafetyView {
  readonly origin: string
  readonly accountId: AccountId
  readonly version: number
  readonly stateHash: AccountStateHash
}

/** The content of the safety sheet's QR code: how the shower's device sees both accounts, and the head of the log it believes. */
export interface SafetyCode {
  readonly origin: string
  /** Tree size of the head. */
  readonly size: bigint
  /** Tree root of the head, 32 bytes. */
  readonly root: Uint8Array
  /** The account of the person who shows the code. */
  readonly mine: SafetyView
  readonly theirs: SafetyView
}

const codePrefix = "nodoor-safety:1:"
const maxSafetyCodeBytes = 3 * 256 + 8 + 32 + 2 * (16 + 4 + 32)

/** The text of the QR code: "nodoor-safety:1:" and base64url of the structure, at most 1.3 kB, 260 characters with common host names. */
export function encodeSafetyCode(code: SafetyCode): string {
  const encoded = encodeTls((w) => {
    w.prefixed(1, toUtf8(code.origin)).u64(code.size).raw(code.root)
    writeView(w, code.mine)
    writeView(w, code.theirs)
  })
  return codePrefix + toBase64Url(encoded)
}

/** @throws KeylogError `malformed` */
export function decodeSafetyCode(text: string): SafetyCode {
  rule(text.startsWith(codePrefix), "malformed", "not a safety code of this version")
  rule(text.length <= codePrefix.length + Math.ceil((maxSafetyCodeBytes * 4) / 3), "malformed", "safety code too long")
  return parse("safety code", () =>
    decodeTls(fromBase64Url(text.slice(codePrefix.length)), (r) => ({
      origin: readOrigin(r),
      size: r.u64(),
      root: r.raw(32).slice(),
      mine: readView(r),
      theirs: readView(r),
    })),
  )
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

function writeView(w: TlsWriter, view: SafetyView): void {
  w.prefixed(1, toUtf8(view.origin)).raw(view.accountId).u32(view.version).raw(view.stateHash)
}

function readView(r: TlsReader): SafetyView {
  return {
    origin: readOrigin(r),
    accountId: bytes<"AccountId">(r.raw(16).slice()),
    version: r.u32(),
    stateHash: bytes<"AccountStateHash">(r.raw(32).slice()),
  }
}

function readOrigin(r: TlsReader): string {
  const origin = String.fromCharCode(...r.prefixed(1, 255))
  if (!isOriginText(origin)) throw new CodecError("invalid_value", "origin")
  return origin
}
