// What the devices of an account tell each other: entries, each with a key, a value and the time at which it was written (docs/sync.md).

import { type CborValue, toHex } from "@nodoor/bytes"
import { idBytes } from "@nodoor/wire"
import type { Transaction } from "../../core/transaction.ts"

export const syncLimits = {
  keyCharacters: 200,
  /** Of a value as CBOR. */
  valueBytes: 4_096,
  /** Of a draft: longer ones stay on their device. */
  draftBytes: 65_536,
  /** Of the list of folders. */
  foldersBytes: 16_384,
  /** Entries in one post, and their bytes: one of the largest fits. */
  postEntries: 512,
  postBytes: 98_304,
  /** Entries that a device keeps; of those that mean nothing here (yet), fewer. */
  entries: 100_000,
  openEntries: 1_000,
} as const

/** A hybrid logical clock: `counter` orders what was written after something with the same or a later `ms`. */
export interface Stamp {
  readonly ms: number
  readonly counter: number
  /** Of the device that wrote it. Decides between equal times. */
  readonly deviceId: Uint8Array
}

export interface SyncEntry {
  readonly key: string
  /** null: it was taken away. */
  readonly value: CborValue
  readonly stamp: Stamp
}

/** Which conversation: the other account of a chat of two, which may have other ids on other devices, or the id of a group's chat. */
export function chatName({ chatId, peer }: { readonly chatId: Uint8Array; readonly peer?: Uint8Array | undefined }): string {
  return toHex(peer ?? chatId)
}

/** Whether a conversation is named by its other account. */
export function namesPeer(name: string): boolean {
  return name.length === 2 * idBytes
}

export const chatOptionNames = ["muted", "pinned", "archived", "unread", "draft", "folder"] as const
export type ChatOptionName = (typeof chatOptionNames)[number]

/** The keys of all entries. What each means and how it is merged is in `sync/rules.ts`. */
export const syncKeys = {
  /** Everything in this group up to an order has been read. */
  read: (groupId: Uint8Array): string => `read/${toHex(groupId)}`,
  /** Everything in this group up to an order was deleted by its person. */
  cleared: (groupId: Uint8Array): string => `cleared/${toHex(groupId)}`,
  /** The person keeps the message in a list of their own. */
  starred: (groupId: Uint8Array, messageId: Uint8Array): string => `starred/${toHex(groupId)}/${toHex(messageId)}`,
  deleted: (groupId: Uint8Array, messageId: Uint8Array): string => `deleted/${toHex(groupId)}/${toHex(messageId)}`,
  chat: (name: string, option: ChatOptionName | "accepted"): string => `chat/${name}/${option}`,
  contact: (accountId: Uint8Array, what: "accepted" | "blocked" | "verified"): string => `contact/${toHex(accountId)}/${what}`,
  setting: (name: string): string => `setting/${name}`,
  profileName: "profile/name",
  /** The names of the folders of the list of chats, in their order. */
  folders: "folders",
  deviceName: (deviceId: Uint8Array): string => `device/${toHex(deviceId)}/name`,
  recoveryConfirmed: "recovery/confirmed",
  recoveryPasskey: "recovery/passkey",
} as const

/** Notes what the person changed, in the transaction that changes it. */
export interface SyncNotes {
  synced(tx: Transaction, key: string, value: CborValue): Promise<void>
}
