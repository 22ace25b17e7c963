// Full-text search in messages. Words are compared as people compare them: without markup, case or accents.

import { foldedText } from "@nodoor/wire"
import type { Row } from "../../core/ports.ts"
import type { Reader } from "../reader.ts"
import { storable } from "./parts.ts"
import { plainText } from "../../text/plain-text.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"

/** The trigram index finds nothing shorter. */
const indexedFrom = 3
/** Messages of an older store that are indexed in one transaction. */
const atOnce = 200

/** The words of a message as the index has them. */
export function searchable(markdown: string): string {
  return foldedText(plainText(markdown))
}

/** Rows of the messages that contain the text, in one chat or in all, newest first. For one or two characters all messages are scanned: 0.1 s for 100,000. */
export async function findMessages(reader: Reader, text: string, max: number, chatId?: Uint8Array): Promise<readonly Row[]> {
  const wanted = foldedText(text.trim())
  if (wanted === "") return []
  const isIndexed = [...wanted].length >= indexedFrom
  const inChat = chatId === undefined ? "" : "AND rowid IN (SELECT row FROM message WHERE chat_id = ?)"
  return await reader.read(
    `SELECT m.* FROM (SELECT rowid AS id FROM message_search WHERE ${isIndexed ? "message_search MATCH ?" : "instr(text, ?) > 0"} ${inChat} ORDER BY rowid DESC LIMIT ?) s
       JOIN message m ON m.row = s.id ORDER BY m.time_ms DESC, m.row DESC`,
    isIndexed ? `"${wanted.replaceAll('"', '""')}"` : wanted,
    ...(chatId === undefined ? [] : [chatId]),
    max,
  )
}

/** Puts the words of a message into the index. They replace its earlier ones. */
export function indexMessage(tx: Transaction, at: { readonly chatId: Uint8Array; readonly messageId: Uint8Array }, markdown: string): void {
  tx.write(
    "INSERT OR REPLACE INTO message_search (rowid, text) SELECT row, ? FROM message WHERE chat_id = ? AND message_id = ? AND kind = 'content'",
    storable(searchable(markdown)),
    at.chatId,
    at.messageId,
  )
}

export function removeFromIndex(tx: Transaction, at: { readonly chatId: Uint8Array; readonly messageId: Uint8Array }): void {
  tx.write(
    "DELETE FROM message_search WHERE rowid = (SELECT row FROM message WHERE chat_id = ? AND message_id = ?)",
    at.chatId,
    at.messageId,
  )
}

export function removeChatFromIndex(tx: Transaction, chatId: Uint8Array): void {
  tx.write("DELETE FROM message_search WHERE rowid IN (SELECT row FROM message WHERE chat_id = ?)", chatId)
}

/** Indexes the messages of an older store, newest first and a few at a time. If it is interrupted, it continues when the store is next opened. */
export async function indexDue(transactions: Transactions, closed: () => boolean): Promise<void> {
  for (let more = true; more && !closed();) {
    more = await transactions.run(async (tx) => {
      const rows = await tx.read(
        "SELECT d.row, p.text FROM search_due d LEFT JOIN part p ON p.message_row = d.row AND p.kind = 'text' ORDER BY d.row DESC LIMIT ?",
        atOnce,
      )
      for (const { row = null, text } of rows) {
        if (typeof text === "string") tx.write("INSERT OR REPLACE INTO message_search (rowid, text) VALUES (?, ?)", row, searchable(text))
        tx.write("DELETE FROM search_due WHERE row = ?", row)
      }
      return rows.length === atOnce
    })
  }
}
