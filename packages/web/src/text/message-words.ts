// What stands in the place of a message's words where there is room for one line: lists, quotes, what is read aloud.

import type { MessageContent } from "@nodoor/client"
import { plainText } from "./markdown.ts"

const wordless: Readonly<Record<Exclude<MessageContent["type"], "text" | "event"> | "absent", string>> = {
  deleted: "Deleted message",
  waiting: "A message that could not be opened",
  unsupported: "A message this version cannot show",
  absent: "A message that is not on this device",
}

export function messageWords(message: { readonly kind: MessageContent["type"] | "absent"; readonly text: string }): string {
  return message.kind === "text" || message.kind === "event" ? plainText(message.text) : wordless[message.kind]
}
