// The parts of messages: table `part`. The kind of a part is the name of a content type, which defines what text and data mean.

import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface PartRow {
  readonly kind: string
  readonly text: string
  readonly data: Uint8Array | undefined
}

/** `data` is optional: most content types keep text only. */
export type NewPart = Pick<PartRow, "kind" | "text"> & { readonly data?: Uint8Array | undefined }

interface MessageName {
  readonly chatId: Uint8Array
  readonly messageId: Uint8Array
}

/** SQL for the row of a message. Parameters: chat id, message id. */
const rowSql = "(SELECT row FROM message WHERE chat_id = ? AND message_id = ?)"

export function insertParts(tx: Transaction, { chatId, messageId }: MessageName, parts: readonly NewPart[]): void {
  for (const [number, { kind, text, data }] of parts.entries())
    tx.write(
      `INSERT INTO part (message_row, number, kind, text, data) VALUES (${rowSql}, ?, ?, ?, ?)`,
      chatId,
      messageId,
      number,
      kind,
      storable(text),
      data ?? null,
    )
}

/** Replaces the text of the part of this kind. */
export function replacePartText(tx: Transaction, { chatId, messageId }: MessageName, part: NewPart): void {
  tx.write(`UPDATE part SET text = ? WHERE message_row = ${rowSql} AND kind = ?`, storable(part.text), chatId, messageId, part.kind)
}

export function replacePartData(
  tx: Transaction,
  { chatId, messageId }: MessageName,
  { kind, data }: { kind: string; data: Uint8Array },
): void {
  tx.write(`UPDATE part SET data = ? WHERE message_row = ${rowSql} AND kind = ?`, data, chatId, messageId, kind)
  tx.messageChanged(chatId, messageId)
}

export async function findPart(reader: Reader, { chatId, messageId }: MessageName, kind: string): Promise<PartRow | undefined> {
  const [row] = await reader.read(`SELECT kind, text, data FROM part WHERE message_row = ${rowSql} AND kind = ?`, chatId, messageId, kind)
  return row && partFromRow(row)
}

export function deleteParts(tx: Transaction, { chatId, messageId }: MessageName): void {
  tx.write(`DELETE FROM part WHERE message_row = ${rowSql}`, chatId, messageId)
}

export function deletePartsOfChat(tx: Transaction, chatId: Uint8Array): void {
  tx.write("DELETE FROM part WHERE message_row IN (SELECT row FROM message WHERE chat_id = ?)", chatId)
}

/** The parts of each message, by its row and in their order. */
export async function listParts(reader: Reader, messageRows: readonly number[]): Promise<ReadonlyMap<number, readonly PartRow[]>> {
  const rows = await reader.read(
    "SELECT message_row, kind, text, data FROM part WHERE message_row IN (SELECT value FROM json_each(?)) ORDER BY message_row, number",
    JSON.stringify(messageRows),
  )
  const out = new Map<number, PartRow[]>()
  for (const row of rows) {
    const parts = out.get(Number(row["message_row"]))
    if (parts) parts.push(partFromRow(row))
    else out.set(Number(row["message_row"]), [partFromRow(row)])
  }
  return out
}

function partFromRow(row: Row): PartRow {
  return { kind: String(row["kind"]), text: String(row["text"]), data: row["data"] instanceof Uint8Array ? row["data"] : undefined }
}

/** One of the two SQLite drivers cuts text at U+0000, so it is replaced. */
export function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD")
}
