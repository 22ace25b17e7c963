// The store as a person's interface sees it. Reads only; everything shown has been committed.

import { toHex } from "@nodoor/bytes"
import type { CryptoProvider } from "@nodoor/mls"
import type { Hex } from "../core/hex.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Database } from "../core/ports.ts"
import { readerOf } from "../store/reader.ts"
import { type AlarmView, alarmRows, alarmView } from "../store/trust/alarm-view.ts"
import { listFolders } from "../store/chat/folders.ts"
import { findOwnName } from "../store/device.ts"
import { deviceNames, listSettings } from "../store/sync/entries.ts"
import { findLatestState } from "../store/trust/account-states.ts"
import { listLoggedVersions } from "../store/trust/own-account.ts"
import { listChats, readChatView } from "./chat-list.ts"
import type { ChatView } from "./chat-view.ts"
import type { ContactView, DeviceView, MemberView } from "./contact-view.ts"
import { listContacts, readContact } from "./contacts.ts"
import { readDetails } from "./details.ts"
import { listMembers } from "./members.ts"
import {
  type PagePlace,
  messageFrom,
  readMessageView,
  readMessagesById,
  readPage,
  searchMessages,
  starredMessages,
} from "./message-page.ts"
import type { MessageDetails, MessagePage, MessageView } from "./message-view.ts"
import { Decoded, type ViewParts } from "./view-parts.ts"

export class Views {
  readonly parts: ViewParts
  readonly #crypto: CryptoProvider

  constructor({
    database,
    own,
    trust,
    crypto,
    clock,
  }: Pick<ViewParts, "trust" | "clock"> & {
    readonly database: Pick<Database, "read">
    readonly own: OwnDevice
    readonly crypto: CryptoProvider
  }) {
    this.parts = { reader: readerOf(database), own, trust, clock, decoded: new Decoded(crypto) }
    this.#crypto = crypto
  }

  async ownName(): Promise<string> {
    return (await findOwnName(this.parts.reader)) ?? ""
  }

  chats(): Promise<readonly ChatView[]> {
    return listChats(this.parts)
  }

  /** Also one that is not in the list. @throws ClientError `not_found` */
  chat(chatId: Uint8Array): Promise<ChatView> {
    return readChatView(this.parts, chatId)
  }

  starred(max: number): Promise<readonly MessageView[]> {
    return starredMessages(this.parts, max)
  }

  settings(): Promise<Readonly<Record<string, string>>> {
    return listSettings(this.parts.reader)
  }

  folders(): Promise<readonly string[]> {
    return listFolders(this.parts.reader)
  }

  contacts(): Promise<readonly ContactView[]> {
    return listContacts(this.parts)
  }

  /** @throws ClientError `not_found` */
  contact(accountId: Uint8Array): Promise<ContactView> {
    return readContact(this.parts, accountId)
  }

  /** @throws ClientError `not_found` */
  members(chatId: Uint8Array): Promise<readonly MemberView[]> {
    return listMembers(this.parts, chatId)
  }

  /** @throws ClientError `not_found` */
  messages(chatId: Uint8Array, place: PagePlace): Promise<MessagePage> {
    return readPage(this.parts, chatId, place)
  }

  /** @throws ClientError `not_found` */
  messagesById(chatId: Uint8Array, ids: readonly Uint8Array[]): Promise<readonly MessageView[]> {
    return readMessagesById(this.parts, chatId, ids)
  }

  /** @throws ClientError `not_found` */
  message(chatId: Uint8Array, messageId: Uint8Array): Promise<MessageView> {
    return readMessageView(this.parts, chatId, messageId)
  }

  /** @throws ClientError `not_found` */
  messageDetails(chatId: Uint8Array, messageId: Uint8Array): Promise<MessageDetails> {
    return readDetails(this.parts, chatId, messageId)
  }

  search(text: string, options: Parameters<typeof searchMessages>[2]): Promise<readonly MessageView[]> {
    return searchMessages(this.parts, text, options)
  }

  /** @throws ClientError `not_found` */
  messageFrom(chatId: Uint8Array, ms: number): Promise<MessageView | undefined> {
    return messageFrom(this.parts, chatId, ms)
  }

  async alarms(): Promise<readonly AlarmView[]> {
    return (await this.parts.reader.read(`${alarmRows} ORDER BY at_ms DESC, id LIMIT 200`)).map(alarmView)
  }

  /** Of the own account, as this device knows it. */
  async devices(): Promise<readonly DeviceView[]> {
    const { own, reader } = this.parts
    const account = await findLatestState(this.#crypto, reader, own.accountId)
    const ownDevice: Hex = toHex(own.deviceId)
    const [names, logged] = [await deviceNames(reader), await listLoggedVersions(reader)]
    return (account?.state.devices ?? []).map(({ deviceId, deviceClass, addedVersion }) => {
      const name = names.get(toHex(deviceId))
      const own = toHex(deviceId) === ownDevice
      const addedMs = logged.get(addedVersion)
      return {
        deviceId: toHex(deviceId),
        deviceClass,
        own,
        addedVersion,
        ...(name !== undefined && { name }),
        ...(addedMs !== undefined && { addedMs }),
      }
    })
  }
}
