// c2sp.org/tlog-checkpoint: the log's statement of its size and root.

import { fromBase64, toBase64 } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { rule } from "../core/keylog-error.ts"
import { type NoteKey, type SignedNote, formatNote, parseNote, signNoteText, verifyNoteSignature } from "./signed-note.ts"
import type { TreeHead } from "../tree/tree-hash.ts"

export interface Checkpoint extends TreeHead {
  readonly origin: string
}

/** A checkpoint whose signature by the log's key was checked, with the note it came in. */
export interface VerifiedCheckpoint extends Checkpoint {
  readonly note: SignedNote
}

/**
 * Whether the note is a checkpoint of this log, signed by its key. Cosignatures are judged by `countCosignatures`.
 * @throws KeylogError `note_malformed`, `note_unsigned`, `note_bad_signature`, `checkpoint_malformed`, `checkpoint_extension`, `wrong_origin`
 */
export function verifyCheckpoint(crypto: LogCrypto, input: { readonly note: Uint8Array; readonly key: NoteKey }): VerifiedCheckpoint {
  const note = parseNote(input.note)
  verifyNoteSignature(crypto, { note, key: input.key })
  const checkpoint = parseCheckpoint(note.text)
  rule(checkpoint.origin === input.key.name, "wrong_origin", "checkpoint of another log") // A1
  return { ...checkpoint, note }
}

/** @throws KeylogError `checkpoint_malformed`; `checkpoint_extension` for lines after the root, of which this log has none */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n")
  const [origin = "", sizeText = "", rootText = ""] = lines
  rule(lines.length >= 4 && lines.at(-1) === "" && origin !== "", "checkpoint_malformed", "three lines") // C1
  rule(/^(?:0|[1-9][0-9]{0,15})$/.test(sizeText), "checkpoint_malformed", "size") // C1
  const size = Number(sizeText)
  rule(Number.isSafeInteger(size), "checkpoint_malformed", "size") // C1
  rule(/^[A-Za-z0-9+/]{43}=$/.test(rootText), "checkpoint_malformed", "root") // C1
  const root = fromBase64OrUndefined(rootText)
  rule(root !== undefined, "checkpoint_malformed", "root") // C1
  rule(lines.length === 4, "checkpoint_extension", "lines after the root") // C2
  return { origin, size, root }
}

/** The text that the log signs and witnesses cosign. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** The signed note of a checkpoint, without cosignatures. The key's name is the origin. */
export function signCheckpoint(
  crypto: LogCrypto,
  input: { readonly head: TreeHead; readonly key: NoteKey; readonly privateKey: Uint8Array },
): Uint8Array {
  const text = formatCheckpoint({ origin: input.key.name, ...input.head })
  return formatNote({ text, signatures: [signNoteText(crypto, { text, key: input.key, privateKey: input.privateKey })] })
}

function fromBase64OrUndefined(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text)
  } catch {
    return undefined
  }
}
