// Chats as an archive has them: table `chat`.

import type { AccountId } from "@nodoor/keylog"
import type { Transaction } from "../../core/transaction.ts"
import { queuedPosition } from "../chat/position.ts"
import { type ChatRow, chatFromRow } from "../chat/chats.ts"
import { type GroupRow, groupFromRow } from "../group/groups.ts"
import type { Reader } from "../reader.ts"

export interface ArchivedChat {
  readonly chatId: Uint8Array
  readonly kind: ChatRow["kind"]
  readonly state: ChatRow["state"]
  readonly groupId: Uint8Array
  readonly peer: AccountId | undefined
  readonly hidden: boolean
  readonly muted: boolean
  readonly pinned: boolean
  readonly archived: boolean
  readonly settled: boolean
  readonly draft: string
  readonly activityMs: number
}

/** Those that are shown, the newest first. The self group has none. */
export async function listChatsToArchive(reader: Reader): Promise<readonly (ArchivedChat & { readonly readPosition: number })[]> {
  const rows = await reader.read("SELECT * FROM chat WHERE kind != 'self' ORDER BY activity_order DESC, chat_id")
  return rows.map((row) => ({
    ...chatFromRow(row),
    muted: row["muted"] === 1, // until a time: the entry of it says so
    pinned: row["pinned"] === 1,
    archived: row["archived"] === 1,
    draft: String(row["draft"]),
    activityMs: Number(row["activity_ms"]),
  }))
}

/** Groups of those chats, by id. */
export async function listGroupsToArchive(reader: Reader): Promise<readonly GroupRow[]> {
  const rows = await reader.read(
    "SELECT g.* FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.kind != 'self' ORDER BY g.group_id",
  )
  return rows.map(groupFromRow)
}

/** The chat that goes on here: the same, the one with the same person, or the one of the same group. */
export async function findChatLike(reader: Reader, chat: Pick<ArchivedChat, "chatId" | "peer" | "groupId">): Promise<ChatRow | undefined> {
  const [row] = await reader.read(
    `SELECT * FROM chat WHERE chat_id = ? OR (kind = 'dm' AND peer = ?) OR chat_id = (SELECT chat_id FROM mls_group WHERE group_id = ?)
     ORDER BY chat_id = ? DESC LIMIT 1`,
    chat.chatId,
    chat.peer ?? null,
    chat.groupId,
    chat.chatId,
  )
  return row && chatFromRow(row)
}

/** No message counts as read until the one is here up to which they were read. */
const nothingRead = -(2 ** 52)

/** A chat that is new here. It comes below all others: chats of an archive come with the newest first. */
export function insertArchivedChat(tx: Transaction, chat: ArchivedChat): void {
  tx.write(
    `INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft, settled, activity_order)
     VALUES (?, ?, ?, ?, ?, ?, ?, ${nothingRead}, ?, ?, ?, ?, ?, (SELECT MIN(0, COALESCE(MIN(activity_order), 0)) - 1 FROM chat))`,
    chat.chatId,
    chat.kind,
    chat.state,
    chat.groupId,
    chat.peer ?? null,
    chat.hidden ? 1 : 0,
    chat.activityMs,
    chat.muted ? 1 : 0,
    chat.pinned ? 1 : 0,
    chat.archived ? 1 : 0,
    chat.draft,
    chat.settled ? 1 : 0,
  )
  tx.chatChanged(chat.chatId)
}

/**
 * A chat that is here and in which nothing has been written since this device came to it: it has the place, the marks and the draft that it had,
 * unless it was given some here.
 */
export function settleArchivedChat(tx: Transaction, chatId: Uint8Array, chat: ArchivedChat): void {
  tx.write(
    `UPDATE chat SET activity_ms = ?, activity_order = (SELECT MIN(0, COALESCE(MIN(activity_order), 0)) - 1 FROM chat), hidden = ?
     WHERE chat_id = ? AND activity_order > 0
       AND NOT EXISTS (SELECT 1 FROM message m WHERE m.chat_id = chat.chat_id AND m.position > 0 AND m.kind IN ('content', 'waiting'))`,
    chat.activityMs,
    chat.hidden ? 1 : 0,
    chatId,
  )
  tx.write(
    "UPDATE chat SET muted = ?, pinned = ?, archived = ?, draft = ? WHERE chat_id = ? AND muted = 0 AND pinned = 0 AND archived = 0 AND draft = ''",
    chat.muted ? 1 : 0,
    chat.pinned ? 1 : 0,
    chat.archived ? 1 : 0,
    chat.draft,
    chatId,
  )
  tx.chatChanged(chatId)
}

/** Everything up to this position was read when the archive was made. */
export function raiseReadPosition(tx: Transaction, chatId: Uint8Array, position: number): void {
  tx.write("UPDATE chat SET read_position = MAX(read_position, ?) WHERE chat_id = ?", Math.min(position, queuedPosition - 1), chatId)
  tx.chatChanged(chatId)
}
