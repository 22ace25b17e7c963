// Deletions and edits of messages that are not here: they may come with an archive later. Table `early_change`.

import { toHex } from "@nodoor/bytes"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

export interface EarlyChange {
  readonly chatId: Uint8Array
  /** The message that it changes. */
  readonly targetId: Uint8Array
  readonly accountId: Uint8Array
  readonly kind: "deleted" | "edited"
  readonly text: string
  readonly timeMs: number
  /** Of the change. An edit is shown as a message of its own until the message is here. */
  readonly messageId: Uint8Array
}

/** In one chat. Whoever sends more changes of what is not there is not listened to. */
const changesMax = 1_000

/** The last one of an account for a message counts, and a deletion stays one. */
export async function keepEarlyChange(tx: Transaction, change: EarlyChange): Promise<void> {
  const [row] = await tx.read("SELECT COUNT(*) AS n FROM early_change WHERE chat_id = ?", change.chatId)
  if (Number(row?.["n"] ?? 0) >= changesMax) return
  tx.write(
    `INSERT INTO early_change (chat_id, target_id, account_id, kind, text, time_ms, message_id) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET kind = excluded.kind, text = excluded.text, time_ms = excluded.time_ms, message_id = excluded.message_id
       WHERE kind = 'edited'`,
    change.chatId,
    change.targetId,
    change.accountId,
    change.kind,
    change.text,
    change.timeMs,
    change.messageId,
  )
}

/** Those of these messages. */
export async function listEarlyChanges(
  reader: Reader,
  names: readonly { readonly chatId: Uint8Array; readonly messageId: Uint8Array }[],
): Promise<readonly EarlyChange[]> {
  const rows = await reader.read(
    "SELECT e.* FROM json_each(?) CROSS JOIN early_change e ON e.chat_id = unhex(value ->> 0) AND e.target_id = unhex(value ->> 1)",
    JSON.stringify(names.map(({ chatId, messageId }) => [toHex(chatId), toHex(messageId)])),
  )
  return rows.map((row) => ({
    chatId: row["chat_id"] as Uint8Array,
    targetId: row["target_id"] as Uint8Array,
    accountId: row["account_id"] as Uint8Array,
    kind: row["kind"] as EarlyChange["kind"],
    text: String(row["text"]),
    timeMs: Number(row["time_ms"]),
    messageId: row["message_id"] as Uint8Array,
  }))
}

export function deleteEarlyChange(tx: Transaction, { chatId, targetId, accountId }: EarlyChange): void {
  tx.write("DELETE FROM early_change WHERE chat_id = ? AND target_id = ? AND account_id = ?", chatId, targetId, accountId)
}

export function deleteEarlyChangesOfChat(tx: Transaction, chatId: Uint8Array): void {
  tx.write("DELETE FROM early_change WHERE chat_id = ?", chatId)
}
