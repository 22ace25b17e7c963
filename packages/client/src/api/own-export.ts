// What a person can take along: everything this device holds, and the server's signed archive.

import { toHex } from "@nodoor/bytes"
import { type OwnRecord, WireError, ownRecord } from "@nodoor/wire"
import type { Hex } from "../core/hex.ts"
import type { CryptoProvider } from "@nodoor/mls"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Trust } from "../trust/trust.ts"
import { isAccountRefusal } from "../core/server-words.ts"
import { readRecoverySeed } from "../trust/account/recovery-key.ts"
import type { OperatorNotices } from "../trust/operator/operator-notices.ts"
import type { OperatorNoticeView } from "../trust/operator/operator-notice-view.ts"
import type { ChatView } from "../view/chat-view.ts"
import type { AccountView, ContactView, MemberView } from "../view/contact-view.ts"
import type { MessagePage, MessageView } from "../view/message-view.ts"
import { hexId } from "../view/hex-id.ts"
import type { Views } from "../view/views.ts"

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

const pageMessages = 500

export async function exportOwnData(parts: {
  readonly own: OwnDevice
  readonly clock: Clock
  readonly crypto: CryptoProvider
  readonly trust: Pick<Trust, "shownInLog">
  readonly session: Session
  readonly views: Views
  readonly notices: Pick<OperatorNotices, "list">
  readonly account: () => Promise<AccountView>
  readonly isOver: boolean
}): Promise<OwnExport> {
  const { own, clock, crypto, trust, views, notices } = parts
  const shown = await trust.shownInLog(own.accountId)
  const recoverySeed = await readRecoverySeed(views.parts.reader, { crypto, account: shown })
  const chats: OwnExport["chats"][number][] = []
  for (const chat of await views.chats()) {
    const messages: MessageView[] = []
    // Messages that came with an archive stand at negative places.
    let after: number | undefined = -Number.MAX_SAFE_INTEGER
    while (after !== undefined) {
      const page: MessagePage = await views.messages(hexId(chat.id), { after, limit: pageMessages })
      messages.push(...page.messages)
      after = page.after
    }
    chats.push({ chat, members: await views.members(hexId(chat.id)), messages })
  }
  return {
    exportedAtMs: clock.nowMs(),
    account: await parts.account(),
    recoveryKey: recoverySeed && toHex(recoverySeed),
    serverRecord: parts.isOver ? undefined : await recordIfAny(parts),
    operatorNotices: await notices.list(),
    contacts: await views.contacts(),
    chats,
  }
}

/** Undefined when the server has no record, or no longer shows it to this device. */
async function recordIfAny({ session }: { readonly session: Session }): Promise<OwnRecord | undefined> {
  try {
    return await session.call(ownRecord, {})
  } catch (error) {
    if (error instanceof WireError && isAccountRefusal(error.code)) return undefined
    throw error
  }
}
