// What can be done with messages that were selected, whole and in their order.

import type { Device, Hex, MessageView } from "@nodoor/client"
import { markdownOf, mentionedIn, shownText, typedOf } from "../../text/markdown.ts"

/** Words that can be passed on or copied. */
export function hasWords(message: MessageView): boolean {
  return message.content.type === "text"
}

/** What somebody wrote or sent, and is still there. */
export function canStar({ content, order }: MessageView): boolean {
  return order !== undefined && (content.type === "text" || content.type === "file")
}

/** Those of the selected that are shown, oldest first. */
export function selectedIn(messages: readonly MessageView[], selected: ReadonlySet<Hex>): readonly MessageView[] {
  return messages.filter((message) => selected.has(message.id))
}

/** One message as its words; several with who wrote them. */
export function copied(messages: readonly MessageView[]): string {
  const texts = messages.flatMap(({ content, sender }) =>
    content.type === "text" ? [{ who: sender.name, text: shownText(content.markdown) }] : [],
  )
  return texts.length === 1 ? (texts[0]?.text ?? "") : texts.map(({ who, text }) => `${who}: ${text}`).join("\n")
}

/** Somebody whom it mentions is not called into another chat. */
function passedOn(markdown: string): string {
  return mentionedIn(markdown).length > 0 ? markdownOf(typedOf(markdown)) : markdown
}

/**
 * Sends the messages in their order to each chat. Own words are sent again as one's own; those of others are marked as passed on. Returns the
 * chats to which not all could be sent, with why.
 */
export async function forward(
  device: Pick<Device, "send">,
  messages: readonly MessageView[],
  chatIds: readonly Hex[],
): Promise<readonly { readonly chatId: Hex; readonly error: unknown }[]> {
  const failed: { chatId: Hex; error: unknown }[] = []
  for (const chatId of chatIds) {
    try {
      for (const { content, sender } of messages)
        if (content.type === "text")
          await device.send(chatId, { text: passedOn(content.markdown), ...(!sender.own && { forwarded: true }) })
    } catch (error) {
      failed.push({ chatId, error })
    }
  }
  return failed
}
