// Photos and files as this device keeps them: table `sealed_file`.

import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"
import type { MessageName } from "./messages.ts"

export interface SealedFile extends MessageName {
  readonly blobId: Uint8Array
  readonly secret: Uint8Array | undefined
  readonly file: string | undefined
  readonly sealedBytes: number
  readonly whole: boolean
  readonly state: "kept" | "sending" | "again"
  readonly usedMs: number
  readonly askedMs: number | undefined
}

export function insertSealedFile(tx: Transaction, sealed: Omit<SealedFile, "askedMs">): void {
  tx.write(
    `INSERT OR IGNORE INTO sealed_file (chat_id, message_id, blob_id, secret, file, sealed_bytes, whole, state, used_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    sealed.chatId,
    sealed.messageId,
    sealed.blobId,
    sealed.secret ?? null,
    sealed.file ?? null,
    sealed.sealedBytes,
    sealed.whole ? 1 : 0,
    sealed.state,
    sealed.usedMs,
  )
}

export async function findSealedFile(reader: Reader, { chatId, messageId }: MessageName): Promise<SealedFile | undefined> {
  const [row] = await reader.read("SELECT * FROM sealed_file WHERE chat_id = ? AND message_id = ?", chatId, messageId)
  return row && fromRow(row)
}

/** What is to be uploaded, in the order of their messages. What waits for its person, because it failed, is not. */
export async function listToUpload(reader: Reader): Promise<readonly SealedFile[]> {
  const rows = await reader.read(
    `SELECT f.* FROM sealed_file f JOIN message m ON m.chat_id = f.chat_id AND m.message_id = f.message_id
     WHERE f.state = 'again' OR (f.state = 'sending' AND EXISTS (SELECT 1 FROM outbox o WHERE o.message_id = f.message_id AND o.status = 'uploading'))
     ORDER BY m.row`,
  )
  return rows.map(fromRow)
}

/** Files whose messages are gone. `erase`: nobody is to have them any more, because the message was deleted for all or never sent. */
export async function listForgotten(reader: Reader): Promise<readonly (SealedFile & { readonly erase: boolean })[]> {
  const rows = await reader.read(
    `SELECT f.*, f.state = 'sending' OR EXISTS (SELECT 1 FROM message m WHERE m.chat_id = f.chat_id AND m.message_id = f.message_id AND m.kind = 'deleted') AS erase
     FROM sealed_file f WHERE NOT EXISTS (SELECT 1 FROM message m JOIN part p ON p.message_row = m.row AND p.kind = 'file'
       WHERE m.chat_id = f.chat_id AND m.message_id = f.message_id)`,
  )
  return rows.map((row) => ({ ...fromRow(row), erase: row["erase"] === 1 }))
}

/** What stands in the file store and may make room, what was not used for longest first. */
export async function listKeptFiles(reader: Reader): Promise<readonly SealedFile[]> {
  const rows = await reader.read("SELECT * FROM sealed_file WHERE file IS NOT NULL AND state = 'kept' ORDER BY used_ms")
  return rows.map(fromRow)
}

export async function listFileNames(reader: Reader): Promise<ReadonlySet<string>> {
  const rows = await reader.read("SELECT file FROM sealed_file WHERE file IS NOT NULL")
  return new Set(rows.map((row) => String(row["file"])))
}

/** The server has it. `askedMs`: because a member asked for it. */
export function setUploaded(tx: Transaction, { chatId, messageId }: MessageName, askedMs?: number): void {
  tx.write(
    "UPDATE sealed_file SET state = 'kept', asked_ms = COALESCE(?, asked_ms) WHERE chat_id = ? AND message_id = ?",
    askedMs ?? null,
    chatId,
    messageId,
  )
}

/** A member asks for it: it is uploaded once more, if all of it is here. Not more often than once after `untilMs`. Says whether it will be. */
export async function setWantedAgain(tx: Transaction, name: MessageName, untilMs: number): Promise<boolean> {
  const sealed = await findSealedFile(tx, name)
  if (!sealed?.whole || sealed.secret === undefined || sealed.state !== "kept" || (sealed.askedMs ?? 0) > untilMs) return false
  tx.write("UPDATE sealed_file SET state = 'again' WHERE chat_id = ? AND message_id = ?", name.chatId, name.messageId)
  return true
}

/** Where what is being downloaded goes. */
export function setFileName(tx: Transaction, { chatId, messageId }: MessageName, file: string): void {
  tx.write("UPDATE sealed_file SET file = ?, whole = 0 WHERE chat_id = ? AND message_id = ?", file, chatId, messageId)
}

export function setWhole(tx: Transaction, { chatId, messageId }: MessageName, usedMs: number): void {
  tx.write("UPDATE sealed_file SET whole = 1, used_ms = ? WHERE chat_id = ? AND message_id = ?", usedMs, chatId, messageId)
}

/** What was kept is gone from the file store; the server may have it. */
export function forgetContent(tx: Transaction, { chatId, messageId }: MessageName): void {
  tx.write("UPDATE sealed_file SET file = NULL, whole = 0 WHERE chat_id = ? AND message_id = ?", chatId, messageId)
}

export function deleteSealedFile(tx: Transaction, { chatId, messageId }: MessageName): void {
  tx.write("DELETE FROM sealed_file WHERE chat_id = ? AND message_id = ?", chatId, messageId)
}

function fromRow(row: Row): SealedFile {
  return {
    chatId: row["chat_id"] as Uint8Array,
    messageId: row["message_id"] as Uint8Array,
    blobId: row["blob_id"] as Uint8Array,
    secret: (row["secret"] as Uint8Array | null) ?? undefined,
    file: (row["file"] as string | null) ?? undefined,
    sealedBytes: Number(row["sealed_bytes"]),
    whole: row["whole"] === 1,
    state: row["state"] as SealedFile["state"],
    usedMs: Number(row["used_ms"]),
    askedMs: (row["asked_ms"] as number | null) ?? undefined,
  }
}
