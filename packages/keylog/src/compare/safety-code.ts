// What one person's device shows another's as a QR code: how it sees both accounts, and the head of the log it believes.

import {
  CodecError,
  type TlsReader,
  type TlsWriter,
  bytes,
  decodeTls,
  encodeTls,
  equal,
  fromBase64Url,
  toBase64Url,
  toUtf8,
} from "@nodoor/bytes"
import type { VerifiedAccountState } from "../account/account-chain.ts"
import type { AccountId, AccountStateHash } from "../account/account-state.ts"
import { type HeadStanding, standingOf } from "./gossip.ts"
import type { HeadState } from "../checkpoint/head.ts"
import { parse, rule } from "../core/keylog-error.ts"
import { isOriginText } from "../core/origin.ts"

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

/** How a scanned code stands to what this device knows. */
export interface SafetyCodeJudgement {
  readonly log: HeadStanding
  /** Whether the other device knows an account at the same version, an older or a newer one; newer: look it up, then judge again. */
  readonly mine: "same" | "older" | "newer"
  readonly theirs: "same" | "older" | "newer"
}

/**
 * Compares a scanned code with what this device has verified: its own account, the account of the person who shows the code, its head.
 * @throws KeylogError `malformed`, `wrong_account` (a code between other people), `value_changed` (one version, two states), `tree_fork`
 */
export function judgeSafetyCode(input: {
  readonly text: string
  readonly head: HeadState
  readonly mine: VerifiedAccountState
  readonly theirs: VerifiedAccountState
}): SafetyCodeJudgement {
  const code = decodeSafetyCode(input.text)
  const compareView = (view: SafetyView, account: VerifiedAccountState): "same" | "older" | "newer" => {
    const { state, stateHash } = account
    rule(view.origin === state.origin && equal(view.accountId, state.accountId), "wrong_account", "a code between other people") // A2
    if (view.version !== state.version) return view.version < state.version ? "older" : "newer"
    rule(equal(view.stateHash, stateHash), "value_changed", "one version of an account, two states") // S3
    return "same"
  }
  const mine = compareView(code.theirs, input.mine)
  const theirs = compareView(code.mine, input.theirs)
  return { log: standingOf(input.head, { origin: code.origin, size: Number(code.size), root: code.root }), mine, theirs }
}

/** How this device sees an account, for a code. */
export function safetyView({ state, stateHash }: VerifiedAccountState): SafetyView {
  return { origin: state.origin, accountId: state.accountId, version: state.version, stateHash }
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
