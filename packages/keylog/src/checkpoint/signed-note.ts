// c2sp.org/signed-note: a text and the signatures of named keys under it.

import { CodecError, concat, equal, fromBase64, fromHex, fromUtf8, toBase64, toHex, toUtf8 } from "@nodoor/bytes"
import type { LogCrypto } from "../core/crypto.ts"
import { KeylogError, rule } from "../core/keylog-error.ts"
import { isOriginText } from "../core/origin.ts"
import { isFitPublicKey } from "../core/public-key.ts"

/** Ed25519 over the text (0x01), or a cosignature with a time (0x04, c2sp.org/tlog-cosignature). */
export const noteKeyTypes = { ed25519: 0x01, cosignature: 0x04 } as const
export type NoteKeyType = (typeof noteKeyTypes)[keyof typeof noteKeyTypes]

/** A key that a note may be signed with, and the name it goes by. */
export interface NoteKey {
  readonly name: string
  readonly type: NoteKeyType
  /** Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** First 4 bytes of SHA-256(name ‖ "\n" ‖ type ‖ public key). */
  readonly id: Uint8Array
}

export interface NoteSignature {
  readonly name: string
  readonly id: Uint8Array
  /** What follows the key id: 64 bytes for type 0x01, 72 for type 0x04. */
  readonly signature: Uint8Array
}

/** A note as received: its shape is right, its signatures are not checked. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A checkpoint is below 500 bytes and a cosignature line below 400; room for a hundred of them. */
export const maxNoteBytes = 65536
export const maxNoteSignatures = 100

/** @throws KeylogError `note_malformed` */
export function parseNote(note: Uint8Array): SignedNote {
  rule(note.length <= maxNoteBytes, "note_malformed", "note too long") // N1
  const all = decoded(() => fromUtf8(note))
  // oxlint-disable-next-line no-control-regex
  rule(!/[\u0000-\u0009\u000b-\u001f]/.test(all), "note_malformed", "control character") // N1
  const split = all.lastIndexOf("\n\n")
  rule(split > 0 && all.endsWith("\n"), "note_malformed", "no signatures") // N1
  const lines = all.slice(split + 2, -1).split("\n")
  rule(lines.length <= maxNoteSignatures, "note_malformed", "too many signatures") // N1
  return { text: all.slice(0, split + 1), signatures: lines.map(parseSignatureLine) }
}

/** The bytes of a note. @throws KeylogError `note_malformed` for a text that no note can hold */
export function formatNote(note: SignedNote): Uint8Array {
  const lines = note.signatures.map(({ name, id, signature }) => `\u2014 ${name} ${toBase64(concat(id, signature))}\n`)
  const out = toUtf8(`${note.text}\n${lines.join("")}`)
  parseNote(out)
  return out
}

/** @throws KeylogError `note_key` for a name or key that cannot stand in a note */
export function noteKey(crypto: LogCrypto, input: Omit<NoteKey, "id">): NoteKey {
  rule(isOriginText(input.name), "note_key", "name") // N2
  rule(isFitPublicKey(input.publicKey), "note_key", "public key") // N2
  const id = crypto.sha256(concat(toUtf8(`${input.name}\n`), Uint8Array.of(input.type), input.publicKey)).slice(0, 4)
  return { ...input, id: new Uint8Array(id) }
}

/** `<name>+<key id in hex>+<base64 of type and key>` */
export function formatVerifierKey(key: NoteKey): string {
  return `${key.name}+${toHex(key.id)}+${toBase64(concat(Uint8Array.of(key.type), key.publicKey))}`
}

/** @throws KeylogError `note_key` */
export function parseVerifierKey(crypto: LogCrypto, text: string): NoteKey {
  rule(text.length <= 400, "note_key", "verifier key too long") // N2
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text)
  rule(match !== null, "note_key", "verifier key") // N2
  const [, name = "", id = "", encoded = ""] = match
  let raw: Uint8Array
  try {
    raw = fromBase64(encoded)
  } catch (error) {
    throw new KeylogError("note_key", "verifier key", { cause: error }) // N2
  }
  const type = raw[0]
  rule(type === noteKeyTypes.ed25519 || type === noteKeyTypes.cosignature, "note_key", "key type") // N2
  const key = noteKey(crypto, { name, type, publicKey: raw.slice(1) })
  rule(equal(key.id, fromHex(id)), "note_key", "key id") // N2
  return key
}

/** Signs the text with an Ed25519 note key (type 0x01), 32-byte seed. */
export function signNoteText(
  crypto: LogCrypto,
  input: { readonly text: string; readonly key: NoteKey; readonly privateKey: Uint8Array },
): NoteSignature {
  const signature = crypto.signEd25519({ privateKey: input.privateKey, message: toUtf8(input.text) })
  return { name: input.key.name, id: input.key.id, signature: new Uint8Array(signature) }
}

/**
 * The note's signature by a type 0x01 key. A signature that names the key and is not its own spoils the note, even beside a good one.
 * @throws KeylogError `note_unsigned`, `note_bad_signature`
 */
export function verifyNoteSignature(crypto: LogCrypto, { note, key }: { readonly note: SignedNote; readonly key: NoteKey }): NoteSignature {
  const own = signaturesBy(note, key)
  const first = own[0]
  rule(first !== undefined, "note_unsigned", "no signature of the log's key") // N3
  const message = toUtf8(note.text)
  for (const { signature } of own) {
    const good = signature.length === 64 && crypto.verifyEd25519({ publicKey: key.publicKey, message, signature })
    rule(good, "note_bad_signature", "signature of the log's key") // N4
  }
  return first
}

/** The signatures that carry the key's name and id. */
export function signaturesBy(note: SignedNote, key: NoteKey): NoteSignature[] {
  return note.signatures.filter(({ name, id }) => name === key.name && equal(id, key.id))
}

function parseSignatureLine(line: string): NoteSignature {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line)
  rule(match !== null, "note_malformed", "signature line") // N1
  const [, name = "", encoded = ""] = match
  rule(encoded.length < 8192, "note_malformed", "signature line") // N1
  const raw = decoded(() => fromBase64(encoded))
  rule(raw.length > 4, "note_malformed", "signature too short") // N1
  return { name, id: raw.slice(0, 4), signature: raw.slice(4) }
}

function decoded<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CodecError) throw new KeylogError("note_malformed", error.message, { cause: error }) // N1
    throw error
  }
}
