// The table of content types: what is received, written and shown is looked up here and nowhere else.

import type { PartRow } from "../store/chat/parts.ts"
import type { ContentType } from "./content-type.ts"
import { type EventContent, event } from "./event.ts"
import { type TextContent, text } from "./text.ts"
import { type UnsupportedContent, unsupported } from "./unsupported.ts"
import { type WaitingContent, waiting } from "./waiting.ts"

/** What a message shows. */
export type MessageContent = TextContent | { readonly type: "deleted" } | UnsupportedContent | WaitingContent | EventContent

export const contentTypes: readonly ContentType<MessageContent>[] = [text, unsupported, waiting, event]

/** What a person sees of a message: its first part, or that it was deleted. */
export function shownContent(message: { readonly kind: string; readonly parts: readonly PartRow[] }): MessageContent {
  const [part] = message.parts
  if (message.kind === "deleted" || !part) return { type: "deleted" }
  const type = contentTypes.find(({ name }) => name === part.kind)
  return type?.view?.(part) ?? { type: "unsupported", contentType: part.kind }
}
