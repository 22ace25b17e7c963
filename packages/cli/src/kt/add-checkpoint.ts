// c2sp.org/tlog-witness add-checkpoint: what a witness says to a log that shows it a checkpoint.

import {
  type Evidence,
  KeylogError,
  type NoteKey,
  type TreeHead,
  type VerifiedCheckpoint,
  emptyRoot,
  formatNote,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  signCosignature,
  verifyCheckpoint,
  verifyConsistency,
} from "@nodoor/keylog"
import type { CosignerKey } from "./cosigner-key.ts"
import { crypto, sameBytes } from "./crypto.ts"
import type { WitnessState } from "./witness-state.ts"

/** A note with its cosignatures and 63 hashes; c2sp.org/tlog-witness bounds neither. */
export const maxAddCheckpointBytes: number = 32 * 1024
const maxProofLines = 63

export interface Witness {
  readonly cosigner: CosignerKey
  /** The keys trusted for each origin; several while a log changes its key. */
  readonly logs: ReadonlyMap<string, readonly NoteKey[]>
  readonly state: WitnessState
}

export interface AddCheckpointAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly body: string
  readonly contentType?: string
  /** The log signed two trees of one size: keep it. */
  readonly evidence?: Evidence
}

/** Answers one request. What it answers with 200 is on disk. Synchronous, so that two requests cannot pass each other. */
export function addCheckpoint(witness: Witness, body: Uint8Array, nowMs: number): AddCheckpointAnswer {
  const request = parseRequest(body)
  if (request === undefined) return refuse(400, "malformed request")
  const keys = witness.logs.get(request.origin)
  if (keys === undefined) return refuse(404, "unknown origin")
  const signed = verified(request.note, keys)
  if (signed === undefined) return refuse(403, "no trusted signature")
  const { checkpoint, key } = signed
  if (request.oldSize > checkpoint.size) return refuse(400, "old size above the checkpoint's")

  const before = witness.state.latest(checkpoint.origin)
  const older: TreeHead = before ?? { size: 0, root: emptyRoot(crypto) }
  if (request.oldSize !== older.size) return conflict(older.size)
  if (older.size === checkpoint.size && !sameBytes(older.root, checkpoint.root)) {
    const evidence: Evidence | undefined = before && { kind: "fork", logKey: formatVerifierKey(key), notes: [before.note, request.note] }
    return { ...conflict(older.size), ...(evidence === undefined ? {} : { evidence }) }
  }
  try {
    verifyConsistency(crypto, { older, newer: checkpoint, proof: request.proof })
  } catch (error) {
    if (error instanceof KeylogError) return refuse(422, "the proof fails")
    throw error
  }
  const next = { size: checkpoint.size, root: checkpoint.root, note: request.note }
  if (!witness.state.replace(checkpoint.origin, older.size, next)) return conflict(witness.state.latest(checkpoint.origin)?.size ?? 0)
  return { status: 200, body: cosignatureLine(witness.cosigner, checkpoint.note.text, nowMs) }
}

interface AddCheckpointRequest {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  readonly note: Uint8Array
  readonly origin: string
}

/** Undefined for anything but the one spelling of a request whose note is a checkpoint. */
function parseRequest(body: Uint8Array): AddCheckpointRequest | undefined {
  const raw = Buffer.from(body.buffer, body.byteOffset, body.length)
  const end = raw.indexOf("\n\n")
  if (end < 0 || body.length > maxAddCheckpointBytes) return undefined
  const [first = "", ...hashes] = raw.subarray(0, end).toString("latin1").split("\n")
  const oldSize = /^old (0|[1-9][0-9]{0,15})$/.exec(first)?.[1]
  if (oldSize === undefined || !Number.isSafeInteger(Number(oldSize)) || hashes.length > maxProofLines) return undefined
  if (!hashes.every((hash) => /^[A-Za-z0-9+/]{43}=$/.test(hash) && Buffer.from(hash, "base64").toString("base64") === hash))
    return undefined
  const note = new Uint8Array(raw.subarray(end + 2))
  try {
    const { origin } = parseCheckpoint(parseNote(note).text)
    return { oldSize: Number(oldSize), proof: hashes.map((hash) => new Uint8Array(Buffer.from(hash, "base64"))), note, origin }
  } catch (error) {
    if (error instanceof KeylogError) return undefined
    throw error
  }
}

function verified(
  note: Uint8Array,
  keys: readonly NoteKey[],
): { readonly checkpoint: VerifiedCheckpoint; readonly key: NoteKey } | undefined {
  for (const key of keys) {
    try {
      return { checkpoint: verifyCheckpoint(crypto, { note, key }), key }
    } catch (error) {
      if (!(error instanceof KeylogError)) throw error
    }
  }
  return undefined
}

/** The signature line of a cosignature over the text, ending in a newline. */
export function cosignatureLine({ key, privateKey }: CosignerKey, text: string, nowMs: number): string {
  const signature = signCosignature(crypto, { text, key, privateKey, timeSeconds: Math.floor(nowMs / 1000) })
  return Buffer.from(formatNote({ text, signatures: [signature] }))
    .toString("utf8")
    .slice(text.length + 1)
}

function refuse(status: 400 | 403 | 404 | 422, body: string): AddCheckpointAnswer {
  return { status, body: `${body}\n` }
}

function conflict(size: number): AddCheckpointAnswer {
  return { status: 409, body: `${size}\n`, contentType: "text/x.tlog.size" }
}
