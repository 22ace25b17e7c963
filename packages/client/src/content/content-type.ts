// What a content type is. Each has a file of its own in this folder, and one line in the table of types.ts.

import type { AccountId } from "@nodoor/keylog"
import type { Transaction } from "../core/transaction.ts"
import type { ChatRow } from "../store/chat/chats.ts"
import type { StoredMessage } from "../store/chat/messages.ts"
import type { NewPart, PartRow } from "../store/chat/parts.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { IdentifiedMember } from "../trust/trust.ts"
import type { MessageId, NestedPart } from "./mimi/content.ts"

/** `Input`: what is needed to write one. `Shown`: what a person sees of a part. */
export interface ContentType<Input, Shown> {
  /** Also the kind of the parts that it stores. */
  readonly name: string
  /** It has a place of its own in the chat. Writing one accepts a request. */
  readonly isMessage?: boolean
  /** It says nothing in the chat, so that it is also taken from members who may not post. */
  readonly isSilent?: boolean
  /** Writes one: queues what others get, and does here what it does there. Undefined if there is nothing to write. */
  compose?(writing: Writing, input: Input): Promise<MessageId | undefined>
  /** Whether what arrived is of this type. The first of the table that says so gets it. */
  accepts?(body: Body): boolean
  /** Takes in one that passed the checks that hold for all types (content-intake.ts). */
  receive?(arrival: Arrival): Promise<void> | void
  /** What a person sees of a part that it stored. */
  view?(part: PartRow): Shown
}

/** What of a message says of which type it is. */
export interface Body {
  /** Of alternatives, the one that was chosen. */
  readonly part: NestedPart
  readonly replaces: MessageId | undefined
  readonly inReplyTo: MessageId | undefined
}

/** Content that somebody else, or another device of this account, wrote. */
export interface Arrival extends Body {
  readonly tx: Transaction
  readonly group: GroupRow
  readonly chat: ChatRow
  readonly sender: IdentifiedMember
  readonly ownAccountId: AccountId
  /** It is from this account. */
  readonly isOwn: boolean
  readonly messageId: MessageId
  /** When the server gave it its place. */
  readonly timeMs: number
  /** The message that it replaces, if it is here: one of the sender's own, and no line of the chat's history. */
  readonly target: StoredMessage | undefined
  /** Gives it a place of its own in the chat. */
  insert(content: NewContent): Promise<void>
}

/** What a message of its own consists of. */
export interface NewContent {
  readonly parts: readonly NewPart[]
  /** Markdown whose words are found when people search. */
  readonly searched?: string
}

/** Content that this device writes. */
export interface Writing {
  readonly tx: Transaction
  readonly group: GroupRow
  readonly ownAccountId: AccountId
  /** By the server's clock. */
  readonly timeMs: number
  /** Queues what has no place of its own in the chat. `introduces`: it goes before what people wrote. */
  queue(composition: Composition, options?: { readonly introduces: boolean }): Promise<MessageId>
  /** Queues a message and shows it in the chat, under the id that was handed in with it. */
  say(composition: Composition, content: NewContent): Promise<MessageId>
}

export interface Composition {
  readonly part: NestedPart
  readonly replaces?: Uint8Array | undefined
  readonly inReplyTo?: Uint8Array | undefined
}
