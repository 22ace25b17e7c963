// The messages between tabs and the worker that owns the device. They are plain data, because they cross postMessage and BroadcastChannel.

import type { ClientEvent, Device, Registration } from "@nodoor/client"
import type { ServerInfo } from "@nodoor/wire"
import type { HostState, StorageView } from "./host.ts"

/** The worker's methods besides those of the device. */
export interface Setup {
  serverInfo(): Promise<ServerInfo>
  checkInvite(invite: string): Promise<void>
  requestEmailCode(email: string): Promise<void>
  register(registration: Registration): Promise<void>
  erase(): Promise<void>
}

export type Owner = Setup & Omit<Device, "subscribe" | "close">
export type Method = keyof Owner
export type Arguments<M extends Method> = Parameters<Owner[M]>
export type Answer<M extends Method> = Awaited<ReturnType<Owner[M]>>

/**
 * Every method a tab may call, and what happens to a call that was under way when the owner's tab closed: `again` calls are put to the
 * next owner (reading, and changes that mean the same when made twice; a message carries its own id), `once` calls are answered with `changed_tabs`, because the
 * old owner may have carried them out.
 */
export const methods = {
  serverInfo: "again",
  checkInvite: "again",
  requestEmailCode: "once",
  register: "once",
  erase: "again",
  connection: "again",
  reconnect: "again",
  account: "again",
  setName: "again",
  chats: "again",
  chat: "again",
  members: "again",
  messages: "again",
  messagesById: "again",
  messageDetails: "again",
  search: "again",
  findContact: "again",
  contact: "again",
  contacts: "again",
  openChat: "again",
  createGroup: "once",
  addMembers: "once",
  removeMember: "once",
  retryRemoval: "again",
  withdrawRemoval: "again",
  leave: "once",
  rename: "again",
  setRole: "again",
  setRules: "again",
  send: "again",
  edit: "once",
  deleteForAll: "again",
  react: "again",
  retry: "once",
  discard: "again",
  typing: "again",
  markRead: "again",
  acceptRequest: "again",
  deleteChat: "again",
  setBlocked: "again",
  setChatOptions: "again",
  safety: "again",
  setVerified: "again",
  acknowledgeIdentity: "again",
  compareSafety: "again",
  checkTransparency: "again",
  logStatus: "again",
  devices: "again",
  removeOwnDevice: "again",
  acknowledgeOwnDevice: "again",
  deleteAccount: "again",
  alarms: "again",
  acknowledgeAlarm: "again",
  exportEvidence: "again",
  exportOwnData: "again",
  serverRecord: "again",
  serverArchive: "again",
  operatorNotices: "again",
  acknowledgeOperatorNotice: "again",
  canary: "again",
  checkCanary: "again",
  acknowledgeCanary: "again",
  settled: "again",
} as const satisfies Record<Method, "again" | "once">

export interface Fault {
  readonly code: string
  readonly message: string
  readonly retryAfterMs: number | undefined
}

export type ToOwner =
  | { readonly to: "owner"; readonly type: "hello" }
  /** Sent when somebody tries again after `failed` or `lost`. */
  | { readonly to: "owner"; readonly type: "restart" }
  | {
      readonly to: "owner"
      readonly type: "call"
      readonly tab: string
      readonly call: number
      readonly method: Method
      readonly args: readonly unknown[]
    }

export type FromOwner =
  | { readonly to: "tabs"; readonly type: "state"; readonly owner: string; readonly state: HostState }
  | { readonly to: "tabs"; readonly type: "storage"; readonly owner: string; readonly storage: StorageView }
  | { readonly to: "tabs"; readonly type: "event"; readonly owner: string; readonly event: ClientEvent }
  | {
      readonly to: "tabs"
      readonly type: "answer"
      readonly tab: string
      readonly call: number
      readonly ok: true
      readonly value: unknown
    }
  | { readonly to: "tabs"; readonly type: "answer"; readonly tab: string; readonly call: number; readonly ok: false; readonly fault: Fault }
