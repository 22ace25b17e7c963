// The head of an archive: which version it has, and who can open it (docs/archive.md, "Head"). It says nothing about whose archive it is.

import { concat, equal, toUtf8 } from "@nodoor/bytes"
import type { CryptoProvider, SuiteCrypto } from "@nodoor/mls"
import { archiveError } from "./archive-error.ts"

/** The version that this program writes. It reads this one and every earlier one. */
export const archiveVersion = 1

const magic = toUtf8("nodoor archive\n")
const idBytes = 16
const checkBytes = 32
/** Magic, version, id, check and the number of slots. */
const fixedBytes: number = magic.length + 1 + idBytes + checkBytes + 1
const slotKinds = { recovery: 1 } as const
const wrappedBytes = 48
const slotBytes: number = 1 + wrappedBytes
const slotsMax = 4
export const archiveKeyBytes = 32
/** No head is longer. */
export const headerMaxBytes: number = fixedBytes + slotsMax * slotBytes

/**
 * What opens an archive. `given`: its 32-byte key, as handed over when a device is linked. `recovery`: the account's 32 recovery bytes, which
 * open every backup of the account.
 */
export type ArchiveKey = { readonly kind: "given"; readonly key: Uint8Array } | { readonly kind: "recovery"; readonly seed: Uint8Array }

export interface Header {
  readonly archiveId: Uint8Array
  readonly version: number
  readonly bytes: Uint8Array
  /** Opens the chunks. */
  readonly contentKey: Uint8Array
  /** SHA-256 of the head: associated data of each chunk. */
  readonly hash: Uint8Array
}

type Crypto = Pick<CryptoProvider, "suite" | "sha256">

/** ChaCha20-Poly1305 with 256-bit keys, and HKDF with SHA-256: what suite 3 of MLS is made of, on every platform. */
export function archiveCipher(crypto: Pick<CryptoProvider, "suite">): SuiteCrypto {
  return crypto.suite(0x0003)
}

/** `recoverySeed`: the recovery key opens the archive too. */
export function makeHeader(
  crypto: Crypto,
  {
    archiveId,
    key,
    recoverySeed,
  }: { readonly archiveId: Uint8Array; readonly key: Uint8Array; readonly recoverySeed: Uint8Array | undefined },
): Header {
  const start = concat(magic, Uint8Array.of(archiveVersion), archiveId, derived(crypto, { key, archiveId, use: "check" }))
  const slots = recoverySeed === undefined ? [] : [slot(crypto, { start, archiveId, key, seed: recoverySeed })]
  return finished(crypto, { bytes: concat(start, Uint8Array.of(slots.length), ...slots), archiveId, key, version: archiveVersion })
}

/**
 * `head`: the first bytes of the archive, all of them or `headerMaxBytes`.
 * @throws ClientError `archive_unreadable`, `archive_newer`, `archive_key`, `archive_incomplete`
 */
export function openHeader(crypto: Crypto, head: Uint8Array, key: ArchiveKey): Header {
  const known = head.subarray(0, magic.length)
  if (!equal(known, magic.subarray(0, known.length))) throw archiveError("archive_unreadable")
  const version = head[magic.length]
  if (version === undefined) throw archiveError(head.length === 0 ? "archive_unreadable" : "archive_incomplete")
  if (version === 0) throw archiveError("archive_unreadable")
  if (version > archiveVersion) throw archiveError("archive_newer")
  const count = head[fixedBytes - 1]
  if (count === undefined) throw archiveError("archive_incomplete")
  if (count > slotsMax) throw archiveError("archive_damaged")
  const bytes = head.slice(0, fixedBytes + count * slotBytes)
  if (bytes.length < fixedBytes + count * slotBytes) throw archiveError("archive_incomplete")
  const idAt = magic.length + 1
  const archiveId = bytes.slice(idAt, idAt + idBytes)
  const archiveKey = key.kind === "given" ? key.key : unwrapped(crypto, { bytes, archiveId, seed: key.seed })
  // Ciphertexts of this cipher can be made to open under two keys. The check ties the archive to one.
  const check = bytes.subarray(idAt + idBytes, fixedBytes - 1)
  if (!archiveKey || !equal(check, derived(crypto, { key: archiveKey, archiveId, use: "check" }))) throw archiveError("archive_key")
  return finished(crypto, { bytes, archiveId, key: archiveKey, version })
}

function finished(
  crypto: Crypto,
  made: { readonly bytes: Uint8Array; readonly archiveId: Uint8Array; readonly key: Uint8Array; readonly version: number },
): Header {
  const { bytes, archiveId, key, version } = made
  return { bytes, archiveId, version, contentKey: derived(crypto, { key, archiveId, use: "content" }), hash: crypto.sha256(bytes) }
}

type Of = { readonly start: Uint8Array; readonly archiveId: Uint8Array; readonly key: Uint8Array; readonly seed: Uint8Array }

function slot(crypto: Crypto, { start, archiveId, key, seed }: Of): Uint8Array {
  const wrapping = derived(crypto, { key: seed, archiveId, use: "key" })
  return concat(Uint8Array.of(slotKinds.recovery), archiveCipher(crypto).seal(wrapping, zeroNonce, start, key))
}

/** The key of the first slot of the recovery key that opens. */
function unwrapped(
  crypto: Crypto,
  { bytes, archiveId, seed }: { readonly bytes: Uint8Array; readonly archiveId: Uint8Array; readonly seed: Uint8Array },
): Uint8Array | undefined {
  const wrapping = derived(crypto, { key: seed, archiveId, use: "key" })
  const start = bytes.subarray(0, fixedBytes - 1)
  for (let at = fixedBytes; at < bytes.length; at += slotBytes) {
    if (bytes[at] !== slotKinds.recovery) continue
    const key = archiveCipher(crypto).open(wrapping, zeroNonce, start, bytes.slice(at + 1, at + slotBytes))
    if (key) return key
  }
  return undefined
}

/** Each key that is derived for a use is of one archive, so it seals once under this nonce. */
const zeroNonce = new Uint8Array(12)

function derived(
  crypto: Crypto,
  { key, archiveId, use }: { readonly key: Uint8Array; readonly archiveId: Uint8Array; readonly use: "key" | "check" | "content" },
): Uint8Array {
  const cipher = archiveCipher(crypto)
  return cipher.expand(cipher.extract(archiveId, key), toUtf8(`nodoor/archive/${use}`), archiveKeyBytes)
}
