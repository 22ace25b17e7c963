// What comes before the messages of an archive: people, chats, groups. Each record says the same if it is taken in again.

import { CodecError, bytes, decodeCbor, equal, toHex } from "@nodoor/bytes"
import { type AccountId, KeylogError, type VerifiedAccountState, verifyAccountState, verifyHandleBinding } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { ClientError } from "../core/client-error.ts"
import type { Hex } from "../core/hex.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { type Policy, decodePolicy } from "../core/policy.ts"
import type { Transaction } from "../core/transaction.ts"
import { type ArchivedChat, findChatLike, insertArchivedChat, settleArchivedChat } from "../store/archive/archived-chats.ts"
import { saveArchivedGroup } from "../store/archive/archived-groups.ts"
import { addArchivedContact, addArchivedHandle } from "../store/archive/archived-people.ts"
import { findGroup } from "../store/group/groups.ts"
import { type SyncEntry, syncLimits } from "../store/sync/sync-entry.ts"
import { findLatestState, insertState } from "../store/trust/account-states.ts"
import { archiveTexts } from "../texts/en.ts"
import { archiveError } from "./format/archive-error.ts"
import type { ArchiveRecord, RecordOf } from "./format/record-types.ts"

export type HeadRecord = Exclude<ArchiveRecord, { readonly type: "account" | "message" | "end" }>

/** An archive that names more is not one of ours. */
const idsMax = 200_000
const chatsMax = 100_000

export interface ImportedChat {
  readonly chatId: Uint8Array
  readonly readId: Uint8Array | undefined
}

export interface HeadImportParts {
  readonly own: Pick<OwnDevice, "accountId" | "origin">
  readonly crypto: CryptoProvider
  readonly sync: (tx: Transaction, entries: readonly SyncEntry[]) => Promise<void>
}

export class HeadImport {
  readonly #parts: HeadImportParts
  /** By number. */
  readonly ids: Uint8Array[] = []
  readonly chats: (ImportedChat | undefined)[] = []
  /** Of people, in the chats that are taken in, as the archive says. */
  messages = 0
  /** Undefined: all. */
  readonly #chosen: ReadonlySet<Hex> | undefined
  /** Chats here, by the id that they have in the archive. */
  readonly #chatIds = new Map<Hex, Uint8Array>()
  /** Of the account whose states come now, all that hold. */
  #chain: VerifiedAccountState[] = []
  /** Whose states are not taken: this device knows the account, or one of them does not hold. */
  #skipped: Uint8Array | undefined

  /** `chosen`: ids of the chats to take in, as the archive has them. */
  constructor(parts: HeadImportParts, chosen?: readonly Hex[]) {
    this.#parts = parts
    this.#chosen = chosen && new Set(chosen)
  }

  /** Whether messages of the chat with this number are taken in. @throws ClientError `archive_damaged` for one that the archive does not have */
  isChosen(number: number): boolean {
    if (number >= this.chats.length) throw archiveError("archive_damaged")
    return this.chats[number] !== undefined
  }

  /** Once all chats have come. @throws ClientError `not_found` */
  checkChosen(): void {
    for (const id of this.#chosen ?? []) if (!this.#chatIds.has(id)) throw new ClientError("not_found", archiveTexts.noSuchChat)
  }

  async take(tx: Transaction, records: readonly HeadRecord[]): Promise<void> {
    const sync: SyncEntry[] = []
    for (const record of records)
      switch (record.type) {
        case "state":
          await this.#state(tx, record)
          break
        case "handle":
          await this.#handle(tx, record)
          break
        case "contact":
          if (!this.#isOwn(record.accountId)) addArchivedContact(tx, { ...record, accountId: bytes<"AccountId">(record.accountId) })
          break
        case "chat":
          await this.#chat(tx, record)
          break
        case "group":
          await this.#group(tx, record)
          break
        case "sync":
          sync.push(entryIn(record))
          break
        case "ids":
          this.ids.push(...record.ids.map((id) => id.slice()))
          if (this.ids.length > idsMax) throw archiveError("archive_damaged")
          break
      }
    if (sync.length > 0) await this.#parts.sync(tx, sync)
  }

  /** States are believed for what they are: signed, each after the one before. What the log says of them is asked of the log. */
  async #state(tx: Transaction, { accountId, signed }: RecordOf<"state">): Promise<void> {
    const { crypto, own } = this.#parts
    const id = bytes<"AccountId">(accountId.slice())
    if (this.#skipped && equal(this.#skipped, id)) return
    const last = this.#chain.at(-1)
    const previous = last && equal(last.state.accountId, id) ? last : undefined
    if (!previous) {
      this.#chain = []
      if (this.#isOwn(id) || (await findLatestState(crypto, tx, id))) return void (this.#skipped = id)
    }
    try {
      const state = verifyAccountState(crypto, { previous, next: signed, origin: own.origin, accountId: id })
      this.#chain.push(state)
      insertState(tx, state)
    } catch (error) {
      if (!(error instanceof KeylogError)) throw error
      this.#skipped = id
    }
  }

  /** The account's own word for its handle, checked against its states; the log proves it again when it is asked. */
  async #handle(tx: Transaction, { accountId, handle, version, binding }: RecordOf<"handle">): Promise<void> {
    const { crypto, own } = this.#parts
    const id = bytes<"AccountId">(accountId)
    const state = this.#isOwn(id) ? undefined : await findLatestState(crypto, tx, id)
    if (!state) return
    try {
      verifyHandleBinding(crypto, { binding, origin: own.origin, handle, states: [state] })
      addArchivedHandle(tx, handle, { version, binding, accountId: id })
    } catch (error) {
      if (!(error instanceof KeylogError)) throw error
    }
  }

  async #chat(tx: Transaction, record: RecordOf<"chat">): Promise<void> {
    if (this.chats.length === chatsMax) throw archiveError("archive_damaged")
    if (this.#chosen?.has(toHex(record.chatId)) === false) return void this.chats.push(undefined)
    this.messages += record.messages
    const chat: ArchivedChat = { ...record, peer: record.peer && bytes<"AccountId">(record.peer) }
    const present = await findChatLike(tx, chat)
    if (present) settleArchivedChat(tx, present.chatId, chat)
    else insertArchivedChat(tx, chat)
    const chatId = (present?.chatId ?? record.chatId).slice()
    this.chats.push({ chatId, readId: record.readId?.slice() })
    this.#chatIds.set(toHex(record.chatId), chatId)
  }

  async #group(tx: Transaction, record: RecordOf<"group">): Promise<void> {
    const { groupId, epoch, rejoin, members, status } = record
    const chatId = this.#chatIds.get(toHex(record.chatId))
    if (!chatId || status === "left" || status === "succeeded" || (await findGroup(tx, groupId))) return
    saveArchivedGroup(tx, { groupId, chatId, epoch, policy: policyIn(record.policy), rejoin, members })
    tx.chatChanged(chatId)
  }

  #isOwn(accountId: Uint8Array): accountId is AccountId {
    return equal(accountId, this.#parts.own.accountId)
  }
}

function policyIn(encoded: Uint8Array): Policy {
  return parsed(() => decodePolicy(encoded))
}

function entryIn({ key, value, ms, counter, device }: RecordOf<"sync">): SyncEntry {
  const decoded = parsed(() => decodeCbor(value, { maxBytes: 2 * syncLimits.draftBytes }))
  return { key, value: decoded, stamp: { ms, counter, deviceId: device.slice() } }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof CodecError) throw archiveError("archive_damaged", error)
    throw error
  }
}
