// A line of a chat's history that nobody typed. The device writes it itself (`insertEvent`).

import type { ChatEvent } from "../store/chat/chat-event.ts"
import type { ContentType } from "./content-type.ts"

/** A line of the chat's history that nobody typed. */
export interface EventContent {
  readonly type: "event"
  readonly event: ChatEvent
}

export const event: ContentType<never, EventContent> = {
  name: "event",
  view: (part) => ({ type: "event", event: JSON.parse(part.text) as ChatEvent }),
}
