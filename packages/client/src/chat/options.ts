// The settings of a chat: muted, pinned, archived, its folder, and the draft.

import { ClientError } from "../core/client-error.ts"
import { type SyncNotes, chatName, chatOptionNames, syncKeys } from "../store/sync/sync-entry.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import type { Transactions } from "../core/transaction.ts"
import { type ChatOptions, readChat, setChatOptions } from "../store/chat/chats.ts"
import { chatTexts } from "../texts/en.ts"

export interface OptionParts {
  readonly transactions: Pick<Transactions, "run">
  readonly sync: SyncNotes
}

export async function setOptions({ transactions, sync }: OptionParts, chatId: Uint8Array, asked: ChatOptions): Promise<void> {
  const options = asked.folder === undefined ? asked : { ...asked, folder: checkedFolder(asked.folder) }
  if (options.draft !== undefined && [...options.draft].length > textLimits.draftCharacters)
    throw new ClientError("invalid_input", chatTexts.draftTooLong)
  await transactions.run(async (tx) => {
    const chat = await readChat(tx, chatId)
    setChatOptions(tx, chatId, options)
    for (const name of chatOptionNames) {
      const value = options[name]
      if (value !== undefined) await sync.synced(tx, syncKeys.chat(chatName(chat), name), value)
    }
  })
}

/** '' takes the chat out of its folder. @throws ClientError `invalid_input` */
function checkedFolder(folder: string): string {
  return folder === "" ? "" : checkedName(folder, textLimits.folderCharacters)
}
