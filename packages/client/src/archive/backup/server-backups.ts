// Backups on the account's server, as blobs: pieces of one size that say nothing of each other, and an index that the recovery key alone finds
// and opens. So 24 words and the server's address are enough to find a backup.

import { CodecError, concat, decodeCbor, encodeCbor, toHex, toUtf8 } from "@nodoor/bytes"
import { inPieces } from "@nodoor/media"
import type { CryptoProvider, Random } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { ClientError } from "../../core/client-error.ts"
import type { BlobKeys, Blobs } from "../../core/ports.ts"
import { archiveTexts } from "../../texts/en.ts"
import { archiveError } from "../format/archive-error.ts"
import type { ArchiveSource } from "../format/archive-reader.ts"
import { id, list, struct, uint } from "../format/field.ts"
import { archiveCipher } from "../format/header.ts"
import type { WritingArchive } from "../write-archive.ts"
import { type BackupPlace, type KeptBackup, backupsKept } from "../backup-place.ts"

/** One piece is in memory while it is sent. */
const pieceBytes = 4_194_304
const piecesMax = 512
/** Each backup extends nothing: the next one takes its place long before. */
const keepDays = 120
const nonceBytes = 12
const lengthBytes = 4
const indexMaxBytes = 262_144

interface Piece {
  readonly id: Uint8Array
  readonly secret: Uint8Array
  readonly size: number
}

interface Entry {
  readonly archiveId: Uint8Array
  readonly madeAtMs: number
  readonly pieces: readonly Piece[]
}

const piece = struct<Piece>({ id: id(32), secret: id(32), size: uint })
const entries = list(struct<Entry>({ archiveId: id(16), madeAtMs: uint, pieces: list(piece, piecesMax) }), backupsKept)

export interface ServerBackupParts {
  readonly blobs: Blobs
  readonly crypto: Pick<CryptoProvider, "suite">
  readonly random: Random
  readonly recoverySeed: Uint8Array
}

export class ServerBackups implements BackupPlace {
  readonly #parts: ServerBackupParts
  readonly #index: BlobKeys & { readonly key: Uint8Array }

  constructor(parts: ServerBackupParts) {
    this.#parts = parts
    const derived = (use: "id" | "secret" | "key"): Uint8Array => {
      const cipher = archiveCipher(parts.crypto)
      return cipher.expand(cipher.extract(new Uint8Array(), parts.recoverySeed), toUtf8(`nodoor/backup/index/${use}`), 32)
    }
    this.#index = { id: derived("id"), secret: derived("secret"), key: derived("key") }
  }

  /** The index names the new one only once all of it is there, and old pieces go only then. */
  async write({ archiveId, madeAtMs, bytes }: WritingArchive): Promise<number> {
    const { blobs } = this.#parts
    const pieces: Piece[] = []
    let total = 0
    try {
      for await (const content of inPieces(bytes, pieceBytes)) {
        if (pieces.length === piecesMax) throw new ClientError("too_large", archiveTexts.tooLargeForServer)
        const keys = await blobs.upload((from) => once(content.subarray(from)), { size: content.length, keepDays })
        pieces.push({ ...keys, size: content.length })
        total += content.length
      }
      const before = await this.#read()
      const all = [{ archiveId, madeAtMs, pieces }, ...before].toSorted((a, b) => b.madeAtMs - a.madeAtMs)
      await this.#save(all.slice(0, backupsKept))
      for (const old of all.slice(backupsKept)) await this.#erase(old.pieces)
    } catch (error) {
      await this.#erase(pieces).catch(() => undefined)
      throw error
    }
    return total
  }

  async list(): Promise<readonly KeptBackup[]> {
    return (await this.#read()).map(({ archiveId, madeAtMs, pieces }) => ({
      name: toHex(archiveId),
      madeAtMs,
      bytes: pieces.reduce((sum, { size }) => sum + size, 0),
    }))
  }

  async source(name: string): Promise<ArchiveSource> {
    const entry = (await this.#read()).find(({ archiveId }) => toHex(archiveId) === name)
    if (!entry) throw new ClientError("not_found", archiveTexts.noBackup)
    const { blobs } = this.#parts
    return {
      async *read(fromByte) {
        let at = 0
        for (const { id: blobId, size } of entry.pieces) {
          const from = Math.max(0, fromByte - at)
          at += size
          if (from < size) yield* blobs.download(blobId, { from, size })
        }
      },
    }
  }

  /** @throws ClientError `archive_damaged` for an index that this account's key did not seal */
  async #read(): Promise<readonly Entry[]> {
    const { blobs, crypto } = this.#parts
    const parts: Uint8Array[] = []
    let got = 0
    try {
      for await (const bytes of blobs.download(this.#index.id)) {
        parts.push(bytes)
        if ((got += bytes.length) > 2 * indexMaxBytes) break
      }
    } catch (error) {
      if (error instanceof WireError && error.code === "blob_not_found") return []
      throw error
    }
    const stored = concat(...parts)
    if (stored.length < lengthBytes) throw archiveError("archive_damaged")
    const length = new DataView(stored.buffer, stored.byteOffset).getUint32(0)
    const sealed = stored.subarray(lengthBytes, lengthBytes + length)
    const opened = archiveCipher(crypto).open(this.#index.key, sealed.slice(0, nonceBytes), this.#index.id, sealed.slice(nonceBytes))
    if (!opened) throw archiveError("archive_damaged")
    try {
      return entries.from(decodeCbor(opened, { maxBytes: indexMaxBytes }))
    } catch (error) {
      if (error instanceof CodecError) throw archiveError("archive_damaged", error)
      throw error
    }
  }

  async #save(kept: readonly Entry[]): Promise<void> {
    const { blobs, crypto, random } = this.#parts
    const nonce = random(nonceBytes)
    const sealed = concat(nonce, archiveCipher(crypto).seal(this.#index.key, nonce, this.#index.id, encodeCbor(entries.to(kept))))
    const length = new Uint8Array(lengthBytes)
    new DataView(length.buffer).setUint32(0, sealed.length)
    const content = concat(length, sealed)
    const keys = { id: this.#index.id, secret: this.#index.secret }
    await blobs.upload((from) => once(content.subarray(from)), { size: content.length, keepDays, keys, replaces: true })
  }

  async #erase(pieces: readonly Piece[]): Promise<void> {
    for (const keys of pieces) await this.#parts.blobs.delete({ id: keys.id, secret: keys.secret })
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
