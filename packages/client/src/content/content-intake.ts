// Receiving content: first the checks that hold for every type, then the content type itself (types.ts).

import { CodecError, equal } from "@nodoor/bytes"
import type { PostRecord } from "../core/group-record.ts"
import type { OwnDevice } from "../core/own-device.ts"
import { roleOf } from "../core/policy.ts"
import type { Transaction } from "../core/transaction.ts"
import type { SyncEntry } from "../store/sync/sync-entry.ts"
import { writtenTimeMs } from "../core/written-time.ts"
import { historyContradicted } from "../group/history/history-claim.ts"
import type { MismatchParts } from "../group/history/history-mismatch.ts"
import { checkSeen } from "../group/history/history.ts"
import { type ChatRow, findChat, settleDm } from "../store/chat/chats.ts"
import { findMessage, insertEvent, insertMessage } from "../store/chat/messages.ts"
import { oweReceipt } from "../store/chat/receipts-due.ts"
import { insertArrived } from "../store/group/arrived-introductions.ts"
import { type GroupRow, findGroup } from "../store/group/groups.ts"
import { findContact } from "../store/trust/contacts.ts"
import { type RemovedDeviceParts, isOfRemoved } from "../trust/device/removed-sender.ts"
import type { IdentifiedMember, Lookups } from "../trust/trust.ts"
import type { Watch } from "../trust/watch.ts"
import type { Body, NewContent } from "./content-type.ts"
import type { SaidOfMissed } from "../store/missed/said-of-missed.ts"
import { type NestedPart, partSemantics } from "./mimi/content.ts"
import { messageStatus } from "./mimi/status-report.ts"
import { unpad } from "./payload/padme.ts"
import { type Payload, decodePayload } from "./payload/payload.ts"
import { type ContentTypes, contentTypes } from "./types.ts"
import { unsupported, unsupportedContent } from "./unsupported.ts"

export interface ContentIntakeParts extends RemovedDeviceParts, MismatchParts {
  readonly own: Pick<OwnDevice, "accountId" | "deviceId">
  readonly watch: Pick<Watch, "heard">
  receiptsWait(groupId: Uint8Array): void
  /** An introduction is stored and to be opened. */
  introductionArrived(): void
  /** One of the groups may be completed with an own device now. */
  ownDevicesDue(): void
  /** A part of the history is there to be taken in. */
  historyArrived(): void
  /** Another own device is to be handed the history. */
  historyWanted(): void
  /** What is said of messages that a device missed. */
  readonly missed: { take(tx: Transaction, at: SaidInGroup, said: SaidOfMissed): Promise<void> }
  /** A file is to be uploaded again. */
  filesDue(): void
  readonly sync: {
    take(tx: Transaction, entries: readonly SyncEntry[], at: { readonly placedMs: number }): Promise<void>
  }
}

/** Where something was said, and by whom. */
export interface SaidInGroup {
  readonly group: GroupRow
  readonly chat: ChatRow
  readonly sender: IdentifiedMember
  /** It is from this account. */
  readonly isOwn: boolean
}

/** A message that MLS has decrypted. */
interface Opened {
  readonly group: GroupRow
  readonly sender: IdentifiedMember
  readonly record: PostRecord
  /** The epoch in which it was encrypted. */
  readonly epoch: number
}

/** The fields of a payload that a stored message keeps. */
type Named = Pick<Payload, "messageId"> & Partial<Pick<Payload, "sentMs" | "content">>

export class ContentIntake {
  readonly #parts: ContentIntakeParts
  readonly #types: ContentTypes<unknown>

  constructor(parts: ContentIntakeParts, types: ContentTypes<unknown> = contentTypes) {
    this.#parts = parts
    this.#types = types
  }

  /** @throws Undecided while the key log must be asked about the sender first */
  async take(tx: Transaction, input: Opened & { readonly padded: Uint8Array; readonly looks: Lookups }): Promise<void> {
    const { crypto } = this.#parts
    const { group, sender, record } = input
    const chat = await findChat(tx, group.chatId)
    const contact = await findContact(tx, sender.accountId)
    // Messages of a blocked sender advance the MLS state and are dropped here.
    if (!chat || contact?.blocked) return
    if (await isOfRemoved(this.#parts, tx, input)) return
    let payload: Payload
    try {
      const formerGroupIds = group.predecessors.map(({ groupId }) => groupId)
      const author = { origin: sender.origin, accountId: sender.accountId, groupId: group.groupId, formerGroupIds }
      payload = decodePayload(crypto.sha256, author, unpad(input.padded))
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      const messageId = crypto.sha256(record.body) as Payload["messageId"]
      return await this.#insert(tx, input, { messageId }, unsupportedContent("malformed"))
    }
    await this.#hearsay(tx, input, { chat, payload })
    await this.#dispatch(tx, input, { chat, payload })
  }

  /** What the sender has seen of this chat's history and of the key log. */
  async #hearsay(
    tx: Transaction,
    { group, sender, record }: Opened,
    { chat, payload }: { readonly chat: ChatRow; readonly payload: Payload },
  ): Promise<void> {
    const { crypto, watch } = this.#parts
    if (payload.seen) {
      // Written for a group that this one goes on from: it speaks of that group's history, as far as this device has it.
      const past = equal(payload.groupId, group.groupId) ? undefined : await findGroup(tx, payload.groupId)
      const { forked } = await checkSeen(tx, crypto.sha256, {
        groupId: payload.groupId,
        accountId: sender.accountId,
        lastOrder: past?.lastOrder ?? record.order - 1,
        seen: payload.seen,
      })
      if (forked) await historyContradicted(this.#parts, tx, group, { record, by: sender.accountId })
    }
    // A stranger's claim about the log is ignored until the person has accepted the stranger.
    if (payload.logNote && (this.#isOwn(sender) || chat.state !== "request"))
      await watch.heard(tx, { deviceId: sender.deviceId, note: payload.logNote })
  }

  async #dispatch(
    tx: Transaction,
    opened: Opened,
    { chat, payload }: { readonly chat: ChatRow; readonly payload: Payload },
  ): Promise<void> {
    const { group, sender, record } = opened
    const { replaces, inReplyTo } = payload.content
    const body: Body = { part: this.#chosen(payload.content), replaces, inReplyTo, forwarded: payload.forwarded }
    const accepted = this.#types.find((one) => one.accepts?.(body) === true)
    if (!accepted?.isSilent && group.policy.rules.post === "admins" && roleOf(group.policy, sender.accountId) !== "admin") return
    const target = replaces && (await findMessage(tx, chat.chatId, replaces))
    // Only the account that wrote a message changes it (draft-ietf-mimi-content-08 §3.2).
    if (target && !equal(target.accountId, sender.accountId)) return
    // A line of history names the account that did something. Nobody may change it, not even that account.
    if (target?.kind === "event") return
    // A change of a kind that this version does not know is ignored.
    if (!accepted && replaces) return
    const type = accepted ?? unsupported
    await type.receive?.({
      ...body,
      tx,
      group,
      chat,
      sender,
      ownAccountId: this.#parts.own.accountId,
      ownDeviceId: this.#parts.own.deviceId,
      isOwn: this.#isOwn(sender),
      messageId: payload.messageId,
      timeMs: writtenTimeMs({ claimedMs: payload.sentMs, placedMs: record.timeMs }),
      target,
      receivedMs: this.#parts.clock.nowMs(),
      introduced: (sealed) => {
        insertArrived(tx, sealed)
        tx.after(() => this.#parts.introductionArrived())
      },
      historyArrived: () => tx.after(() => this.#parts.historyArrived()),
      historyWanted: () => tx.after(() => this.#parts.historyWanted()),
      filesWanted: () => tx.after(() => this.#parts.filesDue()),
      ownDevicesChanged: () => tx.after(() => this.#parts.ownDevicesDue()),
      synced: (entries) => this.#parts.sync.take(tx, entries, { placedMs: record.timeMs }),
      missed: (said) => this.#parts.missed.take(tx, { group, chat, sender, isOwn: this.#isOwn(sender) }, said),
      tell: async (event) => {
        const at = { chatId: chat.chatId, groupId: group.groupId, order: record.order, accountId: sender.accountId }
        await insertEvent(tx, this.#parts.crypto.sha256, { ...at, timeMs: record.timeMs }, event)
      },
      insert: async (content) => await this.#insert(tx, opened, payload, content),
    })
  }

  /** The first alternative that this version can show (draft-ietf-mimi-content-08 §4.3, chooseOne). */
  #chosen({ body, replaces, inReplyTo }: Payload["content"]): NestedPart {
    const isKnown = (part: NestedPart): boolean => this.#types.some((type) => type.accepts?.({ part, replaces, inReplyTo }) === true)
    const choose = (part: NestedPart): NestedPart =>
      part.cardinality === "multi" && part.partSemantics === partSemantics.chooseOne ? (part.parts.map(choose).find(isKnown) ?? part) : part
    return choose(body)
  }

  async #insert(tx: Transaction, { group, sender, record, epoch }: Opened, named: Named, content: NewContent): Promise<void> {
    const { groupId } = group
    const { messageId, sentMs } = named
    const isOwn = this.#isOwn(sender)
    const fresh = await insertMessage(
      tx,
      {
        ...content,
        kind: "content",
        chatId: group.chatId,
        groupId,
        messageId,
        sendId: named.content?.salt,
        inReplyTo: named.content?.inReplyTo,
        sentMs,
        order: record.order,
        timeMs: writtenTimeMs({ claimedMs: sentMs, placedMs: record.timeMs }),
        accountId: sender.accountId,
        outgoing: isOwn ? "sent" : undefined,
        epoch: isOwn ? epoch : undefined,
      },
      { incoming: !isOwn },
    )
    if (!fresh || isOwn) return
    settleDm(tx, group)
    oweReceipt(tx, groupId, { messageId, status: messageStatus.delivered })
    tx.after(() => this.#parts.receiptsWait(groupId))
  }

  #isOwn(sender: IdentifiedMember): boolean {
    return equal(sender.accountId, this.#parts.own.accountId)
  }
}
