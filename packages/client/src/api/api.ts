// What a person interface (web app, CLI, bot) sees of one device. Every value is plain data that can cross a worker boundary or
// become JSON: ids are lower-case hexadecimal, times are Unix milliseconds. Nothing here is a secret key, but for the one in `OwnExport`.

import type { GroupRules, Role } from "../core/group-rules.ts"
import type { Hex } from "../core/hex.ts"
import type { ConnectionStatus } from "../receiving/connection-status.ts"
import type { AlarmView } from "../store/trust/alarm-view.ts"
import type { CanaryView } from "../store/trust/canary-view.ts"
import type { EvidenceCheck } from "../group/evidence/evidence-check.ts"
import type { EvidenceFile, LogStatusView } from "../trust/log/log-view.ts"
import type { OperatorNoticeView } from "../trust/operator/operator-notice-view.ts"
import type { ChatView } from "../view/chat-view.ts"
import type { AccountView, ContactView, DeviceView, MemberView, SafetyView } from "../view/contact-view.ts"
import type { ClientEvent } from "../view/event.ts"
import type { MessageDetails, MessagePage, MessageView } from "../view/message-view.ts"
import type { ArchiveCalls, BackupCalls, LinkCalls, RecoveryCalls } from "./own-account-calls.ts"
import type { FileCalls } from "./file-calls.ts"
import type { OwnExport, ServerArchive } from "./own-export.ts"
import type { OwnRecord } from "@nodoor/wire"

export type * from "../store/trust/canary-view.ts"
export type * from "../core/group-rules.ts"
export type * from "../core/hex.ts"
export type * from "../receiving/connection-status.ts"
export type * from "../store/trust/alarm-view.ts"
export type * from "../store/chat/chat-event.ts"
export type * from "../trust/log/log-view.ts"
export type * from "../trust/operator/operator-notice-view.ts"
export type * from "../view/backup-view.ts"
export type * from "../view/chat-view.ts"
export type * from "../view/contact-view.ts"
export type * from "../view/event.ts"
export type * from "../view/link-view.ts"
export type * from "../view/message-view.ts"
export type * from "../view/recovery-view.ts"
export type * from "../view/transfer-view.ts"
export type * from "./file-calls.ts"
export type * from "./own-account-calls.ts"
export type * from "./own-export.ts"
export type { EvidenceCheck } from "../group/evidence/evidence-check.ts"

/**
 * One device. All methods reject with `ClientError` (a `code`, and a message for people). What changes is on disk before the promise
 * resolves; sending happens afterwards by itself, also after a restart.
 */
export interface Device extends LinkCalls, BackupCalls, RecoveryCalls {
  subscribe(listener: (event: ClientEvent) => void): () => void
  connection(): Promise<ConnectionStatus>
  /**
   * Doubts the connection: one that stands has to answer within two seconds, where there is none it is tried now. For the platform's word
   * that the network changed, and for a person who does not want to wait.
   */
  reconnect(): Promise<void>
  account(): Promise<AccountView>
  setName(name: string): Promise<void>

  chats(): Promise<readonly ChatView[]>
  chat(chatId: Hex): Promise<ChatView>
  members(chatId: Hex): Promise<readonly MemberView[]>
  /** The newest page, or the one before or after a position of an earlier page, or the one around a message. */
  messages(
    chatId: Hex,
    page?: { readonly before?: number; readonly after?: number; readonly around?: Hex; readonly limit?: number },
  ): Promise<MessagePage>
  messagesById(chatId: Hex, ids: readonly Hex[]): Promise<readonly MessageView[]>
  messageDetails(chatId: Hex, messageId: Hex): Promise<MessageDetails>
  /** Messages containing the text, of one chat or of all, newest first. */
  search(text: string, limit?: number, chatId?: Hex): Promise<readonly MessageView[]>
  /** The first message from this time on, or the last if none is as late. Undefined for an empty chat. */
  messageFrom(chatId: Hex, ms: number): Promise<MessageView | undefined>

  /** Looks up an exact handle (with or without @). `not_found` if there is none. */
  findContact(handle: string): Promise<ContactView>
  contact(accountId: Hex): Promise<ContactView>
  contacts(): Promise<readonly ContactView[]>
  /** The dm with this account; made on first use. */
  openChat(accountId: Hex): Promise<ChatView>
  createGroup(group: { readonly name: string; readonly accountIds: readonly Hex[] }): Promise<ChatView>
  addMembers(chatId: Hex, accountIds: readonly Hex[]): Promise<void>
  /** Nothing more is sent in the chat until they are out (`ChatView.removal`). */
  removeMember(chatId: Hex, accountId: Hex): Promise<void>
  /** Tries at once again what `ChatView.removal` says. */
  retryRemoval(chatId: Hex): Promise<void>
  /** Lets somebody stay whom this account asked to remove, after it lost the right to. `not_allowed` while it has it. */
  withdrawRemoval(chatId: Hex, accountId: Hex): Promise<void>
  leave(chatId: Hex): Promise<void>
  rename(chatId: Hex, name: string): Promise<void>
  setRole(chatId: Hex, accountId: Hex, role: Role): Promise<void>
  setRules(chatId: Hex, rules: GroupRules): Promise<void>
  /**
   * What new members are shown of what was written before: the last 1 to 200 messages, or those of the last 1 to 30 days. Neither turns it off.
   * Whoever lets them in sends it under their own name.
   */
  setHistorySharing(chatId: Hex, history: { readonly messages?: number; readonly days?: number }): Promise<void>

  /**
   * The message is stored and shown as `queued` when the promise resolves. `text` is GFM-MIMI: pass typed text through `markdownOf` first.
   * `id` is 16 random bytes chosen by the caller. If you do not know whether a call was carried out, repeat it with the same id: the
   * message is sent only once.
   */
  send(
    chatId: Hex,
    message: {
      readonly text: string
      readonly inReplyTo?: Hex
      readonly id?: Hex
      /** Somebody wrote it elsewhere. The others see that it was passed on, and neither who wrote it nor where. */
      readonly forwarded?: true
    },
  ): Promise<MessageView>
  edit(chatId: Hex, messageId: Hex, text: string): Promise<void>
  deleteForAll(chatId: Hex, messageId: Hex): Promise<void>
  /** Removes a message that was sent from this account's devices. Nobody else is told. */
  deleteForMe(chatId: Hex, messageId: Hex): Promise<void>
  /** Keeps a message in a list of one's own, on all devices of the account. Nobody else is told. */
  setStarred(chatId: Hex, messageId: Hex, on: boolean): Promise<void>
  /** Starred messages of all chats, the latest first; up to 500. */
  starred(limit?: number): Promise<readonly MessageView[]>
  react(chatId: Hex, messageId: Hex, emoji: string, on: boolean): Promise<void>
  /** Ends the download of a photo or a file. What came so far is kept. */
  stopDownload(chatId: Hex, messageId: Hex): Promise<void>
  /** Asks the sender of a photo or a file that the server does not have any more. If their device still has it, the message changes. */
  askForFile(chatId: Hex, messageId: Hex): Promise<void>
  /** Tries a failed message again, or forgets it. `discard` also stops a photo or a file that is being uploaded. */
  retry(chatId: Hex, messageId: Hex): Promise<void>
  discard(chatId: Hex, messageId: Hex): Promise<void>
  typing(chatId: Hex): Promise<void>
  /** Everything up to this message has been seen; sends read receipts where the chat is accepted. */
  markRead(chatId: Hex, messageId: Hex): Promise<void>

  acceptRequest(chatId: Hex): Promise<void>
  /** Removes the chat from this account's devices. This also declines a request. */
  deleteChat(chatId: Hex): Promise<void>
  setBlocked(accountId: Hex, blocked: boolean): Promise<void>
  setChatOptions(
    chatId: Hex,
    options: {
      /** True: until it is turned off. A number: until that time, Unix milliseconds. */
      readonly muted?: boolean | number
      readonly pinned?: boolean
      readonly archived?: boolean
      /** As if it had not been read. Reading it ends that. Nobody else is told. */
      readonly unread?: boolean
      readonly draft?: string
      /** '' takes the chat out of its folder. A folder that is new is made. */
      readonly folder?: string
    },
  ): Promise<void>
  /** What an interface keeps for the person on all their devices: texts by name. It may have been written by another version. */
  settings(): Promise<Readonly<Record<string, string>>>
  /** `name` is of a-z and -; `value` has up to 1,000 characters. */
  setSetting(name: string, value: string): Promise<void>
  /** The folders of the list of chats, in their order. A chat is in one of them or in none. */
  folders(): Promise<readonly string[]>
  /** @throws `invalid_input` for a name that is none or taken, and for one too many */
  makeFolder(name: string): Promise<void>
  /** Its chats stay in it. `not_found`, and as `makeFolder`. */
  renameFolder(folder: string, name: string): Promise<void>
  /** To this place, counted from 0. */
  moveFolder(folder: string, place: number): Promise<void>
  /** Its chats stay in the list. */
  deleteFolder(folder: string): Promise<void>

  safety(accountId: Hex): Promise<SafetyView>
  setVerified(accountId: Hex, verified: boolean): Promise<void>
  /** Dismisses the neutral banner of a changed, unverified contact. */
  acknowledgeIdentity(accountId: Hex): Promise<void>
  /** Compares a scanned QR text with what this device knows. */
  compareSafety(
    accountId: Hex,
    scanned: string,
  ): Promise<{
    readonly matches: boolean
    /** Whether both devices see one log. `unproven`: the log could not be asked; the rest holds. */
    readonly log?: "same" | "unproven" | "forked" | "other"
  }>
  /** Looks the account up in the key log now; the result is also what `safety` shows from then on. */
  checkTransparency(accountId: Hex): Promise<SafetyView["transparency"]>
  logStatus(): Promise<LogStatusView>
  devices(): Promise<readonly DeviceView[]>
  /** Removes a device from the own account and from every chat. `not_allowed` for this device itself, or when it can no longer change the account. */
  removeOwnDevice(deviceId: Hex): Promise<void>
  /** "It was me": the versions of the own account that brought the device count as made by its owner. */
  acknowledgeOwnDevice(deviceId: Hex): Promise<void>
  /**
   * Ends the account for good: this device signs a last version without devices. Resolves when the log holds that version. From then on the
   * connection is `refused` with `account_deleted`, nothing more is sent, and stored messages stay readable until the store is erased. A
   * signed last version is sent again until the log holds it, even after a restart or when this rejects. `not_allowed` when the device can
   * no longer change the account.
   */
  deleteAccount(): Promise<void>
  alarms(): Promise<readonly AlarmView[]>
  /** The person has read it. What was stopped goes on if the log, asked again, holds; otherwise this rejects and nothing changes. */
  acknowledgeAlarm(alarmId: Hex): Promise<void>
  /** `not_found` for an alarm without evidence. */
  exportEvidence(alarmId: Hex): Promise<EvidenceFile>
  /** Whether a file that somebody shows proves to this device who broke a chat. `invalid_input` for another file. */
  checkEvidence(text: string): Promise<EvidenceCheck>
  exportOwnData(): Promise<OwnExport>
  serverRecord(): Promise<OwnRecord>
  /** The signed archive that the server's desk would hand over about this account, with its letter. */
  serverArchive(): Promise<ServerArchive>
  /** What the operator told about requests that named this account, newest first. Kept on this device; asked for daily. */
  operatorNotices(): Promise<readonly OperatorNoticeView[]>
  /** The person has read it. `not_found` if there is none. */
  acknowledgeOperatorNotice(id: Hex): Promise<void>
  /** What this device knows of the server's canary; looks at most every six hours by itself. */
  canary(): Promise<CanaryView>
  /** Looks at it now. A server that does not answer makes no change: `failedAtMs` says so. */
  checkCanary(): Promise<CanaryView>
  /**
   * The person has read that it changed or ended: `readingId` of what they were shown. What holds for itself is the one that is known from now
   * on. `not_found` if it is something else by now.
   */
  acknowledgeCanary(readingId: Hex): Promise<void>

  /** Resolves when everything that the server announced has been taken in and the outbox is empty, or after `timeoutMs` (false). */
  settled(timeoutMs: number): Promise<boolean>
  /** Closes the socket and the store. Everything is already on disk. */
  close(): Promise<void>
}

/** A device in the same program: archives and files go through it as streams of bytes. */
export interface OpenDevice extends Device {
  readonly archives: ArchiveCalls
  readonly files: FileCalls
}
