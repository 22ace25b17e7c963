// Takes in the history that another own device hands over to this one, part by part as they come. It can be interrupted anywhere and goes on
// where it was. What is gone when this device comes to it, or never came, is asked for again, of one own device after the other.

import { equal } from "@nodoor/bytes"
import type { DeviceId } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { WireError } from "@nodoor/wire"
import { importArchive } from "../archive/import-archive.ts"
import { ClientError, NetworkError } from "../core/client-error.ts"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Blobs } from "../core/ports.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { findSelfGroup } from "../store/group/own-groups.ts"
import { type HistoryPart, deleteHistoryDue, deleteHistoryParts, isHistoryDue, listHistoryParts } from "../store/history-transfer.ts"
import { readerOf } from "../store/reader.ts"
import type { SyncEntry } from "../store/sync/sync-entry.ts"
import type { Trust } from "../trust/trust.ts"
import type { LinkView } from "../view/link-view.ts"
import { failureOf } from "./old-link.ts"

const kind = "history-take"
const backoff = { firstMs: 1_000, lastMs: 600_000 }
const askKind = "history-ask"
/** As long an own device has that should give it, or that was asked; then another one is asked. */
const patience = { firstMs: 15 * 60_000, lastMs: 6 * 3_600_000 } as const
/** The archive as it stands at the server is no good, whoever reads it. */
const spoilt: readonly string[] = ["blob_not_found", "archive_damaged", "archive_incomplete", "archive_key"]

export interface HistoryTakingParts {
  readonly own: OwnDevice
  readonly crypto: CryptoProvider
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly transactions: Transactions
  readonly blobs: Blobs
  readonly trust: Pick<Trust, "latest">
  /** Queues a question for the history to an own device. */
  ask(tx: Transaction, group: GroupRow, deviceId: DeviceId): Promise<unknown>
  readonly sync: { takeArchived(tx: Transaction, entries: readonly SyncEntry[]): Promise<void> }
  show(view: LinkView): void
}

export class HistoryTaking implements Part {
  readonly #parts: HistoryTakingParts
  readonly #closing = Promise.withResolvers<void>()
  #closed = false
  /** Resolves when another part has come. */
  #next = Promise.withResolvers<void>()

  constructor(parts: HistoryTakingParts) {
    this.#parts = parts
    parts.jobs.register({ kind, whileOnline: true, backoff, run: () => this.#run() })
    parts.jobs.register({ kind: "history-ask", whileOnline: true, stored: true, backoff: patience, run: (_, tries) => this.#ask(tries) })
  }

  /** A part is stored. */
  arrived(): void {
    this.#next.resolve()
    this.#next = Promise.withResolvers()
    this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true })
  }

  online(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true })
    const { own, transactions, jobs } = this.#parts
    isHistoryDue(readerOf(transactions.database), own.deviceId).then(
      (isDue) => isDue && jobs.schedule({ kind: askKind, inMs: patience.firstMs, keepSooner: true }),
      () => undefined,
    )
  }

  offline(): void {}

  close(): void {
    this.#closed = true
    this.#closing.resolve()
    this.#next.resolve()
  }

  async #run(): Promise<JobEnd> {
    const { own, crypto, transactions, sync, show } = this.#parts
    const reader = readerOf(transactions.database)
    if (!(await isHistoryDue(reader, own.deviceId))) return
    const [first] = await listHistoryParts(reader)
    if (!first) return
    try {
      await importArchive(
        {
          own,
          crypto,
          transactions,
          sync: (tx, entries) => sync.takeArchived(tx, entries),
          isClosed: () => this.#closed,
        },
        { source: { read: (from) => this.#read(first, from) }, key: { kind: "given", key: first.archiveKey }, evenOlder: true },
        (progress) => show({ role: "new", step: "transferring", progress }),
      )
    } catch (error) {
      if (this.#closed) return
      if (!(error instanceof ClientError || error instanceof WireError || error instanceof NetworkError)) throw error
      const isGone = error instanceof WireError && error.code === "blob_not_found"
      if (isGone) show({ role: "new", step: "transferring" })
      else if (!(error instanceof NetworkError)) show({ role: "new", step: "failed", failure: failureOf(error) })
      if (error instanceof NetworkError || !spoilt.includes(error.code)) return "failed"
      await transactions.run(async (tx) => {
        deleteHistoryParts(tx)
        this.#parts.jobs.schedule({ kind: askKind, inMs: 0 }, tx)
      })
      return
    }
    await transactions.run(async (tx) => {
      deleteHistoryParts(tx)
      deleteHistoryDue(tx, own.deviceId)
    })
    show({ role: "new", step: "done" })
  }

  /** Asks one own device, and another one if nothing comes. */
  async #ask(tries: number): Promise<JobEnd> {
    const { own, transactions, trust, ask } = this.#parts
    const others = (await trust.latest(own.accountId))?.state.devices.filter(({ deviceId }) => !equal(deviceId, own.deviceId)) ?? []
    return await transactions.run(async (tx): Promise<JobEnd> => {
      if (!(await isHistoryDue(tx, own.deviceId))) return
      if ((await listHistoryParts(tx)).length > 0) return { againInMs: patience.firstMs }
      const groupId = await findSelfGroup(tx)
      const group = groupId && (await findGroup(tx, groupId))
      const asked = others[tries % Math.max(others.length, 1)]
      if (group?.status === "active" && asked) await ask(tx, group, asked.deviceId)
      return "failed"
    })
  }

  /** The archive from a byte on. Waits for parts that have not come. */
  async *#read(first: HistoryPart, fromByte: number): AsyncGenerator<Uint8Array> {
    let from = fromByte
    for (let number = 0; ; number++) {
      const part = await this.#part(first, number)
      if (from < part.size) yield* this.#parts.blobs.download(part.blobId, { from, size: part.size, unwanted: this.#closing.promise })
      from = Math.max(0, from - part.size)
      if (part.last) return
    }
  }

  /** @throws NetworkError when the device closes, or the archive was begun anew */
  async #part(first: HistoryPart, number: number): Promise<HistoryPart> {
    for (;;) {
      const { promise } = this.#next
      const parts = await listHistoryParts(readerOf(this.#parts.transactions.database))
      const part = parts[number]
      if (this.#closed || !parts[0] || !equal(parts[0].archiveKey, first.archiveKey))
        throw new NetworkError("interrupted", { maybeDone: false })
      if (part) return part
      await promise
    }
  }
}
