// The folders of the list of chats: their order is an entry that all devices of the account share, and each chat names the one that it is in.

import { syncKeys } from "../sync/sync-entry.ts"
import type { Reader } from "../reader.ts"
import { findValue } from "../sync/entries.ts"

/** In their order. One that only a chat names, because two devices changed it at the same time, comes last. */
export async function listFolders(reader: Reader): Promise<readonly string[]> {
  const kept = await findValue(reader, syncKeys.folders)
  const named = await reader.read("SELECT DISTINCT folder FROM chat WHERE folder != '' AND hidden = 0 ORDER BY folder")
  return [...new Set([...(Array.isArray(kept) ? kept.map(String) : []), ...named.map((row) => String(row["folder"]))])]
}

export interface FolderMember {
  readonly chatId: Uint8Array
  readonly peer: Uint8Array | undefined
}

export async function listChatsIn(reader: Reader, folder: string): Promise<readonly FolderMember[]> {
  const rows = await reader.read("SELECT chat_id, peer FROM chat WHERE folder = ? ORDER BY chat_id", folder)
  return rows.map((row) => ({ chatId: row["chat_id"] as Uint8Array, peer: (row["peer"] as Uint8Array | null) ?? undefined }))
}
