// What people tell each other about the log, so that two who are shown two logs find out (docs/transparency.md, "Gossip"). It is the
// log's own signed checkpoint and nothing else: nobody but the log can make one, and two that contradict each other prove it.

import { equal } from "@nodoor/bytes"
import { type VerifiedCheckpoint, verifyCheckpoint } from "../checkpoint/checkpoint.ts"
import type { LogCrypto } from "../core/crypto.ts"
import type { HeadState } from "../checkpoint/head.ts"
import { rule } from "../core/keylog-error.ts"
import { type NoteKey, formatNote, noteKey, noteKeyTypes, parseNote, verifyNoteSignature } from "../checkpoint/signed-note.ts"
import type { TreeHead } from "../tree/tree-hash.ts"

/** A checkpoint of the longest origin with one signature has 680 bytes; a usual one about 200. */
export const maxGossipNoteBytes = 768

/** The head's note under the signature of the log alone: witnesses' statements do not go along. */
export function gossipNote(crypto: LogCrypto, head: HeadState): Uint8Array {
  const note = parseNote(head.note)
  return formatNote({ text: note.text, signatures: [verifyNoteSignature(crypto, { note, key: keyOf(crypto, head) })] })
}

/**
 * The checkpoint that a peer passed on, signed by the key that signs the log now. Nothing is said yet of how it stands to `mine`.
 * @throws KeylogError `note_malformed`, `note_unsigned`, `note_bad_signature`, `checkpoint_malformed`, `checkpoint_extension`, `wrong_origin`
 */
export function readGossip(crypto: LogCrypto, { mine, note }: { readonly mine: HeadState; readonly note: Uint8Array }): VerifiedCheckpoint {
  rule(note.length <= maxGossipNoteBytes, "note_malformed", "gossip too long") // N1
  rule(parseNote(note).signatures.length === 1, "note_malformed", "one signature, the log's") // N1
  return verifyCheckpoint(crypto, { note, key: keyOf(crypto, mine) })
}

/** How another's head stands to mine: before anything is proven, by size alone. */
export type HeadStanding =
  | "same" // nothing to do: the other sees what I see
  | "older" // have the log prove that mine grew out of it
  | "newer" // look again; not obtainable within 1 h: warn
  | "other log" // the other's server is another one

/** @throws KeylogError `tree_fork` for another root of my size */
export function standingOf(mine: HeadState, other: TreeHead & { readonly origin: string }): HeadStanding {
  if (other.origin !== mine.origin) return "other log"
  if (other.size !== mine.size) return other.size > mine.size ? "newer" : "older"
  rule(equal(other.root, mine.root), "tree_fork", "two roots of one size") // T3
  return "same"
}

function keyOf(crypto: LogCrypto, { origin, logKey }: HeadState): NoteKey {
  return noteKey(crypto, { name: origin, type: noteKeyTypes.ed25519, publicKey: logKey })
}
