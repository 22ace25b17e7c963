// What a content type is. Each has a file of its own in this folder, and one line in the table of types.ts.

import type { AccountId, DeviceId } from "@nodoor/keylog"
import type { SyncEntry } from "../store/sync/sync-entry.ts"
import type { Transaction } from "../core/transaction.ts"
import type { ChatEvent } from "../store/chat/chat-event.ts"
import type { ChatRow } from "../store/chat/chats.ts"
import type { StoredMessage } from "../store/chat/messages.ts"
import type { NewPart, PartRow } from "../store/chat/parts.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { IdentifiedMember } from "../trust/trust.ts"
import type { MessageId, NestedPart } from "./mimi/content.ts"
import type { SaidOfMissed } from "../store/missed/said-of-missed.ts"

/** `Input`: what is needed to write one. `Shown`: what a person sees of a part. */
export interface ContentType<Input, Shown> {
  /** Also the kind of the parts that it stores. */
  readonly name: string
  /** It has a place of its own in the chat. Writing one accepts a request. */
  readonly isMessage?: boolean
  /** It shows nothing in the chat, so members who may not post can send it too. */
  readonly isSilent?: boolean
  /** Writes one: queues it for the others, and makes the same change on this device. Undefined if there is nothing to write. */
  compose?(writing: Writing, input: Input): Promise<MessageId | undefined>
  /** Whether a message that arrived is of this type. The first type in the table that accepts it receives it. */
  accepts?(body: Body): boolean
  /** Takes in a message that passed the checks for all types (content-intake.ts). */
  receive?(arrival: Arrival): Promise<void> | void
  /** What a person sees of a stored part. `others`: those of the same message behind it. */
  view?(part: PartRow, others?: readonly PartRow[]): Shown
  /** A part of a message that its sender sent again, as this device would have stored it. Without it the sender's word is not enough. */
  again?(part: PartRow): NewPart | undefined
}

/** The fields that decide which type a message is. */
export interface Body {
  /** Somebody wrote it elsewhere. */
  readonly forwarded?: boolean
  /** If the message has alternatives, the one that this device chose. */
  readonly part: NestedPart
  readonly replaces: MessageId | undefined
  readonly inReplyTo: MessageId | undefined
}

/** Content written by somebody else, or by another device of this account. */
export interface Arrival extends Body {
  readonly tx: Transaction
  readonly group: GroupRow
  readonly chat: ChatRow
  readonly sender: IdentifiedMember
  readonly ownAccountId: AccountId
  readonly ownDeviceId: DeviceId
  /** It is from this account. */
  readonly isOwn: boolean
  readonly messageId: MessageId
  /** When it was written (core/written-time.ts). */
  readonly timeMs: number
  /** The message that it replaces, if this device has it. The sender wrote it, and it is not a line of the chat's history. */
  readonly target: StoredMessage | undefined
  /** By this device's clock. */
  readonly receivedMs: number
  /** An introduction came: it is opened after this transaction. */
  introduced(sealed: Uint8Array): void
  /** Another own device left something that helps to complete the groups: looked at after this transaction. */
  ownDevicesChanged(): void
  /** A part of the history can be taken in: after this transaction. */
  historyArrived(): void
  /** Another own device asks for the history: after this transaction. */
  historyWanted(): void
  /** A member asks for a file that this device sent: it is uploaded again after this transaction. */
  filesWanted(): void
  /** Another device of the account tells of changes. */
  synced(entries: readonly SyncEntry[]): Promise<void>
  /** Asking for what was missed, an answer, or why it is neither. */
  missed(said: SaidOfMissed): Promise<void>
  /** Adds a line about something that happened. */
  tell(event: ChatEvent): Promise<void>
  /** Adds it to the chat as a message of its own. */
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
  /** Queues content that is not a message of its own. `introduces`: it is sent before people's messages. */
  queue(composition: Composition, options?: { readonly introduces: boolean }): Promise<MessageId>
  /**
   * Queues a message and shows it in the chat. `keepsDraft`: it is not what the person was writing. `uploading`: it waits until its file is on the
   * server.
   */
  say(
    composition: Composition,
    content: NewContent,
    options?: { readonly keepsDraft?: boolean; readonly uploading?: boolean },
  ): Promise<MessageId>
}

export interface Composition {
  readonly part: NestedPart
  readonly replaces?: Uint8Array | undefined
  readonly inReplyTo?: Uint8Array | undefined
  readonly forwarded?: boolean | undefined
}
