// What a decrypted message does to a chat: text, edits, deletions, reactions, receipts, profiles (draft-ietf-mimi-content-08 §3).

import { CodecError, decodeCbor, equal, fromUtf8 } from "@nodoor/bytes"
import { type MailboxRecord, cutToGraphemes, likeness, plainName, showsNothing } from "@nodoor/wire"
import { checkSeen } from "./history.ts"
import { historyContradicted } from "./history-claim.ts"
import type { Kernel } from "./kernel.ts"
import { type NestedPart, dispositions, partSemantics } from "./mimi/content.ts"
import { decodeStatusReport, messageStatus, statusReportType } from "./mimi/status-report.ts"
import { unpad } from "./padme.ts"
import { isOfRemoved } from "./removed-sender.ts"
import { type Payload, contentTypes, decodePayload } from "./payload.ts"
import { roleOf } from "./policy.ts"
import { isTooLong, textLimits } from "./text-limits.ts"
import { eraseText, findMessage, insertMessage, replaceText } from "./store/messages.ts"
import { type ChatRow, type GroupRow, findChat, findContact } from "./store/rows.ts"
import type { IdentifiedMember, Looks } from "./trust.ts"
import type { Turn } from "./turn.ts"

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
    turn: Turn,
    input: Pick<Arrival, "group" | "sender" | "record" | "epoch"> & { readonly padded: Uint8Array; readonly looks: Looks },
  ): Promise<void> {
    const { group, sender, record, epoch } = input
    const chat = await findChat(turn, group.chatId)
    const contact = await findContact(turn, sender.accountId)
    if (!chat || contact?.blocked) return
    if (await isOfRemoved(this.#kernel, turn, input)) return
    let payload: Payload
    try {
      payload = decodePayload(
        this.#kernel.crypto.sha256,
        { origin: sender.origin, accountId: sender.accountId, groupId: group.groupId },
        unpad(input.padded),
      )
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return await this.#unsupported(turn, { group, sender, record, epoch }, this.#kernel.crypto.sha256(record.body), "malformed")
    }
    const own = equal(sender.accountId, this.#kernel.own.accountId)
    await this.#hearsay(turn, { group, chat, sender, payload, record, epoch, own })
    await this.#dispatch(turn, { group, chat, sender, payload, record, epoch, own })
  }

  /** What the sender says it was shown: of this chat's history, and of the key log. */
  async #hearsay(turn: Turn, { group, chat, sender, payload, record, own }: Arrival): Promise<void> {
    const { crypto, watch } = this.#kernel
    if (payload.seen) {
      const { forked } = await checkSeen(turn, crypto.sha256, {
        groupId: group.groupId,
        accountId: sender.accountId,
        lastOrder: record.order - 1,
        seen: payload.seen,
      })
      if (forked) await historyContradicted(this.#kernel, turn, group, { record, by: sender.accountId })
    }
    // What a stranger says of the log is heard once the stranger is.
    if (payload.logNote && (own || chat.state !== "request")) await watch.heard(turn, { deviceId: sender.deviceId, note: payload.logNote })
  }

  async #dispatch(turn: Turn, arrival: Arrival): Promise<void> {
    const { content } = arrival.payload
    const part = chosenPart(content.body)
    if (part.cardinality === "single" && part.contentType === statusReportType) return this.#receipts(turn, arrival, part.content)
    if (part.cardinality === "single" && part.contentType === contentTypes.profile) return this.#profile(turn, arrival, part.content)
    if (arrival.group.policy.rules.post === "admins" && roleOf(arrival.group.policy, arrival.sender.accountId) !== "admin") return
    if (content.replaces) return await this.#replace(turn, arrival, part)
    if (part.disposition === dispositions.reaction) return await this.#react(turn, arrival, part)
    const text = textOf(part)
    const { messageId } = arrival.payload
    // A message of which nothing can be seen is one that this version cannot show, and is not passed over in silence.
    if (text !== undefined && showsNothing(text)) return await this.#unsupported(turn, arrival, messageId, "empty")
    if (text === undefined)
      return await this.#unsupported(
        turn,
        arrival,
        messageId,
        part.cardinality === "single" || part.cardinality === "external" ? part.contentType : part.cardinality,
      )
    await this.#insert(turn, arrival, { messageId, kind: "text", text, inReplyTo: content.inReplyTo, sentMs: arrival.payload.sentMs })
  }

  async #insert(
    turn: Turn,
    { group, sender, record, epoch }: Pick<Arrival, "group" | "sender" | "record" | "epoch">,
    message: {
      readonly messageId: Uint8Array
      readonly kind: "text" | "unsupported"
      readonly text: string
      readonly inReplyTo?: Uint8Array | undefined
      readonly sentMs?: number | undefined
    },
  ): Promise<void> {
    const own = equal(sender.accountId, this.#kernel.own.accountId)
    const fresh = await insertMessage(
      turn,
      {
        ...message,
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
    turn.write("UPDATE chat SET settled = 1 WHERE kind = 'dm' AND group_id = ?", group.groupId)
    turn.write(
      "INSERT OR IGNORE INTO receipt_due (group_id, message_id, status) VALUES (?, ?, ?)",
      group.groupId,
      message.messageId,
      messageStatus.delivered,
    )
    turn.after(() => this.#kernel.receiptsWait(group.groupId))
  }

  async #unsupported(
    turn: Turn,
    arrival: Pick<Arrival, "group" | "sender" | "record" | "epoch">,
    messageId: Uint8Array,
    contentType: string,
  ): Promise<void> {
    await this.#insert(turn, arrival, { messageId, kind: "unsupported", text: cutToGraphemes(contentType, 100) })
  }

  /** Edit and deletion, only by the account that wrote the message (§3.2). */
  async #replace(turn: Turn, { group, sender, payload, record, epoch }: Arrival, part: NestedPart): Promise<void> {
    const target = payload.content.replaces
    if (!target) return
    const { chatId } = group
    if (part.disposition === dispositions.reaction && part.cardinality === "null") {
      const [row] = await turn.read(
        "SELECT target_id FROM reaction WHERE chat_id = ? AND message_id = ? AND account_id = ?",
        chatId,
        target,
        sender.accountId,
      )
      turn.write("DELETE FROM reaction WHERE chat_id = ? AND message_id = ? AND account_id = ?", chatId, target, sender.accountId)
      if (row) turn.messageChanged(chatId, row["target_id"] as Uint8Array)
      return
    }
    const message = await findMessage(turn, chatId, target)
    const text = textOf(part)
    if (text !== undefined && showsNothing(text)) return
    if (!message)
      return text === undefined
        ? undefined
        : await this.#insert(
            turn,
            { group, sender, record, epoch },
            { messageId: payload.messageId, kind: "text", text, sentMs: payload.sentMs },
          )
    if (!equal(message.accountId, sender.accountId)) return
    // A line of history tells who did something, under their account; it is nobody's to change.
    if (message.kind === "event") return
    if (part.cardinality === "null") await eraseText(turn, chatId, target)
    else if (text !== undefined) await replaceText(turn, { chatId, messageId: target, text, timeMs: record.timeMs })
  }

  async #react(turn: Turn, { group, sender, payload }: Arrival, part: NestedPart): Promise<void> {
    const target = payload.content.inReplyTo
    const emoji = textOf(part)
    if (!target || !emoji || showsNothing(emoji) || new TextEncoder().encode(emoji).length > textLimits.emojiBytes) return
    const { chatId } = group
    // It may be on its way while the message is taken back: there is nothing to react to any more.
    if ((await findMessage(turn, chatId, target))?.kind === "deleted") return
    const [count] = await turn.read(
      "SELECT COUNT(*) AS n FROM reaction WHERE chat_id = ? AND target_id = ? AND account_id = ?",
      chatId,
      target,
      sender.accountId,
    )
    if (Number(count?.["n"] ?? 0) >= textLimits.reactionsPerAccount) return
    turn.write(
      "INSERT OR REPLACE INTO reaction (chat_id, target_id, account_id, emoji, message_id) VALUES (?, ?, ?, ?, ?)",
      chatId,
      target,
      sender.accountId,
      emoji,
      payload.messageId,
    )
    turn.messageChanged(chatId, target)
  }

  /** Statuses only rise; what is reported about other people's messages means nothing here. */
  #receipts(turn: Turn, { group, sender, record, own }: Arrival, report: Uint8Array): void {
    if (own) return
    let entries: ReturnType<typeof decodeStatusReport>
    try {
      entries = decodeStatusReport(report)
    } catch {
      return
    }
    for (const { messageId, status } of entries) {
      if (status !== messageStatus.delivered && status !== messageStatus.read) continue
      turn.write(
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
      turn.messageChanged(group.chatId, messageId)
    }
  }

  #profile(turn: Turn, { sender, own, chat }: Arrival, encoded: Uint8Array): void {
    if (own) return
    const name = profileName(encoded)
    if (name === undefined) return
    turn.write("UPDATE contact SET name = ?, alike = ? WHERE account_id = ?", name, likeness(name), sender.accountId)
    turn.contactChanged(sender.accountId)
    turn.chatChanged(chat.chatId)
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
