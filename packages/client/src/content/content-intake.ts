// What a decrypted message does to a chat: text, edits, deletions, reactions, receipts, profiles (draft-ietf-mimi-content-08 §3).

import { CodecError, decodeCbor, equal, fromUtf8 } from "@nodoor/bytes"
import { type MailboxRecord, cutToGraphemes, likeness, plainName, showsNothing } from "@nodoor/wire"
import { checkSeen } from "../group/history/history.ts"
import { historyContradicted } from "../group/history/history-claim.ts"
import type { Kernel } from "../core/kernel.ts"
import { type NestedPart, dispositions, partSemantics } from "./mimi/content.ts"
import { decodeStatusReport, messageStatus, statusReportType } from "./mimi/status-report.ts"
import { unpad } from "./padme.ts"
import { isOfRemoved } from "../trust/device/removed-device.ts"
import { type Payload, contentTypes, decodePayload } from "./payload.ts"
import { roleOf } from "../core/policy.ts"
import { isTooLong, textLimits } from "../core/text-limits.ts"
import { eraseText, findMessage, insertMessage, replaceText } from "../store/chat/messages.ts"
import { type ChatRow, findChat } from "../store/chat/chats.ts"
import { findContact } from "../store/trust/contacts.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { IdentifiedMember, Lookups } from "../trust/trust.ts"
import type { Transaction } from "../core/transaction.ts"

type BodyRecord = Extract<MailboxRecord, { readonly kind: "post" | "commit" }>

interface Arrival {
  readonly group: GroupRow
  readonly chat: ChatRow
  readonly sender: IdentifiedMember
  readonly payload: Payload
  readonly record: BodyRecord
  /** In which it was sealed. */
  readonly epoch: number
  readonly own: boolean
}

export class ContentIntake {
  readonly #kernel: Kernel

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** A sender that a person blocked is heard by MLS and by nobody else. */
  async take(
    tx: Transaction,
    input: Pick<Arrival, "group" | "sender" | "record" | "epoch"> & { readonly padded: Uint8Array; readonly looks: Lookups },
  ): Promise<void> {
    const { group, sender, record, epoch } = input
    const chat = await findChat(tx, group.chatId)
    const contact = await findContact(tx, sender.accountId)
    if (!chat || contact?.blocked) return
    if (await isOfRemoved(this.#kernel, tx, input)) return
    let payload: Payload
    try {
      payload = decodePayload(
        this.#kernel.crypto.sha256,
        { origin: sender.origin, accountId: sender.accountId, groupId: group.groupId },
        unpad(input.padded),
      )
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return await this.#unsupported(tx, { group, sender, record, epoch }, this.#kernel.crypto.sha256(record.body), "malformed")
    }
    const own = equal(sender.accountId, this.#kernel.own.accountId)
    await this.#hearsay(tx, { group, chat, sender, payload, record, epoch, own })
    await this.#dispatch(tx, { group, chat, sender, payload, record, epoch, own })
  }

  /** What the sender says it was shown: of this chat's history, and of the key log. */
  async #hearsay(tx: Transaction, { group, chat, sender, payload, record, own }: Arrival): Promise<void> {
    const { crypto, watch } = this.#kernel
    if (payload.seen) {
      const { forked } = await checkSeen(tx, crypto.sha256, {
        groupId: group.groupId,
        accountId: sender.accountId,
        lastOrder: record.order - 1,
        seen: payload.seen,
      })
      if (forked) await historyContradicted(this.#kernel, tx, group, { record, by: sender.accountId })
    }
    // What a stranger says of the log is heard once the stranger is.
    if (payload.logNote && (own || chat.state !== "request")) await watch.heard(tx, { deviceId: sender.deviceId, note: payload.logNote })
  }

  async #dispatch(tx: Transaction, arrival: Arrival): Promise<void> {
    const { content } = arrival.payload
    const part = chosenPart(content.body)
    if (part.cardinality === "single" && part.contentType === statusReportType) return this.#receipts(tx, arrival, part.content)
    if (part.cardinality === "single" && part.contentType === contentTypes.profile) return this.#profile(tx, arrival, part.content)
    if (arrival.group.policy.rules.post === "admins" && roleOf(arrival.group.policy, arrival.sender.accountId) !== "admin") return
    if (content.replaces) return await this.#replace(tx, arrival, part)
    if (part.disposition === dispositions.reaction) return await this.#react(tx, arrival, part)
    const text = textOf(part)
    const { messageId } = arrival.payload
    // A message of which nothing can be seen is one that this version cannot show, and is not passed over in silence.
    if (text !== undefined && showsNothing(text)) return await this.#unsupported(tx, arrival, messageId, "empty")
    if (text === undefined)
      return await this.#unsupported(
        tx,
        arrival,
        messageId,
        part.cardinality === "single" || part.cardinality === "external" ? part.contentType : part.cardinality,
      )
    await this.#insert(tx, arrival, { messageId, kind: "text", text, inReplyTo: content.inReplyTo, sentMs: arrival.payload.sentMs })
  }

  async #insert(
    tx: Transaction,
    { group, sender, record, epoch }: Pick<Arrival, "group" | "sender" | "record" | "epoch">,
    {
      kind,
      text,
      ...message
    }: {
      readonly messageId: Uint8Array
      readonly kind: "text" | "unsupported"
      readonly text: string
      readonly inReplyTo?: Uint8Array | undefined
      readonly sentMs?: number | undefined
    },
  ): Promise<void> {
    const own = equal(sender.accountId, this.#kernel.own.accountId)
    const fresh = await insertMessage(
      tx,
      {
        ...message,
        kind: "content",
        parts: [{ kind, text }],
        searched: kind === "text" ? text : undefined,
        chatId: group.chatId,
        groupId: group.groupId,
        order: record.order,
        timeMs: record.timeMs,
        accountId: sender.accountId,
        outgoing: own ? "sent" : undefined,
        epoch: own ? epoch : undefined,
      },
      { incoming: !own },
    )
    if (!fresh || own) return
    tx.write("UPDATE chat SET settled = 1 WHERE kind = 'dm' AND group_id = ?", group.groupId)
    tx.write(
      "INSERT OR IGNORE INTO receipt_due (group_id, message_id, status) VALUES (?, ?, ?)",
      group.groupId,
      message.messageId,
      messageStatus.delivered,
    )
    tx.after(() => this.#kernel.receiptsWait(group.groupId))
  }

  async #unsupported(
    tx: Transaction,
    arrival: Pick<Arrival, "group" | "sender" | "record" | "epoch">,
    messageId: Uint8Array,
    contentType: string,
  ): Promise<void> {
    await this.#insert(tx, arrival, { messageId, kind: "unsupported", text: cutToGraphemes(contentType, 100) })
  }

  /** Edit and deletion, only by the account that wrote the message (§3.2). */
  async #replace(tx: Transaction, { group, sender, payload, record, epoch }: Arrival, part: NestedPart): Promise<void> {
    const target = payload.content.replaces
    if (!target) return
    const { chatId } = group
    if (part.disposition === dispositions.reaction && part.cardinality === "null") {
      const [row] = await tx.read(
        "SELECT target_id FROM reaction WHERE chat_id = ? AND message_id = ? AND account_id = ?",
        chatId,
        target,
        sender.accountId,
      )
      tx.write("DELETE FROM reaction WHERE chat_id = ? AND message_id = ? AND account_id = ?", chatId, target, sender.accountId)
      if (row) tx.messageChanged(chatId, row["target_id"] as Uint8Array)
      return
    }
    const message = await findMessage(tx, chatId, target)
    const text = textOf(part)
    if (text !== undefined && showsNothing(text)) return
    if (!message)
      return text === undefined
        ? undefined
        : await this.#insert(
            tx,
            { group, sender, record, epoch },
            { messageId: payload.messageId, kind: "text", text, sentMs: payload.sentMs },
          )
    if (!equal(message.accountId, sender.accountId)) return
    // A line of history tells who did something, under their account; it is nobody's to change.
    if (message.kind === "event") return
    if (part.cardinality === "null") await eraseText(tx, chatId, target)
    else if (text !== undefined && message.hasText) await replaceText(tx, { chatId, messageId: target, text, timeMs: record.timeMs })
  }

  async #react(tx: Transaction, { group, sender, payload }: Arrival, part: NestedPart): Promise<void> {
    const target = payload.content.inReplyTo
    const emoji = textOf(part)
    if (!target || !emoji || showsNothing(emoji) || new TextEncoder().encode(emoji).length > textLimits.emojiBytes) return
    const { chatId } = group
    // It may be on its way while the message is taken back: there is nothing to react to any more.
    if ((await findMessage(tx, chatId, target))?.kind === "deleted") return
    const [count] = await tx.read(
      "SELECT COUNT(*) AS n FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ?",
      chatId,
      target,
      sender.accountId,
    )
    if (Number(count?.["n"] ?? 0) >= textLimits.reactionsPerAccount) return
    tx.write(
      "INSERT OR REPLACE INTO reaction (chat_id, target_id, account_id, emoji, message_id) VALUES (?, ?, ?, ?, ?)",
      chatId,
      target,
      sender.accountId,
      emoji,
      payload.messageId,
    )
    tx.messageChanged(chatId, target)
  }

  /** Statuses only rise; what is reported about other people's messages means nothing here. */
  #receipts(tx: Transaction, { group, sender, record, own }: Arrival, report: Uint8Array): void {
    if (own) return
    let entries: ReturnType<typeof decodeStatusReport>
    try {
      entries = decodeStatusReport(report)
    } catch {
      return
    }
    for (const { messageId, status } of entries) {
      if (status !== messageStatus.delivered && status !== messageStatus.read) continue
      tx.write(
        `INSERT INTO receipt (chat_id, message_id, account_id, status, at_ms)
         SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM message WHERE chat_id = ? AND message_id = ? AND account_id = ?)
         ON CONFLICT DO UPDATE SET status = excluded.status, at_ms = excluded.at_ms WHERE excluded.status > status`,
        group.chatId,
        messageId,
        sender.accountId,
        status,
        record.timeMs,
        group.chatId,
        messageId,
        this.#kernel.own.accountId,
      )
      tx.messageChanged(group.chatId, messageId)
    }
  }

  #profile(tx: Transaction, { sender, own, chat }: Arrival, encoded: Uint8Array): void {
    if (own) return
    const name = profileName(encoded)
    if (name === undefined) return
    tx.write("UPDATE contact SET name = ?, alike = ? WHERE account_id = ?", name, likeness(name), sender.accountId)
    tx.contactChanged(sender.accountId)
    tx.chatChanged(chat.chatId)
  }
}

/** Of alternatives, the first this version can show (§4.3, chooseOne). */
function chosenPart(part: NestedPart): NestedPart {
  if (part.cardinality !== "multi" || part.partSemantics !== partSemantics.chooseOne) return part
  return part.parts.map(chosenPart).find((candidate) => textOf(candidate) !== undefined) ?? part
}

function textOf(part: NestedPart): string | undefined {
  if (part.cardinality !== "single") return undefined
  const type = part.contentType.toLowerCase().replaceAll(" ", "")
  if (type !== contentTypes.markdown.toLowerCase() && type !== contentTypes.plain) return undefined
  try {
    return fromUtf8(part.content)
  } catch {
    return undefined
  }
}

function profileName(encoded: Uint8Array): string | undefined {
  try {
    const value = decodeCbor(encoded, { maxBytes: 1024 }) as { readonly [key: string]: unknown }
    const sent = value["name"]
    if (typeof sent !== "string" || /\p{Cc}/u.test(sent)) return undefined
    const name = plainName(sent)
    return name !== "" && !isTooLong(name, textLimits.nameCharacters) ? name : undefined
  } catch {
    return undefined
  }
}
