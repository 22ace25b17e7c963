// What a person interface (web app, CLI, bot) sees of one device. Every value is plain data that can cross a worker boundary or
// become JSON: ids are lower-case hexadecimal, times are Unix milliseconds. Nothing here is a secret key, but for the one in `OwnExport`.

import type { CanaryView } from "./canary-view.ts"
import type { OperatorNotice, OwnRecord, ServerInfo } from "@nodoor/wire"

export type * from "./canary-view.ts"

export type Hex = string

export interface AccountView {
  readonly accountId: Hex
  readonly deviceId: Hex
  readonly handle: string
  readonly origin: string
  /** Base URL the device talks to. */
  readonly serverUrl: string
  /** Name that contacts see, from the encrypted profile. */
  readonly name: string
  readonly server: ServerInfo
}

export type ConnectionStatus =
  /** `trouble`: it is not the network; this device's own store takes nothing in for now. A code of `ClientError`, and words for a person. */
  | {
      readonly status: "offline"
      readonly retryAtMs: number | undefined
      readonly trouble?: { readonly code: string; readonly message: string }
    }
  | { readonly status: "connecting" }
  /** Everything that waited in the mailbox has been taken in. */
  | { readonly status: "online" }
  /**
   * The server refused this device; a person has to act. `account_deleted`, `account_erased`: for good, what is here is only read.
   * `account_suspended`: until the operator resumes it, which the device finds out by itself. `older_copy`: this store is older than what the
   * device has received or sent; nothing is sent or received with it.
   */
  | { readonly status: "refused"; readonly code: string; readonly message: string }

export type Role = "admin" | "member"
export type WhoMay = "admins" | "everyone"
export interface GroupRules {
  readonly add: WhoMay
  readonly rename: WhoMay
  readonly post: WhoMay
}

export interface ContactView {
  readonly accountId: Hex
  /** Proven: the log binds it to this account. Undefined while it was not checked; what a server says alone is never shown. */
  readonly handle?: string | undefined
  /** Twelve hexadecimal digits that the account cannot choose: what stands for it, after a `#`, where there is no handle. */
  readonly mark: string
  readonly origin: string
  /**
   * From the contact's encrypted profile, with `(@handle)` behind it where the name could be taken for somebody else's or for a word of the
   * interface; `@handle`, or `#mark`, until a profile arrived.
   */
  readonly name: string
  readonly verified: boolean
  readonly blocked: boolean
  /** In `contacts()`: written to, accepted, verified, or in a common group. Whoever only asked is not. */
  readonly known?: boolean
  /**
   * The account has ended, as the key log shows: nobody can be reached there, and the handle stays taken. `proven`: one of the account's own
   * devices ended it. `unproven`: the log has erased who did.
   */
  readonly ended?: "proven" | "unproven"
  readonly deviceCount: number
  /** Set while the contact's identity differs from the one verified or first seen: what the trust ladder shows. */
  readonly identityChange:
    | {
        readonly atMs: number
        readonly kind: "reset" | "changed"
        /** The person had verified them before: nothing is sent until they verify again or withdraw the verification. */
        readonly wasVerified: boolean
      }
    | undefined
}

export interface MemberView extends ContactView {
  readonly role: Role
  readonly own: boolean
}

export interface ChatView {
  readonly id: Hex
  readonly kind: "dm" | "group" | "self"
  readonly title: string
  /** `request`: a stranger wrote first and nothing goes back until accepted. `left`: removed or left; readable, not writable. `halted`: refused by policy or trust, see `alarm`. */
  readonly state: "active" | "request" | "left" | "blocked" | "halted"
  /** The other account of a dm. */
  readonly peer: ContactView | undefined
  readonly memberCount: number
  readonly ownRole: Role
  readonly rules: GroupRules
  readonly unreadCount: number
  /** First unread message, for the divider. */
  readonly firstUnreadId: Hex | undefined
  readonly muted: boolean
  readonly pinned: boolean
  readonly archived: boolean
  readonly draft: string
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
  /** Who is to go; empty while it is whoever left. */
  readonly accounts: readonly Hex[]
  /** What is so and what it means: sentences for a person. */
  readonly text: string
  /** This account may not remove them any more: `withdrawRemoval` lets them stay. */
  readonly outOfHands: boolean
}

/** `queued`: stored here, not yet taken by the server. `sent`: on the server's disk. `delivered`/`read`: by every other member. */
export type DeliveryStatus = "queued" | "sent" | "delivered" | "read" | "failed"

export type MessageContent =
  /** GFM-MIMI Markdown as sent. `@nodoor/client/text` makes a tree of it to draw, or the plain words. */
  | { readonly type: "text"; readonly markdown: string }
  | { readonly type: "deleted" }
  /** Something of a kind this version does not show. */
  | { readonly type: "unsupported"; readonly contentType: string }
  /** Not decryptable yet: kept, never skipped silently. */
  | { readonly type: "waiting"; readonly reason: string }
  /** A line of the chat's history that nobody typed. */
  | { readonly type: "event"; readonly event: ChatEvent }

export type ChatEvent =
  | { readonly kind: "created"; readonly by: Hex }
  | { readonly kind: "added" | "removed"; readonly by: Hex; readonly accounts: readonly Hex[] }
  | { readonly kind: "left"; readonly account: Hex }
  | { readonly kind: "renamed"; readonly by: Hex; readonly name: string }
  | { readonly kind: "role"; readonly by: Hex; readonly account: Hex; readonly role: Role }
  | { readonly kind: "rules"; readonly by: Hex; readonly rules: GroupRules }
  | { readonly kind: "identity_changed"; readonly account: Hex }
  | { readonly kind: "device_added" | "device_removed"; readonly account: Hex }
  /** The account was deleted by one of its devices; `unproven`: it has ended, and the log has erased who ended it. */
  | { readonly kind: "account_deleted"; readonly account: Hex; readonly unproven?: boolean }
  /** A commit broke policy or trust and was refused; nobody was let in. */
  | { readonly kind: "refused_commit"; readonly by: Hex; readonly code: string }
  /**
   * The server withheld, reordered or forked this chat's history (docs/protocol.md, "One history for all"). `by`: it is a member's word
   * against this device's.
   */
  | { readonly kind: "history_mismatch"; readonly code: string; readonly by?: Hex }

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
  /** `kind`: what it is by now; `absent` if this device does not have it. Only `text` has words. */
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

export interface DeviceView {
  readonly deviceId: Hex
  readonly deviceClass: "cli" | "desktop" | "mobile" | "web" | "web-verified" | "bot"
  readonly own: boolean
  readonly addedVersion: number
  /** The log holds it, and this account's own list does not: remove it, or say that it was you. */
  readonly unknown?: boolean
}

export interface SafetyView {
  readonly contact: ContactView
  /** 60 digits in 12 groups of five, the same on both sides. */
  readonly digits: readonly string[]
  /** Text for the QR code. */
  readonly qr: string
  readonly verifiedAtMs: number | undefined
  /** What the key-transparency row shows. A check that was not done says so. */
  readonly transparency:
    | { readonly status: "not_checked"; readonly reason: string }
    | { readonly status: "running" }
    | { readonly status: "ok"; readonly atMs: number; readonly witnesses: readonly string[] }
    | { readonly status: "unavailable"; readonly reason: string; readonly atMs: number }
    | { readonly status: "failed"; readonly code: string; readonly atMs: number }
}

/** Levels as in docs/transparency.md: only `red` stops sending. */
export interface AlarmView {
  readonly id: Hex
  readonly level: "info" | "notice" | "warn" | "red"
  readonly code: string
  readonly chatId: Hex | undefined
  readonly accountId: Hex | undefined
  /** Who, what changed, when, what to do: a sentence for a person. */
  readonly text: string
  readonly atMs: number
  /** The device of the own account that it is about. */
  readonly deviceId?: Hex | undefined
  /** Whether `exportEvidence` has something to give. */
  readonly evidence?: boolean
  readonly acknowledgedAtMs?: number | undefined
}

/** How this device sees the key log of its server. */
export interface LogStatusView {
  /** `unknown`: nothing was verified yet. Names what it is: an operator's own log without witnesses is not independently witnessed. */
  readonly tier: "unknown" | "not_independently_witnessed" | "witnessed"
  /** SHA-256 of the log's first entry, which this device pinned: what people compare. */
  readonly pin: Hex | undefined
  /** Entries under the last head that passed every check, and the time of its last epoch. */
  readonly size: number | undefined
  readonly epochAtMs: number | undefined
  /** When the log last answered with something that passed. */
  readonly checkedAtMs: number | undefined
  /** Names of the witnesses and auditors whose statements counted. */
  readonly witnesses: readonly string[]
  readonly auditors: readonly string[]
  /** Set while nothing is sent from this device, with the alarm that says why. */
  readonly stopped: { readonly code: string; readonly alarmId: Hex } | undefined
}

/** A file to keep and to show to others. */
export interface EvidenceFile {
  readonly name: string
  /** `proof`: `nodoor kt verify-evidence` checks it with nothing else. `record`: what this device saw, for those who investigate. */
  readonly kind: "proof" | "record"
  readonly text: string
}

/** What the operator says of a request that named this account. Nobody but the operator vouches for it, and it is no message of anybody. */
export interface OperatorNoticeView extends OperatorNotice {
  readonly id: Hex
  /** Whose operator says so. */
  readonly origin: string
  readonly arrivedAtMs: number
  /** When the person read it. */
  readonly acknowledgedAtMs: number | undefined
}

/** The server's signed archive about this account, as files to keep. */
export interface ServerArchive {
  readonly name: string
  /** JSON, byte for byte as it came. */
  readonly text: string
  /** The letter inside it: HTML that the operator's server wrote. Show it only where it can run and load nothing. */
  readonly letter: { readonly name: string; readonly html: string }
}

export type ClientEvent =
  | { readonly type: "connection"; readonly connection: ConnectionStatus }
  /** These chats changed (or are new, or are gone). */
  | { readonly type: "chats"; readonly ids: readonly Hex[] }
  /** These messages of a chat are new or changed; `incoming` are those of others that were not there before. */
  | { readonly type: "messages"; readonly chatId: Hex; readonly ids: readonly Hex[]; readonly incoming: readonly Hex[] }
  | { readonly type: "contacts"; readonly ids: readonly Hex[] }
  | { readonly type: "typing"; readonly chatId: Hex; readonly accountId: Hex; readonly untilMs: number }
  | { readonly type: "alarm"; readonly alarm: AlarmView }
  /** The operator told something new about a request, or it was read. */
  | { readonly type: "operator_notices" }
  /** The server's canary, or what this device knows of it, may be another. */
  | { readonly type: "canary" }

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

/**
 * One device. All methods reject with `ClientError` (a `code`, and a message for people). What changes is on disk before the promise
 * resolves; sending happens afterwards by itself, also after a restart.
 */
export interface Device {
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
  /** Messages containing the text, newest first. */
  search(text: string, limit?: number): Promise<readonly MessageView[]>

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
   * Stored and shown as `queued` when the promise resolves. `text` is GFM-MIMI: what a person typed goes through `markdownOf` first. `id`: 16 random bytes of the caller's; whoever does not know whether a call was
   * carried out makes it again with the same id, and the message is sent once.
   */
  send(chatId: Hex, message: { readonly text: string; readonly inReplyTo?: Hex; readonly id?: Hex }): Promise<MessageView>
  edit(chatId: Hex, messageId: Hex, text: string): Promise<void>
  deleteForAll(chatId: Hex, messageId: Hex): Promise<void>
  react(chatId: Hex, messageId: Hex, emoji: string, on: boolean): Promise<void>
  /** Tries a failed message again, or forgets it. */
  retry(chatId: Hex, messageId: Hex): Promise<void>
  discard(chatId: Hex, messageId: Hex): Promise<void>
  typing(chatId: Hex): Promise<void>
  /** Everything up to this message has been seen; sends read receipts where the chat is accepted. */
  markRead(chatId: Hex, messageId: Hex): Promise<void>

  acceptRequest(chatId: Hex): Promise<void>
  /** Removes the chat from this device; a request is thereby declined. */
  deleteChat(chatId: Hex): Promise<void>
  setBlocked(accountId: Hex, blocked: boolean): Promise<void>
  setChatOptions(
    chatId: Hex,
    options: { readonly muted?: boolean; readonly pinned?: boolean; readonly archived?: boolean; readonly draft?: string },
  ): Promise<void>

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
  /** Takes a device out of the own account, and thereby out of every chat. `not_allowed` for this device itself, or when it has no say any more. */
  removeOwnDevice(deviceId: Hex): Promise<void>
  /** "It was me": the versions of the own account that brought the device count as made by its owner. */
  acknowledgeOwnDevice(deviceId: Hex): Promise<void>
  /**
   * Ends the account for good: its last version, without devices, signed by this one. Resolves when the log holds it: then the connection is
   * `refused` with `account_deleted`, nothing is sent any more, and what is here stays readable until the store is erased. Once signed it is
   * sent again until the log holds it, also after a restart, whatever this rejects with. `not_allowed` when the device has no say any more.
   */
  deleteAccount(): Promise<void>
  alarms(): Promise<readonly AlarmView[]>
  /** The person has read it. What was stopped goes on if the log, asked again, holds; otherwise this rejects and nothing changes. */
  acknowledgeAlarm(alarmId: Hex): Promise<void>
  /** `not_found` for an alarm without evidence. */
  exportEvidence(alarmId: Hex): Promise<EvidenceFile>
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

  /** Resolves when the mailbox has been read to its head and the outbox is empty, or after `timeoutMs` (false). */
  settled(timeoutMs: number): Promise<boolean>
  /** Closes the socket and the store. Everything is already on disk. */
  close(): Promise<void>
}
