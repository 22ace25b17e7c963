// Reactions to messages: table `reaction`.

import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface Reaction {
  readonly chatId: Uint8Array
  /** The message with the reaction. */
  readonly targetId: Uint8Array
  readonly accountId: Uint8Array
  readonly emoji: string
}

/** The id of the message that carried the reaction. */
export async function findReaction(reader: Reader, { chatId, targetId, accountId, emoji }: Reaction): Promise<Uint8Array | undefined> {
  const [row] = await reader.read(
    "SELECT message_id FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ? AND emoji = ?",
    chatId,
    targetId,
    accountId,
    emoji,
  )
  return row && (row["message_id"] as Uint8Array)
}

export async function countReactions(reader: Reader, { chatId, targetId, accountId }: Omit<Reaction, "emoji">): Promise<number> {
  const [row] = await reader.read(
    "SELECT COUNT(*) AS n FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ?",
    chatId,
    targetId,
    accountId,
  )
  return Number(row?.["n"] ?? 0)
}

export function insertReaction(tx: Transaction, reaction: Reaction & { readonly messageId: Uint8Array }): void {
  const { chatId, targetId, accountId, emoji, messageId } = reaction
  tx.write(
    "INSERT OR REPLACE INTO reaction (chat_id, target_id, account_id, emoji, message_id) VALUES (?, ?, ?, ?, ?)",
    chatId,
    targetId,
    accountId,
    emoji,
    messageId,
  )
  tx.messageChanged(chatId, targetId)
}

export function deleteReaction(tx: Transaction, { chatId, targetId, accountId, emoji }: Reaction): void {
  tx.write("DELETE FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ? AND emoji = ?", chatId, targetId, accountId, emoji)
  tx.messageChanged(chatId, targetId)
}

/** Removes the reaction that this message carried, if the same account sent it. */
export async function withdrawReaction(
  tx: Transaction,
  { chatId, messageId, accountId }: { readonly chatId: Uint8Array; readonly messageId: Uint8Array; readonly accountId: Uint8Array },
): Promise<void> {
  const carried = "chat_id = ? AND message_id = ? AND account_id = ?"
  const [row] = await tx.read(`SELECT target_id FROM reaction WHERE ${carried}`, chatId, messageId, accountId)
  if (!row) return
  tx.write(`DELETE FROM reaction WHERE ${carried}`, chatId, messageId, accountId)
  tx.messageChanged(chatId, row["target_id"] as Uint8Array)
}

export function deleteReactionsTo(tx: Transaction, chatId: Uint8Array, targetId: Uint8Array): void {
  tx.write("DELETE FROM reaction WHERE chat_id = ? AND target_id = ?", chatId, targetId)
}

export function deleteReactionsOfChat(tx: Transaction, chatId: Uint8Array): void {
  tx.write("DELETE FROM reaction WHERE chat_id = ?", chatId)
}
