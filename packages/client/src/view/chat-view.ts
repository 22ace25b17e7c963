// What a person sees of a chat in the list and above its messages.

import type { GroupRules, HistorySharing, Role } from "../core/group-rules.ts"
import type { Hex } from "../core/hex.ts"
import type { AlarmView } from "../store/trust/alarm-view.ts"
import type { ContactView } from "./contact-view.ts"
import type { DeliveryStatus, MessageContent } from "./message-view.ts"

export interface ChatView {
  readonly id: Hex
  readonly kind: "dm" | "group"
  readonly title: string
  /**
   * `request`: a stranger wrote first and nothing goes back until accepted. `left`: removed or left; readable, not writable. `halted`: refused by
   * policy or trust, see `alarm`. `joining`: it came with an archive and this device is not in its group yet; readable, not writable.
   */
  readonly state: "active" | "request" | "left" | "blocked" | "halted" | "joining"
  /** The other account of a dm. */
  readonly peer: ContactView | undefined
  readonly memberCount: number
  readonly ownRole: Role
  readonly rules: GroupRules
  /** What new members are shown of what was written before; undefined for nothing. */
  readonly history: HistorySharing | undefined
  readonly unreadCount: number
  /** Unread messages in which somebody mentions this account. */
  readonly unreadMentions: number
  /** First unread message, for the divider. */
  readonly firstUnreadId: Hex | undefined
  readonly muted: boolean
  /** Undefined: until it is turned off. */
  readonly mutedUntilMs: number | undefined
  readonly pinned: boolean
  readonly archived: boolean
  /** The person marked it as unread, whatever they have read of it. */
  readonly markedUnread: boolean
  readonly draft: string
  /** Of the list of chats; '' is none. */
  readonly folder: string
  readonly last:
    | {
        /** Without words (`text` is empty) the kind is what there is to say. */
        readonly kind: MessageContent["type"]
        readonly text: string
        readonly senderName: string
        readonly own: boolean
        readonly timeMs: number
        readonly status: DeliveryStatus | undefined
      }
    | undefined
  /** Time of the last thing that happened. */
  readonly activityMs: number
  /** Sort key: greater the later this device learned of the last thing, whatever clock dated it. */
  readonly activity: number
  readonly alarm: AlarmView | undefined
  /**
   * Set while somebody, or a device, is to go from the chat and has not gone. Nothing is sent meanwhile and what is written stays `queued`: the
   * server that does not take them out hears nothing more. It is tried again by itself, and goes on by itself when it is done.
   */
  readonly removal?: RemovalView | undefined
}

export interface RemovalView {
  /** Whom the removal is about; empty when it is for people who left. */
  readonly accounts: readonly Hex[]
  /** What happened and what it means: sentences for a person. */
  readonly text: string
  /** This account may no longer remove them: `withdrawRemoval` lets them stay. */
  readonly outOfHands: boolean
}
