// c2sp.org/tlog-cosignature: a witness or auditor states when it saw a checkpoint, after checking that it grew out of the last one.

import { TlsReader, concat, encodeTls, toUtf8 } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { type NoteKey, type NoteSignature, type SignedNote, formatNote, parseNote, signaturesBy } from "./signed-note.ts"

/** A cosignature that verifies. */
export interface Cosignature {
  readonly key: NoteKey
  /** Seconds since 1970 by the cosigner's clock. */
  readonly timeSeconds: number
}

/** Cosigns a checkpoint's text with a type 0x04 key, 32-byte seed. Whether it may be cosigned is the caller's question. */
export function signCosignature(
  crypto: LogCrypto,
  input: { readonly text: string; readonly key: NoteKey; readonly privateKey: Uint8Array; readonly timeSeconds: number },
): NoteSignature {
  const message = cosignatureMessage(input.text, input.timeSeconds)
  const signature = crypto.signEd25519({ privateKey: input.privateKey, message })
  const time = encodeTls((w) => w.u64(BigInt(input.timeSeconds)))
  return { name: input.key.name, id: input.key.id, signature: concat(time, signature) }
}

/** The good cosignature of the key with the latest time; undefined if there is none. A bad one counts as none: a cosigner cannot spoil a note. */
export function findCosignature(
  crypto: LogCrypto,
  { note, key }: { readonly note: SignedNote; readonly key: NoteKey },
): Cosignature | undefined {
  let latest: Cosignature | undefined
  for (const { signature } of signaturesBy(note, key)) {
    if (signature.length !== 72) continue
    const time = new TlsReader(signature).u64()
    if (time > BigInt(Number.MAX_SAFE_INTEGER)) continue
    const timeSeconds = Number(time)
    const message = cosignatureMessage(note.text, timeSeconds)
    if (!crypto.verifyEd25519({ publicKey: key.publicKey, message, signature: signature.subarray(8) })) continue
    if (latest === undefined || timeSeconds > latest.timeSeconds) latest = { key, timeSeconds }
  }
  return latest
}

/** The note with more signatures under it. @throws KeylogError `note_malformed` */
export function appendSignatures(note: Uint8Array, signatures: readonly NoteSignature[]): Uint8Array {
  const parsed = parseNote(note)
  return formatNote({ text: parsed.text, signatures: [...parsed.signatures, ...signatures] })
}

function cosignatureMessage(text: string, timeSeconds: number): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`)
}
