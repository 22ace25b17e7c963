// The settings of a chat: muted, pinned, archived, marked as unread, its folder, and the draft.

import { ClientError } from "../core/client-error.ts"
import { type SyncNotes, chatName, chatOptionNames, syncKeys } from "../store/sync/sync-entry.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import type { Transactions } from "../core/transaction.ts"
import { type ChatOptions, readChat, setChatOptions } from "../store/chat/chats.ts"
import { chatTexts } from "../texts/en.ts"
import { keepFolder } from "./folders.ts"

export interface OptionParts {
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
}

export async function setOptions({ transactions, sync }: OptionParts, chatId: Uint8Array, asked: ChatOptions): Promise<void> {
  const options = {
    ...asked,
    ...(asked.folder !== undefined && { folder: checkedFolder(asked.folder) }),
    ...(typeof asked.muted === "number" && { muted: checkedTime(asked.muted) }),
  }
  if (options.draft !== undefined && [...options.draft].length > textLimits.draftCharacters)
    throw new ClientError("invalid_input", chatTexts.draftTooLong)
  await transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    setChatOptions(tx, chatId, options)
    if (options.folder) await keepFolder({ sync }, tx, options.folder)
    for (const name of chatOptionNames) {
      const value = options[name]
      if (value !== undefined) await sync.synced(tx, syncKeys.chat(chatName(chat), name), value)
    }
  })
}

/** 0 and 1 are no times: in the store they say whether a chat is muted at all. @throws ClientError `invalid_input` */
function checkedTime(ms: number): number {
  if (!Number.isSafeInteger(ms) || ms < 2) throw new ClientError("invalid_input", chatTexts.noTime)
  return ms
}

/** '' takes the chat out of its folder. @throws ClientError `invalid_input` */
function checkedFolder(folder: string): string {
  return folder === "" ? "" : checkedName(folder, textLimits.folderCharacters)
}
