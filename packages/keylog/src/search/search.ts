// What is asked and answered at /v1/kt/search: up to 16 labels against one head, proven in one batch.

import { CodecError, TlsReader, type TlsWriter, decodeTls, encodeTls } from "@nodoor/bytes"
import { maxSignedAccountStateBytes } from "../account/account-state.ts"
import { maxChainVersions } from "../account/account-chain.ts"
import { maxLabelVersion } from "./binary-ladder.ts"
import { openingBytes } from "../map/commitment.ts"
import { isHandle } from "../account/handle-binding.ts"
import { type HeadProof, readHeadProof, readSize, writeHeadProof } from "../checkpoint/head.ts"
import { type PrefixProof, encodePrefixProof, readPrefixProof } from "../map/prefix-proof.ts"
import { vrfProofBytes } from "../map/vrf.ts"
import { tokenKeyEpochOf } from "./token-key.ts"

export interface SearchLabel {
  /** `accountLabel`, `handleLabel` or `tokenKeyLabel`. */
  readonly label: Uint8Array
  /** The latest version whose account states the client has verified; undefined: it has none and wants the whole chain. */
  readonly knownVersion: number | undefined
}

export interface SearchRequest {
  /** Size of the client's stored head; undefined the first time. */
  readonly lastSize: number | undefined
  /** The signing key of the client's stored head or pin, 32 bytes: rekeys since then are wanted. */
  readonly logKey: Uint8Array
  /** SHA-256 of the policy entry that the client has. */
  readonly knownPolicy: Uint8Array | undefined
  readonly labels: readonly SearchLabel[]
}

/** How one label stands in the map of the head. */
export type LabelAnswer =
  | { readonly status: "absent"; readonly vrfProofs: readonly Uint8Array[] }
  | {
      readonly status: "present"
      /** The greatest version. */
      readonly version: number
      readonly opening: Uint8Array
      readonly value: Uint8Array
      /** One for each step of the binary ladder of `version`, in its order. */
      readonly vrfProofs: readonly Uint8Array[]
      /** For an account: the states between the known version and this one, both excluded. */
      readonly states: readonly Uint8Array[]
    }
  /** Of an ended account: what the map commits to was erased, but for the account's end itself. */
  | {
      readonly status: "erased"
      /** The greatest version. */
      readonly version: number
      /** For an account: what opens its last version, a tombstone. For a handle there is nothing any more. */
      readonly tombstone: { readonly opening: Uint8Array; readonly value: Uint8Array } | undefined
      readonly vrfProofs: readonly Uint8Array[]
    }

export interface SearchResponse {
  readonly head: HeadProof
  /** Over the indices of all steps of all answers, in their order. */
  readonly prefix: PrefixProof
  /** One for each label asked for, then one for the account of each present handle whose account was not asked for, in order. */
  readonly answers: readonly LabelAnswer[]
}

export const maxSearchLabels = 16
/** A request of 16 labels of 255 bytes. */
export const maxSearchRequestBytes = 8192
/** 16 labels with deep ladders and long chains; a usual answer has 5 kB. */
export const maxSearchResponseBytes: number = 4 * 1024 * 1024
/** No ladder below `maxLabelVersion` has more steps. */
export const maxLadderSteps = 64

/** `struct { optional<u64> last_size; opaque log_key[32]; optional<opaque[32]> known_policy; SearchLabel labels<0..2^16-1>; }` */
export function encodeSearchRequest(request: SearchRequest): Uint8Array {
  return encodeTls((w) => {
    w.optional(request.lastSize, (inner, size) => inner.u64(BigInt(size)))
    w.raw(request.logKey)
    w.optional(request.knownPolicy, (inner, hash) => inner.raw(hash))
    w.prefixed(
      2,
      encodeTls((inner) => {
        for (const { label, knownVersion } of request.labels) {
          inner.prefixed(1, label).optional(knownVersion, (writer, version) => writer.u32(version))
        }
      }),
    )
  })
}

/** @throws CodecError */
export function decodeSearchRequest(encoded: Uint8Array): SearchRequest {
  if (encoded.length > maxSearchRequestBytes) throw new CodecError("oversized", "search request")
  return decodeTls(encoded, (r) => {
    const lastSize = r.optional(readSize)
    const logKey = r.raw(32).slice()
    const knownPolicy = r.optional((inner) => inner.raw(32).slice())
    const labels: SearchLabel[] = []
    const inner = new TlsReader(r.prefixed(2))
    while (inner.remainingBytes > 0) {
      if (labels.length === maxSearchLabels) throw new CodecError("oversized", `more than ${maxSearchLabels} labels`)
      const label = inner.prefixed(1).slice()
      if (!isLabel(label)) throw new CodecError("invalid_value", "label")
      labels.push({ label, knownVersion: inner.optional(readVersion) })
    }
    if (labels.length === 0) throw new CodecError("invalid_value", "no label")
    return { lastSize, logKey, knownPolicy, labels }
  })
}

/** `struct { HeadProof head; PrefixProof prefix; LabelAnswer answers<0..2^32-1>; } SearchResponse` */
export function encodeSearchResponse(response: SearchResponse): Uint8Array {
  return encodeTls((w) => {
    writeHeadProof(w, response.head)
    w.raw(encodePrefixProof(response.prefix))
    w.prefixed(
      4,
      encodeTls((inner) => {
        for (const answer of response.answers) writeAnswer(inner, answer)
      }),
    )
  })
}

/** @throws CodecError */
export function decodeSearchResponse(encoded: Uint8Array): SearchResponse {
  if (encoded.length > maxSearchResponseBytes) throw new CodecError("oversized", "search response")
  return decodeTls(encoded, (r) => {
    const head = readHeadProof(r)
    const prefix = readPrefixProof(r)
    const answers: LabelAnswer[] = []
    const inner = new TlsReader(r.prefixed(4, maxSearchResponseBytes))
    while (inner.remainingBytes > 0) {
      if (answers.length === 2 * maxSearchLabels) throw new CodecError("oversized", "answers")
      answers.push(readAnswer(inner))
    }
    return { head, prefix, answers }
  })
}

/** Whether the bytes are a label: 0x01 ‖ account_id, 0x02 ‖ handle or 0x03 ‖ u32(epoch of a key for tokens). Nobody gets VRF proofs of others. */
export function isLabel(label: Uint8Array): boolean {
  if (label[0] === 0x01) return label.length === 17
  if (tokenKeyEpochOf(label) !== undefined) return true
  return label[0] === 0x02 && isHandle(String.fromCharCode(...label.subarray(1)))
}

function writeAnswer(w: TlsWriter, answer: LabelAnswer): void {
  w.u8(["absent", "present", "erased"].indexOf(answer.status))
  if (answer.status === "erased")
    w.u32(answer.version).optional(answer.tombstone, (inner, { opening, value }) => inner.raw(opening).prefixed(4, value))
  if (answer.status === "present") {
    w.u32(answer.version).raw(answer.opening).prefixed(4, answer.value)
    w.u16(answer.states.length)
    for (const state of answer.states) w.prefixed(2, state)
  }
  w.u8(answer.vrfProofs.length)
  for (const proof of answer.vrfProofs) w.raw(proof)
}

function readAnswer(r: TlsReader): LabelAnswer {
  const status = r.u8()
  if (status > 2) throw new CodecError("invalid_value", "status of a label")
  if (status === 0) return { status: "absent", vrfProofs: readVrfProofs(r) }
  const version = readVersion(r)
  if (status === 2) {
    const tombstone = r.optional((inner) => ({
      opening: inner.raw(openingBytes).slice(),
      value: inner.prefixed(4, maxSignedAccountStateBytes).slice(),
    }))
    return { status: "erased", version, tombstone, vrfProofs: readVrfProofs(r) }
  }
  const opening = r.raw(openingBytes).slice()
  const value = r.prefixed(4, maxSignedAccountStateBytes).slice()
  const count = r.u16()
  if (count > maxChainVersions) throw new CodecError("oversized", "account states")
  const states = Array.from({ length: count }, () => r.prefixed(2, maxSignedAccountStateBytes).slice())
  return { status: "present", version, opening, value, states, vrfProofs: readVrfProofs(r) }
}

function readVrfProofs(r: TlsReader): Uint8Array[] {
  const count = r.u8()
  if (count > maxLadderSteps) throw new CodecError("oversized", "steps of a ladder")
  return Array.from({ length: count }, () => r.raw(vrfProofBytes).slice())
}

function readVersion(r: TlsReader): number {
  const version = r.u32()
  if (version > maxLabelVersion) throw new CodecError("oversized", "version of a label")
  return version
}
