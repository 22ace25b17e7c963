// Writing content of any type: it is encoded and queued for its group, and a message is shown in its chat.

import { bytes, equal } from "@nodoor/bytes"
import type { CryptoProvider, Random } from "@nodoor/mls"
import type { OwnDevice } from "../core/own-device.ts"
import { type SyncNotes, chatName, syncKeys } from "../store/sync/sync-entry.ts"
import type { Session } from "../core/session.ts"
import type { Transaction } from "../core/transaction.ts"
import { seenOf } from "../group/history/history.ts"
import { setChatOptions } from "../store/chat/chats.ts"
import { insertMessage } from "../store/chat/messages.ts"
import type { GroupRow } from "../store/group/groups.ts"
import { enqueue, ranks } from "../store/group/outbox-item.ts"
import { type GossipSendingParts, dueGossip } from "../trust/log/gossip-sending.ts"
import type { Composition, ContentType, Writing } from "./content-type.ts"
import type { MessageId } from "./mimi/content.ts"
import { encodePayload } from "./payload/payload.ts"
import { profile } from "./profile.ts"
import { receipt } from "./receipt.ts"
import { sharedHistory, takeEarlierDue } from "./shared-history.ts"

/** The sender's own id for a message, which is the salt of its content (docs/protocol.md, "Payload"). */
export const sendIdBytes = 16

export interface ComposerParts extends GossipSendingParts {
  readonly own: Pick<OwnDevice, "origin" | "accountId">
  readonly crypto: Pick<CryptoProvider, "sha256">
  readonly random: Random
  readonly session: Pick<Session, "serverNowMs">
  readonly sync: SyncNotes
  kick(groupId: Uint8Array): void
}

/**
 * Writes content of this type in a group. `sendId`: the sender's own id for the message; random if it is left out. Returns the MIMI id of what
 * was queued, or undefined if there was nothing to write.
 */
export async function compose<Input>(
  parts: ComposerParts,
  tx: Transaction,
  group: GroupRow,
  { type, input, sendId }: { readonly type: ContentType<Input, unknown>; readonly input: Input; readonly sendId?: Uint8Array | undefined },
): Promise<MessageId | undefined> {
  return await type.compose?.(writingOf(parts, tx, group, sendId), input)
}

function writingOf(parts: ComposerParts, tx: Transaction, group: GroupRow, sendId: Uint8Array | undefined): Writing {
  const { own, clock, session, kick, random, sync } = parts
  const { chatId, groupId } = group
  const timeMs = session.serverNowMs
  const sentMs = clock.nowMs()
  const wake = (): void => kick(groupId)
  return {
    tx,
    group,
    ownAccountId: own.accountId,
    timeMs,
    queue: async (composition, { introduces } = { introduces: false }) => {
      const { encoded, messageId } = await encodeFor(parts, tx, group, { ...composition, sentMs, salt: random(sendIdBytes) })
      enqueue(tx, { groupId, kind: "content", payload: encoded, rank: introduces ? ranks.introduction : ranks.ordinary })
      tx.after(wake)
      return messageId
    },
    say: async (composition, content, { keepsDraft = false, uploading = false } = {}) => {
      const salt = sendId ?? random(sendIdBytes)
      if (!keepsDraft) await sync.synced(tx, syncKeys.chat(chatName({ chatId, peer: peerOf(group, own.accountId) }), "draft"), "")
      const { encoded, messageId } = await encodeFor(parts, tx, group, { ...composition, sentMs, salt })
      enqueue(tx, { groupId, kind: "content", payload: encoded, messageId, rank: ranks.ordinary, uploading })
      tx.after(wake)
      await insertMessage(tx, {
        ...content,
        chatId,
        groupId,
        messageId,
        order: undefined,
        timeMs,
        accountId: own.accountId,
        kind: "content",
        inReplyTo: composition.inReplyTo,
        outgoing: "queued",
        sentMs,
        sendId: salt,
      })
      if (!keepsDraft) setChatOptions(tx, chatId, { draft: "" })
      return messageId
    },
  }
}

/** The other account of a chat of two. */
function peerOf({ policy }: GroupRow, own: Uint8Array): Uint8Array | undefined {
  return policy.kind === "dm" ? policy.roles.find(({ accountId }) => !equal(accountId, own))?.accountId : undefined
}

async function encodeFor(
  parts: ComposerParts,
  tx: Transaction,
  { groupId, lastOrder }: GroupRow,
  { part, replaces, inReplyTo, forwarded, sentMs, salt }: Composition & { readonly sentMs: number; readonly salt: Uint8Array },
): Promise<{ readonly encoded: Uint8Array; readonly messageId: MessageId }> {
  const { own, crypto } = parts
  return encodePayload(
    crypto.sha256,
    { origin: own.origin, accountId: own.accountId, groupId },
    {
      salt,
      sentMs,
      forwarded,
      body: part,
      replaces: replaces && bytes<"MessageId">(replaces),
      inReplyTo: inReplyTo && bytes<"MessageId">(inReplyTo),
      seen: await seenOf(tx, groupId, lastOrder),
      logNote: await dueGossip(parts, tx, groupId),
    },
  )
}

/** The own name, for a group that has not had it. Says whether something was queued. */
export async function composeProfile(parts: ComposerParts, tx: Transaction, group: GroupRow): Promise<boolean> {
  return (await compose(parts, tx, group, { type: profile, input: undefined })) !== undefined
}

/** What was written before, for whom this device let in. Says whether something was queued or is over. */
export async function composeHistory(parts: ComposerParts, tx: Transaction, group: GroupRow): Promise<boolean> {
  const posts = await takeEarlierDue({ tx, group, own: parts.own.accountId, nowMs: parts.session.serverNowMs })
  for (const input of posts ?? []) await compose(parts, tx, group, { type: sharedHistory, input })
  return posts !== undefined
}

/** Receipts that are due in a group. Says whether something was queued. */
export async function composeReceipts(parts: ComposerParts, tx: Transaction, group: GroupRow): Promise<boolean> {
  return (await compose(parts, tx, group, { type: receipt, input: undefined })) !== undefined
}
