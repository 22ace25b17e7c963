// What the records of an archive hold. Times are Unix milliseconds; what is optional may be missing for the reasons that the store has.

export interface AccountRecord {
  readonly accountId: Uint8Array
  readonly origin: string
  readonly handle: string
  /** What contacts see. */
  readonly name: string
  /** The newest version of the account that the device knew. */
  readonly version: number
  readonly madeAtMs: number
  readonly chats: number
  /** Of people; lines about what happened are not counted. */
  readonly messages: number
}

/** A signed version of an account. Those of one account stand together, from version 0 on. */
export interface StateRecord {
  readonly accountId: Uint8Array
  readonly version: number
  /** `SignedAccountState` of docs/transparency.md. */
  readonly signed: Uint8Array
}

/** A handle, with the binding that a device of the account signed. */
export interface HandleRecord {
  readonly accountId: Uint8Array
  readonly handle: string
  readonly version: number
  readonly binding: Uint8Array
}

export interface ContactRecord {
  readonly accountId: Uint8Array
  readonly name: string
  readonly mark: string
  readonly accepted: boolean
  readonly blocked: boolean
  readonly firstResets: number
  readonly verifiedMs: number | undefined
  readonly verifiedResets: number | undefined
  readonly changeMs: number | undefined
  readonly changeKind: "reset" | "changed" | undefined
}

/** The chats, the newest first. */
export interface ChatRecord {
  readonly chatId: Uint8Array
  readonly kind: "dm" | "group" | "self"
  readonly state: "active" | "request" | "left" | "halted"
  readonly groupId: Uint8Array
  readonly peer: Uint8Array | undefined
  readonly title: string
  readonly hidden: boolean
  readonly muted: boolean
  readonly pinned: boolean
  readonly archived: boolean
  readonly settled: boolean
  readonly draft: string
  readonly activityMs: number
  /** The newest message that was read. */
  readonly readId: Uint8Array | undefined
  readonly messages: number
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
}

export interface GroupRecord {
  readonly groupId: Uint8Array
  readonly chatId: Uint8Array
  readonly status: "active" | "leaving" | "left" | "halted" | "succeeded"
  readonly epoch: number
  /** The policy extension of that epoch. */
  readonly policy: Uint8Array
  readonly members: readonly Uint8Array[]
  /** What lets a device that was restored ask to be taken in again. Not in an archive for a device that is linked. */
  readonly rejoin: RejoinRecord | undefined
}

export interface RejoinRecord {
  readonly seat: Uint8Array
  readonly secret: Uint8Array
  readonly epoch: number
  readonly key: Uint8Array | undefined
}

/** An entry of what the devices of an account keep the same; the stamp is time, counter and device. */
export interface SyncRecord {
  readonly key: string
  /** CBOR. */
  readonly value: Uint8Array
  readonly ms: number
  readonly counter: number
  readonly device: Uint8Array
}

/** Ids of accounts and groups that messages name by number, counted from 0 over all these records. */
export interface IdsRecord {
  readonly ids: readonly Uint8Array[]
}

export interface MessageRecord {
  /** Number of its chat, counted from 0. */
  readonly chat: number
  readonly group: number
  readonly messageId: Uint8Array
  /** Place in the group's log. */
  readonly order: number | undefined
  readonly timeMs: number
  readonly account: number
  readonly kind: "content" | "deleted" | "waiting" | "event"
  readonly inReplyTo: Uint8Array | undefined
  readonly editedMs: number | undefined
  /** It is an own message. */
  readonly isSent: boolean
  readonly sendId: Uint8Array | undefined
  readonly epoch: number | undefined
  readonly sentMs: number | undefined
  readonly parts: readonly { readonly kind: string; readonly text: string; readonly data: Uint8Array | undefined }[]
  readonly reactions: readonly { readonly account: number; readonly emoji: string; readonly messageId: Uint8Array }[]
  readonly receipts: readonly { readonly account: number; readonly status: number; readonly atMs: number }[]
}

export interface EndRecord {
  /** How many records there are, this one included. */
  readonly records: number
  /** How many of them are messages. */
  readonly messages: number
}

interface Records {
  readonly account: AccountRecord
  readonly state: StateRecord
  readonly handle: HandleRecord
  readonly contact: ContactRecord
  readonly chat: ChatRecord
  readonly group: GroupRecord
  readonly sync: SyncRecord
  readonly ids: IdsRecord
  readonly message: MessageRecord
  readonly end: EndRecord
}

export type RecordType = keyof Records
export type RecordOf<T extends RecordType> = { readonly type: T } & Records[T]
export type ArchiveRecord = { [T in RecordType]: RecordOf<T> }[RecordType]
