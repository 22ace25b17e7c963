// One device: everything a person can do with it, each change written before the promise resolves.

import { bytes, toHex } from "@nodoor/bytes"
import { type AccountId, isHandle } from "@nodoor/keylog"
import { type OwnRecord, WireError, ownRecord } from "@nodoor/wire"
import type { GroupRules, Role } from "../core/group-rules.ts"
import type { Hex } from "../core/hex.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import type { AlarmView } from "../store/trust/alarm-view.ts"
import type { ChatView } from "../view/chat-view.ts"
import type { AccountView, ContactView, DeviceView, MemberView, SafetyView } from "../view/contact-view.ts"
import type { ClientEvent } from "../view/event.ts"
import type { MessageDetails, MessagePage, MessageView } from "../view/message-view.ts"
import type { Device } from "./api.ts"
import type { OwnExport } from "./own-export.ts"
import { accountTexts } from "../texts/en.ts"
import type { CanaryWatch } from "../trust/operator/canary-watch.ts"
import { chatActions } from "../chat/chat-actions.ts"
import type { Typing } from "../chat/typing.ts"
import { ClientError, asClientError } from "../core/client-error.ts"
import { groupActions } from "../group/action/group-actions.ts"
import { doubledMs } from "../core/backoff.ts"
import { pause } from "../core/pause.ts"
import type { Mailbox } from "../receiving/mailbox.ts"
import type { Kernel } from "../core/kernel.ts"
import { olderCopyCode } from "../store/older-copy.ts"
import type { OperatorNotices } from "../trust/operator/operator-notices.ts"
import type { Outbox } from "../sending/outbox.ts"
import { serverArchive } from "./server-archive.ts"
import { isAccountRefusal } from "../core/server-words.ts"
import { StoreError } from "../core/store-error.ts"
import { findContact } from "../store/trust/contacts.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import { AlarmAnswers } from "../trust/alarm-answers.ts"
import { readRecoverySeed } from "../trust/account/recovery-key.ts"
import { SafetyCheck } from "../trust/contact/safety-check.ts"
import { hexId } from "../view/hex-id.ts"
import type { Views } from "../view/views.ts"

const readAgainPause = { firstMs: 100, lastMs: 5_000 }

export interface DeviceParts {
  readonly kernel: Kernel
  readonly views: Views
  readonly mailbox: Mailbox
  readonly outbox: Outbox
  readonly notices: OperatorNotices
  readonly typing: Typing
  readonly canary: CanaryWatch
  /** Returns how to stop listening. */
  readonly subscribe: (listener: (event: ClientEvent) => void) => () => void
  /** Whether the account was deleted. */
  readonly over: () => boolean
  readonly deleteAccount: () => Promise<void>
  readonly settled: (timeoutMs: number) => Promise<boolean>
  readonly close: () => Promise<void>
}

export function makeDevice(parts: DeviceParts): Device {
  const { kernel, mailbox, notices, canary, typing } = parts
  const { own, trust, session, watch } = kernel
  const { views } = parts
  const { reader } = views.parts
  const groups = groupActions(kernel)
  const inChats = chatActions(kernel)
  const safetyCheck = new SafetyCheck(kernel)
  const answers = new AlarmAnswers(kernel)
  let closed = false

  /** Every failure a person can meet is a ClientError. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new ClientError("closed", "The device was closed.")
    try {
      return await work()
    } catch (error) {
      throw asClientError(error)
    }
  }
  /** What needs an account: there must be one still. */
  const living = <T>(work: () => Promise<T>): Promise<T> =>
    guarded(async () => {
      if (parts.over()) throw new ClientError("account_deleted", accountTexts.over)
      const { status } = mailbox
      if (status.status === "refused" && status.code === olderCopyCode) throw new ClientError(olderCopyCode, status.message)
      return await work()
    })
  /** What was stored is read back. A store that fails in between is waited for: the person must not think that nothing was stored. */
  async function stored<T>(read: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await read()
      } catch (error) {
        if (closed || !(error instanceof StoreError && error.passes)) throw error
        await pause(kernel.timers, doubledMs(failures, readAgainPause))
      }
    }
  }
  const chatOf = (chatId: Hex): Promise<ChatView> => views.chat(hexId(chatId))
  const account = (accountId: Hex): AccountId => bytes<"AccountId">(hexId(accountId))

  async function accountView(): Promise<AccountView> {
    return {
      accountId: toHex(own.accountId),
      deviceId: toHex(own.deviceId),
      handle: own.handle,
      origin: own.origin,
      serverUrl: own.serverUrl,
      name: await views.ownName(),
      server: own.server,
    }
  }

  async function findContactByHandle(text: string): Promise<ContactView> {
    const handle = text.trim().replace(/^@/, "").toLowerCase()
    if (!isHandle(handle)) throw new ClientError("invalid_input", "A handle has 3 to 32 of a–z, 0–9, dot, dash and underscore.")
    if (handle === own.handle) throw new ClientError("invalid_input", "That is your own handle.")
    let contact: ContactView
    try {
      contact = await views.contact(await trust.refresh({ handle }))
    } catch (error) {
      const failure = asClientError(error)
      if (failure instanceof ClientError && failure.code === "not_found")
        throw new ClientError("not_found", `There is no @${handle} on this server.`, { cause: error })
      throw failure
    }
    if (contact.ended) throw new ClientError("not_found", `The account @${handle} was deleted. Its handle stays taken.`)
    return contact
  }

  async function safety(accountId: AccountId): Promise<SafetyView> {
    if (!(await findContact(reader, accountId))) throw new ClientError("not_found", "There is no such contact on this device.")
    return { contact: await views.contact(accountId), ...(await safetyCheck.sheet(accountId)) }
  }

  /** The own list, and what the log holds beyond it. */
  async function devices(): Promise<readonly DeviceView[]> {
    const listed = await views.devices()
    const unknown = (await watch.account.unknown()).at(-1)?.state.devices ?? []
    const strange = unknown.filter((device) => !listed.some(({ deviceId }) => deviceId === toHex(device.deviceId)))
    return [
      ...listed,
      ...strange.map(({ deviceId, deviceClass, addedVersion }) => ({
        deviceId: toHex(deviceId),
        deviceClass,
        own: false,
        addedVersion,
        unknown: true,
      })),
    ]
  }

  return {
    subscribe: (listener) => parts.subscribe(listener),
    connection: async (): Promise<ConnectionStatus> => mailbox.status,
    reconnect: async () => mailbox.look(),
    account: () => guarded(accountView),
    setName: (name) => living(async () => await groups.setOwnName(checkedName(name, textLimits.nameCharacters))),

    chats: () => guarded(() => views.chats()),
    chat: (chatId) => guarded(() => chatOf(chatId)),
    members: (chatId): Promise<readonly MemberView[]> => guarded(() => views.members(hexId(chatId))),
    messages: (chatId, page = {}): Promise<MessagePage> => guarded(() => views.messages(hexId(chatId), page)),
    messagesById: (chatId, ids): Promise<readonly MessageView[]> => guarded(() => views.messagesById(hexId(chatId), ids.map(hexId))),
    messageDetails: (chatId, messageId): Promise<MessageDetails> => guarded(() => views.messageDetails(hexId(chatId), hexId(messageId))),
    search: (text, limit = 50) => guarded(() => views.search(text, limit)),

    findContact: (handle) => living(() => findContactByHandle(handle)),
    contact: (accountId) => guarded(() => views.contact(hexId(accountId))),
    contacts: () => guarded(() => views.contacts()),
    openChat: (accountId) =>
      living(async () => {
        const chatId = await groups.openDm(account(accountId))
        return await stored(() => views.chat(chatId))
      }),
    createGroup: (group) =>
      living(async () => {
        const chatId = await groups.create({ name: group.name, accountIds: group.accountIds.map(account) })
        return await stored(() => views.chat(chatId))
      }),
    addMembers: (chatId, accountIds) => living(() => groups.add(hexId(chatId), accountIds.map(account))),
    removeMember: (chatId, accountId) => living(() => groups.remove(hexId(chatId), account(accountId))),
    retryRemoval: (chatId) => living(() => groups.retryRemoval(hexId(chatId))),
    withdrawRemoval: (chatId, accountId) => living(() => groups.withdrawRemoval(hexId(chatId), account(accountId))),
    leave: (chatId) => living(() => groups.leave(hexId(chatId))),
    rename: (chatId, name) => living(() => groups.rename(hexId(chatId), name)),
    setRole: (chatId, accountId, role: Role) => living(() => groups.setRole(hexId(chatId), account(accountId), role)),
    setRules: (chatId, rules: GroupRules) => living(() => groups.setRules(hexId(chatId), rules)),

    send: (chatId, message) =>
      living(async () => {
        const messageId = await inChats.send(hexId(chatId), {
          markdown: message.text,
          inReplyTo: message.inReplyTo === undefined ? undefined : hexId(message.inReplyTo),
          sendId: message.id === undefined ? undefined : hexId(message.id),
        })
        return await stored(() => views.message(hexId(chatId), messageId))
      }),
    edit: (chatId, messageId, text) => living(() => inChats.edit(hexId(chatId), hexId(messageId), text)),
    deleteForAll: (chatId, messageId) => living(() => inChats.deleteForAll(hexId(chatId), hexId(messageId))),
    react: (chatId, messageId, emoji, on) => living(() => inChats.react(hexId(chatId), { messageId: hexId(messageId), emoji, on })),
    retry: (chatId, messageId) => living(() => inChats.retry(hexId(chatId), hexId(messageId))),
    discard: (chatId, messageId) => guarded(() => inChats.discard(hexId(chatId), hexId(messageId))),
    typing: (chatId) => living(() => typing.say(hexId(chatId))),
    markRead: (chatId, messageId) => guarded(() => inChats.markRead(hexId(chatId), hexId(messageId))),

    acceptRequest: (chatId) => living(() => inChats.accept(hexId(chatId))),
    deleteChat: (chatId) => guarded(() => inChats.deleteChat(hexId(chatId))),
    setBlocked: (accountId, blocked) => living(() => inChats.setBlocked(account(accountId), blocked)),
    setChatOptions: (chatId, options) => guarded(() => inChats.setOptions(hexId(chatId), options)),

    safety: (accountId) => guarded(() => safety(account(accountId))),
    setVerified: (accountId, verified) => guarded(() => inChats.setVerified(account(accountId), verified)),
    acknowledgeIdentity: (accountId) => guarded(() => inChats.acknowledgeIdentity(account(accountId))),
    compareSafety: (accountId, scanned) => guarded(() => safetyCheck.compare(account(accountId), scanned)),
    checkTransparency: (accountId) => living(() => safetyCheck.check(account(accountId))),
    logStatus: () => guarded(() => answers.logStatus()),
    devices: () => guarded(devices),
    removeOwnDevice: (deviceId) =>
      living(async () => {
        await watch.account.remove(hexId(deviceId))
        watch.now()
      }),
    acknowledgeOwnDevice: (deviceId) => living(() => watch.account.acknowledge(hexId(deviceId))),
    deleteAccount: () => guarded(() => parts.deleteAccount()),
    acknowledgeAlarm: (alarmId) => guarded(() => answers.acknowledge(hexId(alarmId))),
    exportEvidence: (alarmId) => guarded(() => answers.evidence(hexId(alarmId))),
    alarms: (): Promise<readonly AlarmView[]> => guarded(() => views.alarms()),
    exportOwnData: (): Promise<OwnExport> => guarded(() => exportOwnData()),
    serverRecord: (): Promise<OwnRecord> => living(() => session.call(ownRecord, {})),
    serverArchive: () => living(() => serverArchive(kernel)),
    operatorNotices: () => guarded(() => notices.list()),
    acknowledgeOperatorNotice: (id) => guarded(() => notices.acknowledge(hexId(id))),
    canary: () => guarded(() => canary.view()),
    checkCanary: () => guarded(() => canary.look()),
    acknowledgeCanary: (readingId) => guarded(() => canary.acknowledge(readingId)),
    settled: (timeoutMs) =>
      parts.settled(timeoutMs).catch((error: unknown) => {
        throw asClientError(error)
      }),
    close: async () => {
      if (closed) return
      closed = true
      await parts.close()
    },
  }

  /** Undefined where the server has, or shows, nothing to this device any more. */
  async function recordIfAny(): Promise<OwnRecord | undefined> {
    if (parts.over()) return undefined
    try {
      return await session.call(ownRecord, {})
    } catch (error) {
      if (error instanceof WireError && isAccountRefusal(error.code)) return undefined
      throw error
    }
  }

  async function exportOwnData(): Promise<OwnExport> {
    const recoverySeed = await readRecoverySeed(reader, { crypto: kernel.crypto, account: await trust.shownInLog(own.accountId) })
    const chats: OwnExport["chats"][number][] = []
    for (const chat of await views.chats()) {
      const messages: MessageView[] = []
      let after: number | undefined = 0
      while (after !== undefined) {
        const page: MessagePage = await views.messages(hexId(chat.id), { after, limit: 500 })
        messages.push(...page.messages)
        after = page.after
      }
      chats.push({ chat, members: await views.members(hexId(chat.id)), messages })
    }
    return {
      exportedAtMs: kernel.clock.nowMs(),
      account: await accountView(),
      recoveryKey: recoverySeed && toHex(recoverySeed),
      serverRecord: await recordIfAny(),
      operatorNotices: await notices.list(),
      contacts: await views.contacts(),
      chats,
    }
  }
}
