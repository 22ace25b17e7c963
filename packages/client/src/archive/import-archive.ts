// Taking an archive in: what is here stays, what is not here is added, and what arrived since stays behind it. It can be interrupted anywhere
// and goes on where it was; the same archive a second time changes nothing.

import { equal } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import type { Hex } from "../core/hex.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Transaction, Transactions } from "../core/transaction.ts"
import { findImport, newestArchiveMs, saveImport } from "../store/archive/archive-imports.ts"
import { indexDue } from "../store/chat/search.ts"
import { readerOf } from "../store/reader.ts"
import type { SyncEntry } from "../store/sync/sync-entry.ts"
import { archiveError } from "./format/archive-error.ts"
import { type ArchiveSource, type ReadRecord, readHeader, readRecords } from "./format/archive-reader.ts"
import type { ArchiveKey } from "./format/header.ts"
import type { RecordOf } from "./format/record-types.ts"
import { HeadImport, type HeadRecord } from "./import-head.ts"
import { MessageImport } from "./import-messages.ts"
import type { ArchiveProgress } from "./write-archive.ts"

export interface ArchiveImportParts {
  readonly own: Pick<OwnDevice, "accountId" | "origin">
  readonly crypto: CryptoProvider
  readonly transactions: Transactions
  /** Takes in entries of what devices of the account keep the same. */
  readonly sync: (tx: Transaction, entries: readonly SyncEntry[]) => Promise<void>
  /** Chats of the archive are here: groups that were not joined can be asked for now. Called again after an interruption. */
  readonly chatsAreHere?: () => void
  readonly isClosed?: () => boolean
}

export interface ArchiveImportOptions {
  readonly source: ArchiveSource
  readonly key: ArchiveKey
  /** Takes one that is older than another one that this device made or took in. */
  readonly evenOlder?: boolean
  /**
   * Ids of the chats to take in, as the archive has them. Of the others nothing is taken, neither messages nor their place in a group; they can
   * be taken in later. Without it all are.
   */
  readonly chats?: readonly Hex[] | undefined
}

export interface ArchiveImportResult {
  /** `again`: this device had taken in already what was chosen, and nothing changed. */
  readonly status: "done" | "again"
  readonly archiveId: Uint8Array
  readonly madeAtMs: number
  /** Messages that are new here. */
  readonly messages: number
}

/** Records that are taken in by one transaction. */
const batchRecords = 500

/**
 * @throws ClientError `archive_unreadable`, `archive_newer`, `archive_key`, `archive_foreign`, `archive_older`, and nothing has changed;
 *   `archive_damaged`, `archive_incomplete`: what came before is authentic and stays; `not_found` for a chosen chat that the archive does not have
 */
export async function importArchive(
  parts: ArchiveImportParts,
  { source, key, evenOlder = false, chats }: ArchiveImportOptions,
  hears: (progress: ArchiveProgress) => void = () => undefined,
): Promise<ArchiveImportResult> {
  const { crypto, transactions } = parts
  const reader = readerOf(transactions.database)
  const header = await readHeader(crypto, source, key)
  const { archiveId } = header
  const before = await findImport(reader, archiveId)
  const isCovered = before !== undefined && (before.chats === undefined || chats?.every((id) => before.chats?.includes(id)) === true)
  const isTaken = before?.done === true && isCovered
  const head = new HeadImport(parts, chats)
  const { account, at } = await takeHead(parts, head, {
    records: readRecords(crypto, { source, header }),
    isWanted: async (first) => {
      checkAccount(parts, first)
      const newestMs = await newestArchiveMs(reader)
      if (before?.done !== true && !evenOlder && newestMs !== undefined && newestMs > first.madeAtMs) throw archiveError("archive_older")
      return !isTaken
    },
  })
  const { madeAtMs } = account
  if (isTaken) return { status: "again", archiveId, madeAtMs, messages: 0 }
  head.checkChosen()
  parts.chatsAreHere?.()
  // What an earlier import has brought whole stays brought.
  const taking = {
    archiveId,
    madeMs: madeAtMs,
    chats: chats && [...new Set([...(before?.done === true ? (before.chats ?? []) : []), ...chats])],
  }
  const messages = new MessageImport(parts, head, taking)
  await messages.open(reader)
  const fromAt = Math.max(at, isCovered ? before.nextAt : 0)
  const records = readRecords(crypto, { source, header, fromAt })
  let batch: RecordOf<"message">[] = []
  const flush = async (nextAt: number): Promise<void> => {
    const taken = batch
    batch = []
    await messages.take(taken, nextAt)
    hears({ done: Math.min(messages.seen, head.messages), total: head.messages })
  }
  for (let readAt = fromAt; ;) {
    // What came before an interruption is kept.
    const next = await records.next().catch(async (error: unknown) => {
      await flush(readAt)
      throw error
    })
    if (next.done === true) throw archiveError("archive_incomplete")
    const { record, nextAt } = next.value
    readAt = nextAt
    if (record.type === "message" && head.isChosen(record.chat)) batch.push(record)
    if (batch.length === batchRecords || record.type === "end") await flush(nextAt)
    if (record.type !== "end") continue
    await transactions.run(async (tx) => saveImport(tx, { ...taking, nextAt, done: true }))
    await indexDue(transactions, parts.isClosed ?? (() => false))
    return { status: "done", archiveId, madeAtMs, messages: messages.added }
  }
}

/** Everything before the messages. `at`: where they begin. `isWanted` throws for an archive that is not to be taken, false needs no more of it. */
async function takeHead(
  { transactions }: ArchiveImportParts,
  head: HeadImport,
  {
    records,
    isWanted,
  }: { readonly records: AsyncIterable<ReadRecord>; readonly isWanted: (account: RecordOf<"account">) => Promise<boolean> },
): Promise<{ readonly account: RecordOf<"account">; readonly at: number }> {
  let account: RecordOf<"account"> | undefined
  let at = 0
  let batch: HeadRecord[] = []
  const flush = async (): Promise<void> => {
    const taken = batch
    batch = []
    if (taken.length > 0) await transactions.run((tx) => head.take(tx, taken))
  }
  for await (const { record, nextAt } of records) {
    if (record.type === "message" || record.type === "end") break
    if (record.type !== "account") batch.push(record)
    else if (!(await isWanted((account = record)))) break
    if (batch.length === batchRecords) await flush()
    at = nextAt
  }
  await flush()
  if (!account) throw archiveError("archive_damaged")
  return { account, at }
}

/** @throws ClientError `archive_foreign` */
function checkAccount({ own }: ArchiveImportParts, account: RecordOf<"account">): void {
  if (!equal(account.accountId, own.accountId) || account.origin !== own.origin) throw archiveError("archive_foreign")
}
