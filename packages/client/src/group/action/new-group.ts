// Creates an MLS group that holds only this device, with its chat, and queues what registers the group and adds the others.

import { bytes, toHex } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import { type CryptoProvider, type Random, createGroup, members } from "@nodoor/mls"
import { limits } from "@nodoor/wire"
import { seatBytes } from "@nodoor/wire/delivery"
import type { OwnDevice } from "../../core/own-device.ts"
import { type Policy, encodePolicy, policyExtensionType } from "../../core/policy.ts"
import type { Session } from "../../core/session.ts"
import { productSuite } from "../../core/suite.ts"
import type { Transaction } from "../../core/transaction.ts"
import { noteActivity } from "../../store/chat/activity.ts"
import { type ChatRow, insertChat, moveChat } from "../../store/chat/chats.ts"
import { insertEvent } from "../../store/chat/messages.ts"
import { insertGroup } from "../../store/group/groups.ts"
import { type Predecessor, predecessorExtensions } from "../../store/group/predecessor.ts"
import { replaceMembers } from "../../store/group/members.ts"
import { insertOwnSeat, replaceSeats } from "../../store/group/seats.ts"
import { beginMembership } from "../../store/group/membership.ts"
import { enqueue, enqueueIntent, ranks } from "../../store/group/outbox-item.ts"
import { identify } from "../../trust/trust.ts"
import { ownSeatSecret, seatOf } from "../seat/seat-keys.ts"
import { applicationTypes, leafSeatExtension } from "../seat/seat-list.ts"
import type { GroupStates } from "../group-states.ts"
import { keepRejoinKey } from "../rejoin/rejoin-key.ts"
import { beginHistory, historyStart } from "../history/history.ts"
import { type InvitationParts, withOwnDevices } from "./peer-invitation.ts"

export interface NewGroupParts extends InvitationParts {
  readonly own: Pick<OwnDevice, "accountId" | "signer">
  readonly states: GroupStates
  readonly crypto: Pick<CryptoProvider, "sha256" | "suite">
  readonly random: Random
  readonly session: Pick<Session, "serverNowMs">
}

/** What a group is made with. */
export interface Beginning {
  readonly peers: readonly AccountId[]
  /** It continues in the new group. Without it there is a new chat. */
  readonly chat?: ChatRow | undefined
  readonly peer?: AccountId | undefined
  /** The group follows these: its chat is moved there by whoever makes it. */
  readonly follows?: { readonly groupId: Uint8Array; readonly predecessors: readonly Predecessor[] }
}

/** Returns the id of the chat. */
export async function beginGroup(
  parts: NewGroupParts,
  tx: Transaction,
  policy: Policy,
  { peers, chat, peer, follows }: Beginning,
): Promise<Uint8Array> {
  const { states, crypto } = parts
  const groupId = bytes<"GroupId">(follows?.groupId ?? parts.random(limits.groupIdBytes))
  const predecessors = follows?.predecessors ?? []
  const seat = parts.random(seatBytes)
  const own = { groupId, seat, secret: ownSeatSecret(crypto, parts.own.signer, { groupId, seat }) }
  const { publicKey } = seatOf(crypto, own.secret)
  const change = createGroup(states.environment(), {
    suite: productSuite,
    groupId,
    signer: parts.own.signer,
    extensions: [{ type: policyExtensionType, data: encodePolicy(policy) }, ...predecessorExtensions(predecessors)],
    leafExtensions: [leafSeatExtension({ seat: own.seat, publicKey })],
    ...applicationTypes,
  })
  states.replace(tx, change)
  keepRejoinKey(tx, states.environment(), change.state)
  const nowMs = parts.session.serverNowMs
  const chatId = chat?.chatId ?? groupId
  if (chat && !follows) moveChat(tx, chatId, { groupId, state: "active" })
  else if (!chat) insertChat(tx, { chatId, kind: policy.kind, state: "active", groupId, peer, activityMs: nowMs })
  noteActivity(tx, chatId, nowMs)
  insertGroup(tx, { groupId, chatId, epoch: 0, policy, predecessors, order: 0, profileDue: 0 })
  const alone = members(change.state).map(identify)
  replaceMembers(tx, groupId, alone)
  replaceSeats(tx, groupId, { before: [], after: [{ leafIndex: 0, seat: own.seat, publicKey, own: true }] })
  insertOwnSeat(tx, own)
  beginMembership(tx, { groupId, epoch: 0, order: 0 }, alone)
  beginHistory(tx, groupId, { order: 0, chain: historyStart(crypto.sha256, groupId) })
  enqueue(tx, { groupId, kind: "create", payload: new Uint8Array(), rank: ranks.urgent })
  const rank = follows ? ranks.seat : ranks.ordinary
  const accounts = peers.length > 0 || follows ? await withOwnDevices(parts, peers) : []
  if (accounts.length > 0) enqueueIntent(tx, groupId, { type: "add", accounts }, rank)
  if (policy.kind === "group" && !follows) {
    const at = { chatId, groupId, order: 0, timeMs: nowMs, accountId: parts.own.accountId }
    await insertEvent(tx, crypto.sha256, at, { kind: "created", by: toHex(parts.own.accountId) })
  }
  tx.chatChanged(chatId)
  tx.after(() => parts.kick(groupId))
  return chatId
}
