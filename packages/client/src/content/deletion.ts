// Deleting a message for everybody. Only the account that wrote it may (draft-ietf-mimi-content-08 §3.2).

import { keepEarlyChange } from "../store/archive/early-changes.ts"
import { eraseContent } from "../store/chat/messages.ts"
import { changeShared } from "../store/chat/shared-messages.ts"
import { nullPart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { dispositions } from "./mimi/content.ts"
import { readOwnContent } from "./own-message.ts"

export interface DeletionInput {
  readonly messageId: Uint8Array
}

export const deletion: ContentType<DeletionInput, never> = {
  name: "deletion",
  compose: async (writing, { messageId }) => {
    await readOwnContent(writing, messageId)
    const id = await writing.queue({ part: nullPart(dispositions.render), replaces: messageId })
    await eraseContent(writing.tx, { chatId: writing.group.chatId, messageId })
    return id
  },
  accepts: ({ part, replaces }) => replaces !== undefined && part.cardinality === "null",
  receive: async ({ tx, chat, sender, target, replaces, messageId, timeMs }) => {
    const { chatId } = chat
    if (target && replaces) await eraseContent(tx, { chatId, messageId: replaces })
    if (!target && replaces) await changeShared(tx, { chatId, messageId: replaces, accountId: sender.accountId })
    // The message may come later, with an archive of the account.
    if (!target && replaces)
      await keepEarlyChange(tx, { chatId, targetId: replaces, accountId: sender.accountId, kind: "deleted", text: "", timeMs, messageId })
  },
}
