// What an entry of another device does here. The same tables change as when the person does it on this device, and nothing is told back.

import { type CborValue, equal, fromHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import { applyBlocked } from "../chat/blocking.ts"
import { clearThrough } from "../chat/delete-chat.ts"
import type { ResumeParts } from "../chat/held-chat.ts"
import { type AcceptParts, openRequest } from "../chat/request.ts"
import { markVerified } from "../chat/verification.ts"
import { type SyncEntry, namesPeer, syncKeys } from "../store/sync/sync-entry.ts"
import type { Transaction } from "../core/transaction.ts"
import { type ChatOptions, type ChatRow, findChat, findDm, setChatOptions, setReadPosition } from "../store/chat/chats.ts"
import { findArchivedGroup } from "../store/archive/archived-groups.ts"
import { deleteForMe, findMessage, lastPositionThrough, setStarred } from "../store/chat/messages.ts"
import { renameOwnAccount } from "../store/device.ts"
import { findGroup, findGroupAfter } from "../store/group/groups.ts"
import { findLatestState } from "../store/trust/account-states.ts"
import { findContact, setAccepted } from "../store/trust/contacts.ts"
import type { Reader } from "../store/reader.ts"
import type { Watch } from "../trust/watch.ts"
import { type Rule, verifiedMark } from "./rules.ts"

export interface ApplyParts extends ResumeParts, AcceptParts {
  readonly crypto: CryptoProvider
  readonly watch: Pick<Watch, "now">
}

/** False: what it is about is not known here yet. */
export async function applyEntry(parts: ApplyParts, tx: Transaction, rule: Rule, { key, value }: SyncEntry): Promise<boolean> {
  const [, subject = "", last = ""] = key.split("/")
  switch (rule.name) {
    case "read":
      return await applyRead(tx, fromHex(subject), Number(value))
    case "cleared":
      await clearThrough(tx, fromHex(subject), Number(value))
      return true
    case "deleted":
      return await applyDeleted(tx, fromHex(subject), fromHex(last))
    case "starred":
      return await applyStarred(tx, fromHex(subject), { messageId: fromHex(last), on: value === true })
    case "chatFlag":
    case "chatMuted":
    case "chatDraft":
    case "chatFolder":
      return await applyOption(tx, subject, { [last]: value })
    case "chatAccepted":
      return await applyChatAccepted(parts, tx, subject)
    case "contactAccepted":
      if (!(await findContact(tx, fromHex(subject)))) return false
      setAccepted(tx, fromHex(subject))
      return true
    case "contactBlocked":
      if (!(await findContact(tx, fromHex(subject)))) return false
      await applyBlocked(parts, tx, fromHex(subject) as AccountId, value === true)
      return true
    case "contactVerified":
      return await applyVerified(parts, tx, fromHex(subject) as AccountId, value)
    case "profileName":
      renameOwnAccount(tx, String(value))
      tx.contactChanged(parts.own.accountId)
      return true
    case "folders":
      tx.foldersChanged()
      return true
    case "recoveryConfirmed":
    case "recoveryPasskey":
      tx.recoveryChanged()
      return true
    case "other":
      if (key.startsWith(syncKeys.setting(""))) tx.settingsChanged()
      return true
    case "deviceName":
      // Read where it is needed.
      return true
  }
}

/** Messages that come later are read when they are inserted (store/chat/messages.ts), as deleted ones are left out. */
async function applyRead(tx: Transaction, groupId: Uint8Array, order: number): Promise<true> {
  const group = await groupNamed(tx, groupId)
  const chat = group && (await findChat(tx, group.chatId))
  const position = chat && (await lastPositionThrough(tx, { chatId: chat.chatId, groupId, order }))
  if (chat && position !== undefined && position > chat.readPosition) setReadPosition(tx, chat.chatId, position)
  return true
}

/** Also one that came with an archive and was not joined yet. */
async function groupNamed(reader: Reader, groupId: Uint8Array): Promise<{ readonly chatId: Uint8Array } | undefined> {
  return (await findGroup(reader, groupId)) ?? (await findArchivedGroup(reader, groupId))
}

async function applyDeleted(tx: Transaction, groupId: Uint8Array, messageId: Uint8Array): Promise<true> {
  const group = await groupNamed(tx, groupId)
  if (group) await deleteForMe(tx, { chatId: group.chatId, messageId })
  return true
}

/** One that comes later is starred when it is here. */
async function applyStarred(
  tx: Transaction,
  groupId: Uint8Array,
  { messageId, on }: { readonly messageId: Uint8Array; readonly on: boolean },
): Promise<boolean> {
  const group = await groupNamed(tx, groupId)
  if (!group || !(await findMessage(tx, group.chatId, messageId))) return false
  setStarred(tx, { chatId: group.chatId, messageId }, on)
  return true
}

async function applyOption(tx: Transaction, name: string, options: { readonly [option: string]: CborValue }): Promise<boolean> {
  const chat = await findChatNamed(tx, name)
  if (chat) setChatOptions(tx, chat.chatId, options as ChatOptions)
  return chat !== undefined
}

async function applyChatAccepted(parts: ApplyParts, tx: Transaction, name: string): Promise<boolean> {
  const chat = await findChatNamed(tx, name)
  const group = chat && (await findGroup(tx, chat.groupId))
  if (chat?.state === "request" && group) openRequest(parts, tx, { chat, group })
  return chat !== undefined
}

/** It holds for exactly the identity that was compared: the same first state, started over as often. */
async function applyVerified(parts: ApplyParts, tx: Transaction, accountId: AccountId, value: CborValue): Promise<boolean> {
  const account = await findLatestState(parts.crypto, tx, accountId)
  if (!account || !(await findContact(tx, accountId))) return false
  const mark = verifiedMark(value)
  if (mark && !equal(mark.genesis, account.genesisHash)) return true
  if (mark && mark.resets !== account.state.resetCount) return mark.resets < account.state.resetCount
  await markVerified(parts, tx, accountId, mark)
  return true
}

async function findChatNamed(reader: Reader, name: string): Promise<ChatRow | undefined> {
  const id = fromHex(name)
  if (namesPeer(name)) return await findDm(reader, id)
  const chat = await findChat(reader, id)
  const group = chat ? undefined : ((await findGroup(reader, id)) ?? (await findGroupAfter(reader, id)))
  const found = chat ?? (group && (await findChat(reader, group.chatId)))
  return found?.kind === "group" ? found : undefined
}
