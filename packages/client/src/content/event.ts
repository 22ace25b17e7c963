// A line about something that happened in the chat, such as a new name. The device stores it itself (`insertEvent`).

import type { ChatEvent } from "../store/chat/chat-event.ts"
import type { ContentType } from "./content-type.ts"

/** Something that happened in the chat. */
export interface EventContent {
  readonly type: "event"
  readonly event: ChatEvent
}

export const event: ContentType<never, EventContent> = {
  name: "event",
  view: (part) => ({ type: "event", event: JSON.parse(part.text) as ChatEvent }),
}
