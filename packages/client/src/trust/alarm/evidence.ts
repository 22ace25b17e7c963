// The evidence kept when a check of the key log fails: a self-contained proof where the log contradicts its own signature, and
// otherwise a record of what this device asked, knew and was shown.

import { CodecError, toBase64, toHex, toUtf8 } from "@nodoor/bytes"
import {
  type Evidence,
  type HeadState,
  KeylogError,
  type LogCrypto,
  decodeSearchResponse,
  formatEvidence,
  formatVerifierKey,
  noteKey,
  noteKeyTypes,
  verifyEvidence,
} from "@nodoor/keylog"
import type { HeardHead } from "../../store/trust/key-log.ts"

export interface Finding {
  readonly code: string
  readonly atMs: number
  readonly origin: string
  readonly config: Uint8Array | undefined
  readonly stored: HeadState | undefined
  readonly request?: Uint8Array | undefined
  readonly response?: Uint8Array | undefined
  /** Another head: from a safety code, with whose; or one that the log signed, where it does not matter who passed it on. */
  readonly heard?: HeardHead & { readonly by?: Uint8Array }
  /** The note of that size that this device was shown. */
  readonly ours?: Uint8Array | undefined
  /** What shows that `stored` does not begin with `heard`. */
  readonly path?: readonly Uint8Array[] | undefined
  /** A key for tokens as the server gave it, which is not the log's. */
  readonly given?: Uint8Array | undefined
  /** Signed account states that are in question. */
  readonly states?: readonly Uint8Array[] | undefined
}

const proofStart = "kt-evidence/v1\n"

/** The file to keep: `kt-evidence/v1` when it proves something by itself, else a record as JSON. */
export function evidenceOf(crypto: LogCrypto, finding: Finding): Uint8Array {
  return proofOf(crypto, finding) ?? toUtf8(`${JSON.stringify(record(finding), undefined, 2)}\n`)
}

/** A file about a commit, as `group/evidence` makes it. */
const commitStart = "nodoor-commit-evidence/v1\n"

/** Which of them a file is. */
export function evidenceKind(text: string): "proof" | "commit" | "record" {
  if (text.startsWith(proofStart)) return "proof"
  return text.startsWith(commitStart) ? "commit" : "record"
}

function proofOf(crypto: LogCrypto, { stored, response, origin, heard, ours, path }: Finding): Uint8Array | undefined {
  if (!stored) return undefined
  const logKey = formatVerifierKey(noteKey(crypto, { name: `${origin}/kt/1`, type: noteKeyTypes.ed25519, publicKey: stored.logKey }))
  if (heard) {
    const { note } = heard
    if (!note) return undefined
    return (
      proven(crypto, { kind: "fork", logKey, notes: [ours ?? stored.note, note] }) ??
      (path && proven(crypto, { kind: "inconsistent", logKey, notes: [note, stored.note], path }))
    )
  }
  if (!response) return undefined
  try {
    const { head } = decodeSearchResponse(response)
    return (
      proven(crypto, { kind: "fork", logKey, notes: [stored.note, head.checkpoint] }) ??
      proven(crypto, {
        kind: "no-epoch",
        logKey,
        note: head.checkpoint,
        last: { index: lastIndex(head.checkpoint), entry: head.epochEntry, inclusion: head.inclusion },
      })
    )
  } catch (error) {
    if (error instanceof CodecError || error instanceof KeylogError) return undefined
    throw error
  }
}

/** The file, if a reader will find that it proves what it says. */
function proven(crypto: LogCrypto, evidence: Evidence): Uint8Array | undefined {
  const file = formatEvidence(evidence)
  try {
    verifyEvidence(crypto, file)
    return file
  } catch (error) {
    if (error instanceof KeylogError) return undefined
    throw error
  }
}

/** Of a note that may say anything. */
function lastIndex(note: Uint8Array): number {
  const size = Number(/^[^\n]*\n([0-9]{1,15})\n/.exec(String.fromCharCode(...note.subarray(0, 512)))?.[1] ?? 0)
  return Math.max(0, size - 1)
}

function record(finding: Finding): Record<string, unknown> {
  const { code, atMs, origin, config, stored, request, response, heard, given, states } = finding
  const base64 = (bytes: Uint8Array | undefined): string | undefined => bytes && toBase64(bytes)
  return {
    format: "nodoor-log-record/v1",
    code,
    at_ms: atMs,
    origin,
    config: base64(config),
    stored_note: base64(stored?.note),
    request: base64(request),
    response: base64(response),
    heard: heard && { account: heard.by && toHex(heard.by), size: heard.size, root: toBase64(heard.root), note: base64(heard.note) },
    token_key: base64(given),
    account_states: states?.map((state) => toBase64(state)),
  }
}
