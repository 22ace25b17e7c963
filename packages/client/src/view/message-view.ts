// What a person sees of a message.

import type { Hex } from "../core/hex.ts"
import type { MessageContent } from "../content/types.ts"

export type { FileContent } from "../content/file.ts"
export type { MessageContent } from "../content/types.ts"

/** `queued`: stored here, not yet taken by the server. `sent`: on the server's disk. `delivered`/`read`: by every other member. */
export type DeliveryStatus = "queued" | "sent" | "delivered" | "read" | "failed"

export interface MessageView {
  /** MIMI message id, 32 bytes; for events a local id. */
  readonly id: Hex
  readonly chatId: Hex
  readonly sender: { readonly accountId: Hex; readonly name: string; readonly own: boolean }
  /** Place in its group's one history; absent while queued. A chat of two groups has two such histories. */
  readonly order: number | undefined
  /** Place in the chat as this device shows it. What comes in later has a greater one, and none is given twice; that of an own message grows until it is sent. */
  readonly position: number
  /** When the server placed it; by this device's clock while it is queued. */
  readonly timeMs: number
  /** When it was written, by its sender's clock, if that is believable beside `timeMs`. */
  readonly sentMs: number | undefined
  readonly content: MessageContent
  readonly edited: boolean
  /** Its reader keeps it in a list of their own. */
  readonly starred: boolean
  /** `kind`: what it is by now; `absent` if this device does not have it. Only `text`, and `file` with a caption, have words. */
  readonly inReplyTo:
    | { readonly id: Hex; readonly senderName: string; readonly kind: MessageContent["type"] | "absent"; readonly text: string }
    | undefined
  readonly reactions: readonly { readonly emoji: string; readonly accounts: readonly Hex[]; readonly own: boolean }[]
  /** Own messages only. */
  readonly status: DeliveryStatus | undefined
  readonly failure: { readonly code: string; readonly message: string } | undefined
}

export interface MessageDetails {
  readonly message: MessageView
  readonly deliveries: readonly {
    readonly accountId: Hex
    readonly name: string
    readonly status: DeliveryStatus
    readonly atMs: number | undefined
  }[]
}

/** A page of messages, oldest first. `before`/`after` are local positions to hand back for the neighbouring page. */
export interface MessagePage {
  readonly messages: readonly MessageView[]
  readonly before: number | undefined
  readonly after: number | undefined
}
