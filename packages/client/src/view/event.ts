// What a device tells its listeners after a change was stored: the changed rows themselves, so that nobody has to read them again.

import type { Hex } from "../core/hex.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import type { AlarmView } from "../store/trust/alarm-view.ts"
import type { CanaryView } from "../store/trust/canary-view.ts"
import type { OperatorNoticeView } from "../trust/operator/operator-notice-view.ts"
import type { BackupView } from "./backup-view.ts"
import type { ChatView } from "./chat-view.ts"
import type { ContactView } from "./contact-view.ts"
import type { LinkView } from "./link-view.ts"
import type { MessageView } from "./message-view.ts"
import type { RecoveryView } from "./recovery-view.ts"
import type { TransferView } from "./transfer-view.ts"

export type ClientEvent =
  | { readonly type: "connection"; readonly connection: ConnectionStatus }
  | ChatChanged
  | ContactsChanged
  | { readonly type: "typing"; readonly chatId: Hex; readonly accountId: Hex; readonly untilMs: number }
  | { readonly type: "alarm"; readonly alarm: AlarmView }
  /** The operator sent a notice about a request, or one was read: all of them, newest first. */
  | { readonly type: "operator_notices"; readonly notices: readonly OperatorNoticeView[] }
  /** The server's canary, or what this device knows of it, may have changed. */
  | { readonly type: "canary"; readonly canary: CanaryView }
  /** Linking goes on, or has ended. */
  | { readonly type: "link"; readonly link: LinkView }
  | { readonly type: "backup"; readonly backup: BackupView }
  | { readonly type: "recovery"; readonly recovery: RecoveryView }
  /** Settings that all devices of the account share: all of them. */
  | { readonly type: "settings"; readonly settings: Readonly<Record<string, string>> }
  /** The folders of the list of chats, in their order: one was made, renamed, moved or deleted. */
  | { readonly type: "folders"; readonly folders: readonly string[] }
  /** A photo or a file is on its way, and how far. */
  | { readonly type: "transfer"; readonly transfer: TransferView }

/**
 * A chat is new, changed or gone: one event for each transaction that touched it, or one for several transactions in a row. The rows are as
 * they were when the event was made, which may be a later state than that of the transaction, never an earlier one.
 */
export interface ChatChanged {
  readonly type: "chat"
  readonly id: Hex
  /** Undefined when it is no longer in the list. */
  readonly chat: ChatView | undefined
  /** New and changed messages, oldest first. */
  readonly messages: readonly MessageView[]
  /** Messages that are gone. */
  readonly removed: readonly Hex[]
  /** Which of `messages` are of others and were not there before. */
  readonly incoming: readonly Hex[]
}

/** `contacts`: those of the accounts that are contacts here, as `contacts()` gives them. The own account is none; its id is among `ids` when another device changed the own name. */
export interface ContactsChanged {
  readonly type: "contacts"
  readonly ids: readonly Hex[]
  readonly contacts: readonly ContactView[]
}
