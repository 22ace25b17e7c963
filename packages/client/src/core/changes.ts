// What a transaction changed, as plain ids. Views read from it what there is to show; the transaction knows nothing of them.

import { toHex } from "@nodoor/bytes"
import type { Hex } from "./hex.ts"

export interface ChangedMessages {
  readonly ids: ReadonlySet<Hex>
  /** Those of others that were not there before. */
  readonly incoming: ReadonlySet<Hex>
}

export interface Changes {
  readonly isEmpty: boolean
  /** Chats that are new, changed or gone. A chat with a changed message is among them. */
  readonly chats: ReadonlySet<Hex>
  readonly messages: ReadonlyMap<Hex, ChangedMessages>
  readonly contacts: ReadonlySet<Hex>
  /** Alarms that were raised, oldest first. */
  readonly alarms: ReadonlySet<Hex>
  readonly operatorNotices: boolean
  readonly canary: boolean
  readonly recovery: boolean
  /** The folders of the list of chats. */
  readonly folders: boolean
  /** Settings that all devices of the account share. */
  readonly settings: boolean
  /** A chat was muted until some time. */
  readonly mutes: boolean
}

export class ChangeSet implements Changes {
  readonly chats: Set<Hex> = new Set()
  readonly messages: Map<Hex, { readonly ids: Set<Hex>; readonly incoming: Set<Hex> }> = new Map()
  readonly contacts: Set<Hex> = new Set()
  readonly alarms: Set<Hex> = new Set()
  operatorNotices = false
  canary = false
  recovery = false
  folders = false
  settings = false
  mutes = false

  get isEmpty(): boolean {
    const others = [this.operatorNotices, this.canary, this.recovery, this.folders, this.settings]
    return this.chats.size + this.contacts.size + this.alarms.size === 0 && !others.includes(true)
  }

  message(chatId: Uint8Array, messageId: Uint8Array, { incoming }: { readonly incoming: boolean }): void {
    const { ids, incoming: arrived } = this.#messagesOf(toHex(chatId))
    ids.add(toHex(messageId))
    if (incoming) arrived.add(toHex(messageId))
  }

  /** Takes in what a later transaction changed. */
  add(later: Changes): void {
    for (const id of later.chats) this.chats.add(id)
    for (const id of later.contacts) this.contacts.add(id)
    for (const id of later.alarms) this.alarms.add(id)
    for (const [chatId, { ids, incoming }] of later.messages) {
      const messages = this.#messagesOf(chatId)
      for (const id of ids) messages.ids.add(id)
      for (const id of incoming) messages.incoming.add(id)
    }
    this.operatorNotices ||= later.operatorNotices
    this.canary ||= later.canary
    this.recovery ||= later.recovery
    this.folders ||= later.folders
    this.settings ||= later.settings
    this.mutes ||= later.mutes
  }

  #messagesOf(chatId: Hex): { readonly ids: Set<Hex>; readonly incoming: Set<Hex> } {
    this.chats.add(chatId)
    const known = this.messages.get(chatId)
    if (known) return known
    const fresh = { ids: new Set<Hex>(), incoming: new Set<Hex>() }
    this.messages.set(chatId, fresh)
    return fresh
  }
}
