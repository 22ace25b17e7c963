// Chats as the list and the messages know them: table `chat`.

import type { AccountId } from "@nodoor/keylog"
import { ClientError } from "../../core/client-error.ts"
import type { Row } from "../../core/ports.ts"
import type { Reader } from "../reader.ts"

export type ChatKind = "dm" | "group" | "self"
export interface ChatRow {
  readonly chatId: Uint8Array
  readonly kind: ChatKind
  readonly state: "active" | "request" | "left" | "halted"
  readonly groupId: Uint8Array
  readonly peer: AccountId | undefined
  readonly hidden: boolean
  readonly readPosition: number
  /** The other person has written in the group of a dm: no other group takes its place while it lives. */
  readonly settled: boolean
}

export async function findChat(reader: Reader, chatId: Uint8Array): Promise<ChatRow | undefined> {
  const [row] = await reader.read("SELECT * FROM chat WHERE chat_id = ?", chatId)
  return row && chatFromRow(row)
}

/** @throws ClientError `not_found` */
export async function readChat(reader: Reader, chatId: Uint8Array): Promise<ChatRow> {
  const chat = await findChat(reader, chatId)
  if (!chat) throw new ClientError("not_found", "There is no such chat on this device.")
  return chat
}

export async function findDm(reader: Reader, peer: Uint8Array): Promise<ChatRow | undefined> {
  const [row] = await reader.read("SELECT * FROM chat WHERE kind = 'dm' AND peer = ?", peer)
  return row && chatFromRow(row)
}

export function chatFromRow(row: Row): ChatRow {
  return {
    chatId: row["chat_id"] as Uint8Array,
    kind: row["kind"] as ChatKind,
    state: row["state"] as ChatRow["state"],
    groupId: row["group_id"] as Uint8Array,
    peer: (row["peer"] as AccountId | null) ?? undefined,
    hidden: row["hidden"] === 1,
    readPosition: Number(row["read_position"]),
    settled: row["settled"] === 1,
  }
}
