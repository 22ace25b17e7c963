// One device: everything a person can do with it, each change written before the promise resolves. The table of methods says what each
// takes and needs; here stands what each does.

import { bytes, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { ownRecord } from "@nodoor/wire"
import type { Hex } from "../core/hex.ts"
import type { AccountView, SafetyView } from "../view/contact-view.ts"
import type { ClientEvent } from "../view/event.ts"
import type { OpenDevice } from "./api.ts"
import type { DeviceFiles } from "../media/device-files.ts"
import { fileCalls } from "./files.ts"
import type { ArchiveCalls } from "./own-account-calls.ts"
import { InvalidArgument } from "./arguments.ts"
import { findContactByHandle } from "./find-contact.ts"
import { type DeviceMethod, type DeviceMethods, checkedArguments, deviceThrough, methods } from "./methods.ts"
import { listOwnDevices, renameOwnDevice } from "./own-devices.ts"
import { setSetting } from "./own-settings.ts"
import { exportOwnData } from "./own-export.ts"
import { accountTexts, deviceTexts } from "../texts/en.ts"
import type { CanaryWatch } from "../trust/operator/canary-watch.ts"
import { type ChatActionParts, chatActions } from "../chat/chat-actions.ts"
import type { Typing } from "../chat/typing.ts"
import { ClientError, asClientError } from "../core/client-error.ts"
import type { Backups } from "../archive/backup/backups.ts"
import type { OldLink } from "../link/old-link.ts"
import { checkEvidence } from "../group/evidence/evidence-check.ts"
import { groupActions } from "../group/action/group-actions.ts"
import { doubledMs } from "../core/backoff.ts"
import { pause } from "../core/pause.ts"
import type { Reading } from "../receiving/reading.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Clock, Timers } from "../core/ports.ts"
import type { Session } from "../core/session.ts"
import type { Trust } from "../trust/trust.ts"
import type { Watch } from "../trust/watch.ts"
import { olderCopyCode } from "../store/trust/older-copy.ts"
import type { OperatorNotices } from "../trust/operator/operator-notices.ts"
import type { Outbox } from "../sending/outbox.ts"
import { recoveryCalls } from "./recovery.ts"
import { serverArchive } from "./server-archive.ts"
import { StoreError } from "../core/store-error.ts"
import { checkedName, textLimits } from "../core/text-limits.ts"
import { AlarmAnswers, type AnswerParts } from "../trust/alarm-answers.ts"
import { SafetyCheck, type SafetyParts } from "../trust/contact/safety-check.ts"
import { hexId } from "../view/hex-id.ts"
import type { Views } from "../view/views.ts"

const readAgainPause = { firstMs: 100, lastMs: 5_000 }

/** What the actions of a person use of the other parts, each by its own interface. */
export type ActionParts = Parameters<typeof groupActions>[0] &
  ChatActionParts &
  SafetyParts &
  AnswerParts & {
    readonly own: OwnDevice
    readonly clock: Clock
    readonly timers: Timers
    readonly session: Session
    readonly trust: Pick<Trust, "refresh" | "shownInLog">
    readonly watch: Pick<Watch, "account" | "now">
  }

export interface DeviceParts {
  readonly actions: ActionParts
  readonly views: Views
  readonly reading: Reading
  readonly outbox: Outbox
  readonly notices: OperatorNotices
  readonly typing: Typing
  readonly canary: CanaryWatch
  readonly link: Pick<OldLink, "start" | "answer" | "cancel">
  readonly backups: Backups
  readonly files: DeviceFiles
  /** Returns how to stop listening. */
  readonly subscribe: (listener: (event: ClientEvent) => void) => () => void
  /** Whether the account was deleted. */
  readonly over: () => boolean
  readonly deleteAccount: () => Promise<void>
  readonly settled: (timeoutMs: number) => Promise<boolean>
  readonly close: () => Promise<void>
}

export function makeDevice(parts: DeviceParts): OpenDevice {
  let closed = false
  const calls = deviceCalls(parts, () => closed)

  /** What the method needs must be there, and every failure that a person can meet is a ClientError. */
  async function call(method: DeviceMethod, args: readonly unknown[]): Promise<unknown> {
    const { needs } = methods[method]
    if (needs !== "nothing" && closed) throw new ClientError("closed", deviceTexts.closed)
    try {
      if (needs === "account") refuseUnable(parts)
      return await (calls[method] as (...checked: readonly unknown[]) => Promise<unknown>)(...checkedArguments(method, args))
    } catch (error) {
      throw asClientError(error instanceof InvalidArgument ? new ClientError(error.code, error.message, { cause: error }) : error)
    }
  }

  return {
    ...deviceThrough(call),
    archives: archiveCalls(parts, () => closed),
    files: fileCalls(
      { ...parts.actions, files: parts.files },
      {
        inChats: chatActions(parts.actions),
        view: (chatId, messageId) => parts.views.message(chatId, messageId),
        check: (needs) => {
          if (closed) throw new ClientError("closed", deviceTexts.closed)
          if (needs === "account") refuseUnable(parts)
        },
      },
    ),
    subscribe: (listener) => parts.subscribe(listener),
    close: async () => {
      if (closed) return
      closed = true
      await parts.close()
    },
  }
}

/** Archives need an open store, and fail as methods do. */
function archiveCalls({ backups }: DeviceParts, isClosed: () => boolean): ArchiveCalls {
  async function call<T>(work: () => Promise<T>): Promise<T> {
    if (isClosed()) throw new ClientError("closed", deviceTexts.closed)
    try {
      return await work()
    } catch (error) {
      throw asClientError(error)
    }
  }
  return {
    list: () => call(() => backups.list()),
    source: (name) => call(() => backups.source(name)),
    write: (hears) => call(() => backups.write(hears)),
    made: (archive) => call(() => backups.made(archive)),
    open: (source, key) => call(() => backups.open(source, key)),
    verify: (source, key, hears) => call(() => backups.verify(source, key, hears)),
    restore: (source, options) => call(() => backups.restore(source, options)),
    newestKnownMs: () => call(() => backups.newestKnownMs()),
  }
}

/** The account must be there still, and this the newest copy of its store. @throws ClientError `account_deleted`, `older_copy` */
function refuseUnable({ over, reading }: DeviceParts): void {
  if (over()) throw new ClientError("account_deleted", accountTexts.over)
  const { status } = reading
  if (status.status === "refused" && status.code === olderCopyCode) throw new ClientError(olderCopyCode, status.message)
}

function deviceCalls(parts: DeviceParts, isClosed: () => boolean): DeviceMethods {
  const { actions, reading, notices, canary, typing, views } = parts
  const { own, trust, session, watch } = actions
  const groups = groupActions(actions)
  const inChats = chatActions(actions)
  const safetyCheck = new SafetyCheck(actions)
  const answers = new AlarmAnswers(actions)

  /** What was stored is read back. A store that fails in between is waited for: the person must not think that nothing was stored. */
  async function stored<T>(read: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await read()
      } catch (error) {
        if (isClosed() || !(error instanceof StoreError && error.passes)) throw error
        await pause(actions.timers, doubledMs(failures, readAgainPause))
      }
    }
  }
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

  async function safety(accountId: AccountId): Promise<SafetyView> {
    const contact = await views.contact(accountId)
    return { contact, ...(await safetyCheck.sheet(accountId)) }
  }

  return {
    ...recoveryCalls({ ...actions, known: () => watch.account.known() }),
    connection: async () => reading.status,
    reconnect: async () => reading.look(),
    account: accountView,
    setName: async (name) => groups.setOwnName(checkedName(name, textLimits.nameCharacters)),

    chats: () => views.chats(),
    chat: (chatId) => views.chat(hexId(chatId)),
    members: (chatId) => views.members(hexId(chatId)),
    messages: (chatId, page = {}) => views.messages(hexId(chatId), page),
    messagesById: (chatId, ids) => views.messagesById(hexId(chatId), ids.map(hexId)),
    messageDetails: (chatId, messageId) => views.messageDetails(hexId(chatId), hexId(messageId)),
    search: (text, limit = 50, chatId) => views.search(text, { max: limit, chatId: chatId === undefined ? undefined : hexId(chatId) }),
    messageFrom: (chatId, ms) => views.messageFrom(hexId(chatId), ms),

    findContact: (handle) => findContactByHandle({ own, trust, views }, handle),
    contact: (accountId) => views.contact(hexId(accountId)),
    contacts: () => views.contacts(),
    openChat: async (accountId) => {
      const chatId = await groups.openDm(account(accountId))
      return await stored(() => views.chat(chatId))
    },
    createGroup: async (group) => {
      const chatId = await groups.create({ name: group.name, accountIds: group.accountIds.map(account) })
      return await stored(() => views.chat(chatId))
    },
    addMembers: (chatId, accountIds) => groups.add(hexId(chatId), accountIds.map(account)),
    removeMember: (chatId, accountId) => groups.remove(hexId(chatId), account(accountId)),
    retryRemoval: (chatId) => groups.retryRemoval(hexId(chatId)),
    withdrawRemoval: (chatId, accountId) => groups.withdrawRemoval(hexId(chatId), account(accountId)),
    leave: (chatId) => groups.leave(hexId(chatId)),
    rename: (chatId, name) => groups.rename(hexId(chatId), name),
    setRole: (chatId, accountId, role) => groups.setRole(hexId(chatId), account(accountId), role),
    setHistorySharing: (chatId, history) => groups.setHistorySharing(hexId(chatId), history),
    setRules: (chatId, rules) => groups.setRules(hexId(chatId), rules),

    send: async (chatId, message) => {
      const messageId = await inChats.send(hexId(chatId), {
        markdown: message.text,
        inReplyTo: message.inReplyTo === undefined ? undefined : hexId(message.inReplyTo),
        forwarded: message.forwarded,
        sendId: message.id === undefined ? undefined : hexId(message.id),
      })
      return await stored(() => views.message(hexId(chatId), messageId))
    },
    edit: (chatId, messageId, text) => inChats.edit(hexId(chatId), hexId(messageId), text),
    deleteForAll: (chatId, messageId) => inChats.deleteForAll(hexId(chatId), hexId(messageId)),
    deleteForMe: (chatId, messageId) => inChats.deleteForMe(hexId(chatId), hexId(messageId)),
    setStarred: (chatId, messageId, on) => inChats.setStarred(hexId(chatId), hexId(messageId), on),
    starred: (limit = 200) => views.starred(limit),
    react: (chatId, messageId, emoji, on) => inChats.react(hexId(chatId), { messageId: hexId(messageId), emoji, on }),
    stopDownload: async (chatId, messageId) => parts.files.downloads.stop({ chatId: hexId(chatId), messageId: hexId(messageId) }),
    askForFile: (chatId, messageId) => inChats.askForFile(hexId(chatId), hexId(messageId)),
    retry: (chatId, messageId) => inChats.retry(hexId(chatId), hexId(messageId)),
    discard: (chatId, messageId) => inChats.discard(hexId(chatId), hexId(messageId)),
    typing: (chatId) => typing.say(hexId(chatId)),
    markRead: (chatId, messageId) => inChats.markRead(hexId(chatId), hexId(messageId)),

    acceptRequest: (chatId) => inChats.accept(hexId(chatId)),
    deleteChat: (chatId) => inChats.deleteChat(hexId(chatId)),
    setBlocked: (accountId, blocked) => inChats.setBlocked(account(accountId), blocked),
    setChatOptions: (chatId, options) => inChats.setOptions(hexId(chatId), options),
    settings: () => views.settings(),
    setSetting: (name, value) => setSetting(actions, name, value),
    folders: () => views.folders(),
    makeFolder: (name) => inChats.makeFolder(name),
    renameFolder: (folder, name) => inChats.renameFolder(folder, name),
    moveFolder: (folder, place) => inChats.moveFolder(folder, place),
    deleteFolder: (folder) => inChats.deleteFolder(folder),

    safety: (accountId) => safety(account(accountId)),
    setVerified: (accountId, verified) => inChats.setVerified(account(accountId), verified),
    acknowledgeIdentity: (accountId) => inChats.acknowledgeIdentity(account(accountId)),
    compareSafety: (accountId, scanned) => safetyCheck.compare(account(accountId), scanned),
    checkTransparency: (accountId) => safetyCheck.check(account(accountId)),
    logStatus: () => answers.logStatus(),
    devices: () => listOwnDevices({ views, watch }),
    renameDevice: (deviceId, name) => renameOwnDevice({ ...actions, views }, deviceId, name),
    removeOwnDevice: async (deviceId) => {
      await watch.account.remove(hexId(deviceId))
      watch.now()
    },
    startLink: (how) => parts.link.start(how),
    answerLink: (answer) => parts.link.answer(answer),
    cancelLink: () => parts.link.cancel(),
    backup: () => parts.backups.view(),
    setBackup: (settings) => parts.backups.set(settings),
    backupNow: () => parts.backups.now(),
    previewBackup: () => parts.backups.preview(),
    restoreBackup: (options) => parts.backups.restoreNewest(options),
    acknowledgeOwnDevice: (deviceId) => watch.account.acknowledge(hexId(deviceId)),
    deleteAccount: () => parts.deleteAccount(),
    acknowledgeAlarm: (alarmId) => answers.acknowledge(hexId(alarmId)),
    exportEvidence: (alarmId) => answers.evidence(hexId(alarmId)),
    checkEvidence: (file) => checkEvidence(actions, file),
    alarms: () => views.alarms(),
    exportOwnData: () => exportOwnData({ ...actions, views, notices, account: accountView, isOver: parts.over() }),
    serverRecord: () => session.call(ownRecord, {}),
    serverArchive: () => serverArchive(actions),
    operatorNotices: () => notices.list(),
    acknowledgeOperatorNotice: (id) => notices.acknowledge(hexId(id)),
    canary: () => canary.view(),
    checkCanary: () => canary.look(),
    acknowledgeCanary: (readingId) => canary.acknowledge(readingId),
    settled: (timeoutMs) => parts.settled(timeoutMs),
  }
}
