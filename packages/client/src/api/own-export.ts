// What a person can take along: everything this device holds, and the server's signed archive.

import type { Hex } from "../core/hex.ts"
import type { OperatorNoticeView } from "../trust/operator/operator-notice-view.ts"
import type { ChatView } from "../view/chat-view.ts"
import type { AccountView, ContactView, MemberView } from "../view/contact-view.ts"
import type { MessageView } from "../view/message-view.ts"
import type { OwnRecord } from "@nodoor/wire"

/** The server's signed archive about this account, as files to keep. */
export interface ServerArchive {
  readonly name: string
  /** JSON, byte for byte as it came. */
  readonly text: string
  /** The letter inside it: HTML that the operator's server wrote. Show it only where it can run and load nothing. */
  readonly letter: { readonly name: string; readonly html: string }
}

/** Everything this device can hand to its owner about itself. */
export interface OwnExport {
  readonly exportedAtMs: number
  readonly account: AccountView
  /**
   * The account's recovery key, 64 hexadecimal digits: without it nobody can start the account over, and who has it can. Undefined while the
   * account has none here, or has another than this device knows. The one secret that ever leaves the device, and only to its owner.
   */
  readonly recoveryKey: Hex | undefined
  /** What the server holds that is not ciphertext; undefined once the account was deleted, erased or suspended. */
  readonly serverRecord: OwnRecord | undefined
  readonly operatorNotices: readonly OperatorNoticeView[]
  readonly contacts: readonly ContactView[]
  readonly chats: readonly { readonly chat: ChatView; readonly members: readonly MemberView[]; readonly messages: readonly MessageView[] }[]
}
