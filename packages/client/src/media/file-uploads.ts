// Brings files that were sealed here to the server, one after the other; the message goes when its file is there. What is uploaded is the sealed file
// from the disk, so that an upload which is interrupted, also by a restart, goes on with the very same bytes.

import { toHex } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { FileAgainInput } from "../content/file-again.ts"
import type { Changes } from "../core/changes.ts"
import { ClientError, NetworkError, asClientError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { Blobs, Clock, StoredFile } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import { StoreError } from "../core/store-error.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { setUnsent } from "../store/chat/outgoing.ts"
import { type SealedFile, findSealedFile, listToUpload, setUploaded } from "../store/chat/sealed-files.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { findUploading, releaseUploaded, setFailed } from "../store/group/outbox.ts"
import { findMessage } from "../store/chat/messages.ts"
import { readerOf } from "../store/reader.ts"
import { fileTexts } from "../texts/en-file.ts"
import type { TransferView } from "../view/transfer-view.ts"
import type { FileShelf } from "./file-shelf.ts"

const uploadJob = "files-upload"
const sweepJob = "files-sweep"
const backoff = { firstMs: 1_000, lastMs: 600_000 }
/** For how long the server keeps a file. Two months begun: one pass pays for two gigabytes. */
export const keepDays = 60
/** After messages changed: many changes are one look. */
const sweepMs = 2_000
const readBytes = 1_048_576
/** Refusals that another try can help against. */
const passing: readonly string[] = [
  "unavailable",
  "internal",
  "rate_limited",
  "blob_offset",
  "blob_not_found",
  "pass_invalid",
  "pass_used_up",
  "token_invalid",
  "token_spent",
]

export interface FileUploadParts {
  readonly shelf: FileShelf
  readonly blobs: Blobs
  readonly clock: Clock
  readonly session: Pick<Session, "serverNowMs">
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly transactions: Transactions
  kick(groupId: Uint8Array): void
  /** Queues that a file is on the server again. */
  tell(tx: Transaction, group: GroupRow, input: FileAgainInput): Promise<unknown>
  show(transfer: TransferView): void
}

export class FileUploads implements Part {
  readonly #parts: FileUploadParts
  #closed = false
  /** Ends the upload that is under way. */
  #stop = (): void => {}

  constructor(parts: FileUploadParts) {
    this.#parts = parts
    parts.jobs.register({ kind: uploadJob, whileOnline: true, backoff, run: () => this.#run() })
    parts.jobs.register({ kind: sweepJob, whileOnline: true, backoff, run: () => this.#sweep() })
  }

  /** Something is to be uploaded, or no longer. */
  due(): void {
    this.#parts.jobs.schedule({ kind: uploadJob, inMs: 0 })
    this.#parts.jobs.schedule({ kind: sweepJob, inMs: 0 })
  }

  /** Messages changed: the files of those that are gone go, too. */
  changed({ messages }: Pick<Changes, "messages">): void {
    if (messages.size > 0 && this.#parts.shelf.mayHold) this.#parts.jobs.schedule({ kind: sweepJob, inMs: sweepMs, keepSooner: true })
  }

  online(): void {
    this.due()
  }

  offline(): void {}

  close(): void {
    this.#closed = true
    this.#stop()
  }

  async #run(): Promise<JobEnd> {
    const reader = readerOf(this.#parts.transactions.database)
    for (const tried = new Set<string>(); !this.#closed;) {
      const next = (await listToUpload(reader)).find((one) => !tried.has(nameOf(one)))
      if (!next) return
      tried.add(nameOf(next))
      if ((await this.#upload(next)) === "failed") return "failed"
    }
    return undefined
  }

  async #upload(sealed: SealedFile): Promise<"failed" | undefined> {
    const { promise: unwanted, resolve: stop } = Promise.withResolvers<void>()
    this.#stop = stop
    try {
      await this.#bring(sealed, unwanted, stop)
      await this.#arrived(sealed)
      this.#show(sealed, "done", sealed.sealedBytes)
    } catch (error) {
      if (this.#closed) return undefined
      if (!(await this.#isWanted(sealed))) {
        // What came of it on the server and here is erased.
        this.#parts.jobs.schedule({ kind: sweepJob, inMs: 0 })
        return undefined
      }
      this.#show(sealed, "stopped", 0)
      if (error instanceof NetworkError || (error instanceof StoreError && error.passes)) return "failed"
      if (error instanceof ClientError && error.code !== "file_missing") return "failed"
      if (error instanceof WireError && passing.includes(error.code)) return "failed"
      await this.#failed(sealed, asClientError(error))
    }
    return undefined
  }

  async #bring(sealed: SealedFile, unwanted: Promise<void>, stop: () => void): Promise<void> {
    const { shelf, blobs } = this.#parts
    const { file: name, blobId: id, secret, sealedBytes: size } = sealed
    if (name === undefined || secret === undefined) throw new ClientError("file_missing", fileTexts.gone)
    const keys = { id, secret }
    if (sealed.state === "again" && (await this.#extended(keys))) return
    await shelf.use(name, async (file) => {
      if ((await file.sizeBytes()) < size) throw new ClientError("file_missing", fileTexts.gone)
      const onProgress = (sentBytes: number): void => {
        this.#show(sealed, "running", sentBytes)
        // Its person may have stopped it meanwhile.
        this.#isWanted(sealed).then((wanted) => !wanted && stop(), stop)
      }
      onProgress(0)
      await blobs.upload((from) => bytesFrom(file, from, size), { size, keepDays, keys, onProgress, unwanted })
    })
  }

  /** Whether the server still had it, and keeps it for longer now. */
  async #extended(keys: { readonly id: Uint8Array; readonly secret: Uint8Array }): Promise<boolean> {
    try {
      await this.#parts.blobs.extend(keys, keepDays)
      return true
    } catch (error) {
      if (error instanceof WireError && error.code === "blob_not_found") return false
      throw error
    }
  }

  async #arrived(sealed: SealedFile): Promise<void> {
    const { transactions, clock, session, kick, tell } = this.#parts
    await transactions.run(async (tx) => {
      const { messageId, chatId, state } = sealed
      if (state === "again") {
        setUploaded(tx, sealed, clock.nowMs())
        const message = await findMessage(tx, chatId, messageId)
        const group = message && (await findGroup(tx, message.groupId))
        const expiresS = Math.floor(session.serverNowMs / 1_000) + keepDays * 86_400
        if (message?.hasFile && group?.status === "active") await tell(tx, group, { messageId, expiresS })
        return
      }
      const groupId = await releaseUploaded(tx, messageId)
      // Its person stopped it in the last moment: it counts as never sent, and is erased.
      if (!groupId) return tx.after(() => this.due())
      setUploaded(tx, sealed)
      tx.after(() => kick(groupId))
    })
  }

  async #isWanted(sealed: SealedFile): Promise<boolean> {
    const reader = readerOf(this.#parts.transactions.database)
    if (sealed.state === "sending") return (await findUploading(reader, sealed.messageId)) !== undefined
    return (await findSealedFile(reader, sealed))?.state === "again"
  }

  /** The message says why, and its person can send it again. Who asked for a file again hears nothing. */
  async #failed(sealed: SealedFile, error: unknown): Promise<void> {
    if (!(error instanceof ClientError)) throw error
    await this.#parts.transactions.run(async (tx) => {
      if (sealed.state === "again") return setUploaded(tx, sealed)
      const item = await findUploading(tx, sealed.messageId)
      if (!item) return
      setFailed(tx, item)
      setUnsent(tx, sealed, error)
    })
  }

  async #sweep(): Promise<JobEnd> {
    const { shelf, blobs } = this.#parts
    let failed = false
    try {
      await shelf.sweep(async ({ blobId: id, secret }) => {
        try {
          if (secret) await blobs.delete({ id, secret })
          return true
        } catch (error) {
          if (!(error instanceof NetworkError || error instanceof WireError)) throw error
          failed = true
          return false
        }
      })
      await shelf.makeRoom()
    } catch (error) {
      if (this.#closed || error instanceof StoreError) return "failed"
      throw error
    }
    return failed ? "failed" : undefined
  }

  #show({ chatId, messageId, sealedBytes }: SealedFile, state: TransferView["state"], doneBytes: number): void {
    const ids = { chatId: toHex(chatId), messageId: toHex(messageId) }
    if (!this.#closed) this.#parts.show({ ...ids, direction: "up", state, doneBytes, totalBytes: sealedBytes })
  }
}

function nameOf({ chatId, messageId }: SealedFile): string {
  return `${toHex(chatId)}/${toHex(messageId)}`
}

async function* bytesFrom(file: StoredFile, from: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < end;) {
    const bytes = await file.read(at, Math.min(readBytes, end - at))
    if (bytes.length === 0) return
    at += bytes.length
    yield bytes
  }
}
