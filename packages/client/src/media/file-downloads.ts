// Brings files from the server, each chunk checked before it is kept, so that what was interrupted goes on where it was and what is kept holds.

import { toHex } from "@nodoor/bytes"
import { type MediaCrypto, MediaError, MediaReader, inPieces, layoutOf, sealedChunkBytes } from "@nodoor/media"
import { WireError } from "@nodoor/wire"
import { type FileData, decodeFile, file as fileType } from "../content/file.ts"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { Blobs, Clock, StoredFile } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Transactions } from "../core/transaction.ts"
import type { MessageName } from "../store/chat/messages.ts"
import { findPart } from "../store/chat/parts.ts"
import { type SealedFile, findSealedFile, insertSealedFile, setFileName, setWhole } from "../store/chat/sealed-files.ts"
import { readerOf } from "../store/reader.ts"
import { fileTexts } from "../texts/en-file.ts"
import type { TransferView } from "../view/transfer-view.ts"
import type { FileShelf } from "./file-shelf.ts"

/** Chunks that are checked and written together: a megabyte. */
const batchBytes: number = 16 * sealedChunkBytes
/** Downloads at a time; each holds some megabytes. */
const atOnce = 3

export interface FileDownloadParts {
  readonly shelf: FileShelf
  readonly blobs: Blobs
  readonly clock: Clock
  readonly mediaCrypto: MediaCrypto
  readonly session: Pick<Session, "serverNowMs">
  readonly transactions: Pick<Transactions, "run" | "database">
  show(transfer: TransferView): void
}

export interface OpenedFile {
  readonly file: FileData
  /** Bytes `from` up to, not including, `to`; checked as they come. @throws ClientError `file_damaged` */
  content(from?: number, to?: number): AsyncIterable<Uint8Array>
}

interface Running {
  readonly done: Promise<void>
  stop(): void
}

export class FileDownloads {
  readonly #parts: FileDownloadParts
  readonly #running = new Map<string, Running>()
  readonly #waiting: (() => void)[] = []
  #free = atOnce
  #closed = false

  constructor(parts: FileDownloadParts) {
    this.#parts = parts
  }

  /**
   * The photo or file of a message, once all of it is here. Whoever asks for the same one at the same time waits for the same download.
   * @throws ClientError `not_found`, `file_expired`, `file_missing`, `file_damaged`; NetworkError; StoreError
   */
  async open(name: MessageName): Promise<OpenedFile> {
    const file = await this.#described(name)
    if (!(await this.#whole(name))) await this.#fetch(name, file)
    return { file, content: (from, to) => this.#content(name, file, from, to) }
  }

  /** Ends a download. What came so far is kept. */
  stop(name: MessageName): void {
    this.#running.get(nameOf(name))?.stop()
  }

  close(): void {
    this.#closed = true
    for (const { stop } of this.#running.values()) stop()
  }

  async #described(name: MessageName): Promise<FileData> {
    const part = await findPart(readerOf(this.#parts.transactions.database), name, fileType.name)
    const file = part && decodeFile(part)
    if (!file) throw new ClientError("not_found", fileTexts.none)
    return file
  }

  async #whole(name: MessageName): Promise<(SealedFile & { readonly file: string }) | undefined> {
    const sealed = await findSealedFile(readerOf(this.#parts.transactions.database), name)
    return sealed?.whole && sealed.file !== undefined ? { ...sealed, file: sealed.file } : undefined
  }

  async *#content(name: MessageName, file: FileData, from?: number, to?: number): AsyncGenerator<Uint8Array> {
    const sealed = await this.#whole(name)
    if (!sealed) throw new ClientError("file_missing", fileTexts.missing)
    try {
      yield* this.#parts.shelf.pieces(sealed.file, (stored) => new MediaReader(this.#parts.mediaCrypto, file, stored).content(from, to))
    } catch (error) {
      if (!(error instanceof MediaError)) throw error
      // The disk gave something else than was written: the server has it still.
      await this.#parts.shelf.forget(sealed)
      throw new ClientError("file_damaged", fileTexts.damaged, { cause: error })
    }
  }

  async #fetch(name: MessageName, file: FileData): Promise<void> {
    const id = nameOf(name)
    const known = this.#running.get(id)
    if (known) return await known.done
    const { promise: unwanted, resolve: stop } = Promise.withResolvers<void>()
    const done = this.#inTurn(() => this.#download(name, file, unwanted)).finally(() => this.#running.delete(id))
    this.#running.set(id, { done, stop })
    await done
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  async #download(name: MessageName, file: FileData, unwanted: Promise<void>): Promise<void> {
    const { shelf, transactions, clock } = this.#parts
    if (this.#closed) throw new NetworkError("closed", { maybeDone: false })
    const stored = await this.#place(name, file)
    let doneBytes = 0
    const show = (state: TransferView["state"], bytes: number): void => {
      doneBytes = bytes
      const ids = { chatId: toHex(name.chatId), messageId: toHex(name.messageId) }
      if (!this.#closed) this.#parts.show({ ...ids, direction: "down", state, doneBytes, totalBytes: stored.sealedBytes })
    }
    try {
      await shelf.use(stored.file, async (into) => {
        await this.#bring(file, into, { unwanted, show: (bytes) => show("running", bytes) })
        await into.flush()
      })
      await transactions.run(async (tx) => setWhole(tx, name, clock.nowMs()))
      show("done", stored.sealedBytes)
      await shelf.makeRoom()
    } catch (error) {
      show("stopped", doneBytes)
      throw this.#meant(error, file)
    }
  }

  /** The row of the file, and its name in the file store: the one in which a download was begun before. */
  async #place(name: MessageName, { blobId, size }: FileData): Promise<{ readonly file: string; readonly sealedBytes: number }> {
    const { shelf, transactions, clock } = this.#parts
    const { sealedBytes } = layoutOf(size)
    return await transactions.run(async (tx) => {
      const kept = { secret: undefined, file: undefined, whole: false, state: "kept", usedMs: clock.nowMs() } as const
      insertSealedFile(tx, { ...name, ...kept, blobId, sealedBytes })
      const file = (await findSealedFile(tx, name))?.file ?? shelf.newName()
      setFileName(tx, name, file)
      return { file, sealedBytes }
    })
  }

  async #bring(
    { blobId, ...media }: FileData,
    into: StoredFile,
    { unwanted, show }: { readonly unwanted: Promise<void>; show(bytes: number): void },
  ): Promise<void> {
    const { blobs, mediaCrypto } = this.#parts
    const reader = new MediaReader(mediaCrypto, media, into)
    const { treeBytes, sealedBytes } = reader.layout
    // The chunks that are here were checked before they were written; reading them checks them again.
    const here = await into.sizeBytes()
    const chunksHere = here > treeBytes && (await holds(reader)) ? Math.floor((here - treeBytes) / sealedChunkBytes) : undefined
    if (chunksHere === undefined) {
      let at = 0
      for await (const bytes of blobs.download(blobId, { size: treeBytes, unwanted })) {
        await into.write(at, bytes)
        at += bytes.length
      }
    }
    let chunk = Math.min(chunksHere ?? 0, reader.layout.chunks)
    let at = Math.min(treeBytes + chunk * sealedChunkBytes, sealedBytes)
    show(at)
    if (at >= sealedBytes) return
    for await (const batch of inPieces(blobs.download(blobId, { from: at, size: sealedBytes, unwanted }), batchBytes)) {
      await reader.checkChunks(chunk, batch)
      await into.write(at, batch)
      at += batch.length
      chunk += Math.ceil(batch.length / sealedChunkBytes)
      show(at)
    }
    if (at < sealedBytes) throw new MediaError("media_damaged", "the file is cut short")
  }

  #meant(error: unknown, { expiresS }: FileData): unknown {
    if (error instanceof MediaError) return new ClientError("file_damaged", fileTexts.damaged, { cause: error })
    if (!(error instanceof WireError && error.code === "blob_not_found")) return error
    const isOver = expiresS > 0 && expiresS * 1_000 < this.#parts.session.serverNowMs
    return isOver
      ? new ClientError("file_expired", fileTexts.expired, { cause: error })
      : new ClientError("file_missing", fileTexts.missing, { cause: error })
  }
}

async function holds(reader: MediaReader): Promise<boolean> {
  try {
    await reader.checkTree()
    return true
  } catch (error) {
    if (error instanceof MediaError) return false
    throw error
  }
}

function nameOf({ chatId, messageId }: MessageName): string {
  return `${toHex(chatId)}/${toHex(messageId)}`
}
