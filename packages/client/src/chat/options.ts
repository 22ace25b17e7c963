// The settings of a chat on this device: muted, pinned, archived, and the draft.

import { ClientError } from "../core/client-error.ts"
import { textLimits } from "../core/text-limits.ts"
import type { Transactions } from "../core/transaction.ts"
import { type ChatOptions, readChat, setChatOptions } from "../store/chat/chats.ts"
import { chatTexts } from "../texts/en.ts"

export async function setOptions(
  { transactions }: { readonly transactions: Pick<Transactions, "run"> },
  chatId: Uint8Array,
  options: ChatOptions,
): Promise<void> {
  if (options.draft !== undefined && [...options.draft].length > textLimits.draftCharacters)
    throw new ClientError("invalid_input", chatTexts.draftTooLong)
  await transactions.run(async (tx) => {
    await readChat(tx, chatId)
    setChatOptions(tx, chatId, options)
  })
}
