// Editing a message. Only the account that wrote it may (draft-ietf-mimi-content-08 §3.2).

import { showsNothing } from "@nodoor/wire"
import { keepEarlyChange } from "../store/archive/early-changes.ts"
import { replaceText } from "../store/chat/messages.ts"
import { changeShared } from "../store/chat/shared-messages.ts"
import { isDeletedForMe } from "../store/sync/marks.ts"
import { markdownPart, textOf } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { readOwnText } from "./own-message.ts"
import { checkedText, textContent } from "./text.ts"

export interface EditInput {
  readonly messageId: Uint8Array
  readonly markdown: string
}

export const edit: ContentType<EditInput, never> = {
  name: "edit",
  compose: async (writing, { messageId, markdown }) => {
    const checked = checkedText(markdown)
    await readOwnText(writing, messageId)
    const id = await writing.queue({ part: markdownPart(checked), replaces: messageId })
    const { tx, group, timeMs } = writing
    await replaceText(tx, { chatId: group.chatId, messageId, text: checked, timeMs })
    return id
  },
  accepts: ({ part, replaces }) => replaces !== undefined && textOf(part) !== undefined,
  receive: async (arrival) => {
    const { tx, chat, target, replaces, timeMs } = arrival
    const markdown = textOf(arrival.part) ?? ""
    if (showsNothing(markdown) || !replaces) return
    if (!target && (await isDeletedForMe(tx, arrival.group.groupId, replaces))) return
    if (!target) {
      // This device has not got the message, so the new text is shown as one. The message may come later, with an archive of the account.
      const { sender, messageId } = arrival
      const change = {
        chatId: chat.chatId,
        targetId: replaces,
        accountId: sender.accountId,
        kind: "edited",
        text: markdown,
        timeMs,
        messageId,
      } as const
      await keepEarlyChange(tx, change)
      if (await changeShared(tx, { chatId: chat.chatId, messageId: replaces, accountId: sender.accountId, markdown })) return
      return await arrival.insert(textContent(markdown))
    }
    if (target.hasText) await replaceText(tx, { chatId: chat.chatId, messageId: replaces, text: markdown, timeMs })
  },
}
