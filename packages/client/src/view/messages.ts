// Messages as a person sees them: a set of rows in three queries, however many they are and of however many chats.

import { toHex } from "@nodoor/bytes"
import type { Hex } from "../core/hex.ts"
import type { Row, SqlValue } from "../core/ports.ts"
import { shownContent } from "../content/types.ts"
import { type PartRow, listParts } from "../store/chat/parts.ts"
import { asSent, deliveryStatus, reportColumns } from "./delivery-status.ts"
import type { MessageView } from "./message-view.ts"
import { isOwn, nameColumns, nameIn, ownName } from "./people.ts"
import { believedSentMs } from "./sent-time.ts"
import { type ViewParts, blob } from "./view-parts.ts"

/** `page` is a query of `row` and `place`, in which order they come; its columns after these come along. */
export interface MessageSet {
  readonly page: string
  readonly values: readonly SqlValue[]
  /** More to know of the set as a whole. */
  readonly also?: string
}

const columns = `m.row, m.chat_id, m.message_id, m.position, m.ord, m.time_ms, m.sent_ms, m.account_id, m.kind, m.in_reply_to, m.edited_ms, m.starred, m.outgoing,
  m.failure, c.kind AS chat_kind, g.group_id AS reached_group, ${ownName}, ${nameColumns("s", "s")},
  q.row AS q_row, q.kind AS q_kind, q.account_id AS q_account, ${nameColumns("qs", "q")}, ${reportColumns}`
const tables = `page CROSS JOIN message m ON m.row = page.row JOIN chat c ON c.chat_id = m.chat_id AND c.kind != 'self'
  LEFT JOIN mls_group g ON g.group_id = c.group_id LEFT JOIN contact s ON s.account_id = m.account_id
  LEFT JOIN message q ON q.chat_id = m.chat_id AND q.message_id = m.in_reply_to LEFT JOIN contact qs ON qs.account_id = q.account_id`

interface Found {
  readonly messages: readonly MessageView[]
  readonly rows: readonly Row[]
}

export async function readMessages(parts: ViewParts, { page, values, also }: MessageSet): Promise<Found> {
  const more = also === undefined ? "" : `, ${also}`
  const rows = await parts.reader.read(
    `WITH page AS MATERIALIZED (${page}) SELECT ${columns}${more} FROM ${tables} ORDER BY page.place`,
    ...values,
  )
  if (rows.length === 0) return { messages: [], rows }
  const own = rows.map((row) => Number(row["row"]))
  const quoted = rows.flatMap((row) => (typeof row["q_row"] === "number" ? [row["q_row"]] : []))
  const contents = await listParts(parts.reader, [...new Set([...own, ...quoted])])
  const reactions = await readReactions(parts, own)
  return { messages: rows.map((row) => messageView(parts, row, { contents, reactions })), rows }
}

type Reactions = ReadonlyMap<number, MessageView["reactions"]>

async function readReactions(parts: ViewParts, messageRows: readonly number[]): Promise<Reactions> {
  const rows = await parts.reader.read(
    `SELECT m.row AS message_row, r.emoji, r.account_id FROM json_each(?) CROSS JOIN message m ON m.row = value
       JOIN reaction r ON r.chat_id = m.chat_id AND r.target_id = m.message_id ORDER BY r.emoji, r.account_id`,
    JSON.stringify(messageRows),
  )
  const out = new Map<number, { emoji: string; accounts: Hex[]; own: boolean }[]>()
  for (const row of rows) {
    const emoji = String(row["emoji"])
    const accountId = row["account_id"] as Uint8Array
    const ofMessage = out.get(Number(row["message_row"])) ?? []
    out.set(Number(row["message_row"]), ofMessage)
    let reaction = ofMessage.find((one) => one.emoji === emoji)
    if (!reaction) ofMessage.push((reaction = { emoji, accounts: [], own: false }))
    reaction.accounts.push(toHex(accountId))
    reaction.own ||= isOwn(parts, accountId)
  }
  return out
}

type Contents = ReadonlyMap<number, readonly PartRow[]>

function messageView(parts: ViewParts, row: Row, of: { readonly contents: Contents; readonly reactions: Reactions }): MessageView {
  const accountId = row["account_id"] as Uint8Array
  const own = isOwn(parts, accountId)
  const timeMs = Number(row["time_ms"])
  const outgoing = own && row["kind"] !== "event" ? row["outgoing"] : null
  const rowNumber = Number(row["row"])
  return {
    id: toHex(row["message_id"] as Uint8Array),
    chatId: toHex(row["chat_id"] as Uint8Array),
    sender: { accountId: toHex(accountId), name: own ? String(row["own_name"] ?? "") : nameIn(row, "s"), own },
    order: row["ord"] === null ? undefined : Number(row["ord"]),
    position: Number(row["position"]),
    timeMs,
    sentMs: believedSentMs({ claimedMs: (row["sent_ms"] as number | null) ?? undefined, placedMs: timeMs }),
    content: shownContent({ kind: String(row["kind"]), parts: of.contents.get(rowNumber) ?? [] }),
    edited: row["edited_ms"] !== null,
    starred: row["starred"] === 1,
    inReplyTo: quoteIn(parts, row, of.contents),
    reactions: of.reactions.get(rowNumber) ?? [],
    status: typeof outgoing !== "string" ? undefined : row["reached_group"] === null ? asSent(outgoing) : deliveryStatus(row),
    failure: typeof row["failure"] === "string" ? (JSON.parse(row["failure"]) as MessageView["failure"]) : undefined,
  }
}

function quoteIn(parts: ViewParts, row: Row, contents: Contents): MessageView["inReplyTo"] {
  const quotedId = blob(row, "in_reply_to")
  if (!quotedId) return undefined
  const accountId = blob(row, "q_account")
  if (!accountId) return { id: toHex(quotedId), senderName: "", kind: "absent", text: "" }
  const content = shownContent({ kind: String(row["q_kind"]), parts: contents.get(Number(row["q_row"])) ?? [] })
  return {
    id: toHex(quotedId),
    senderName: isOwn(parts, accountId) ? String(row["own_name"] ?? "") : nameIn(row, "q"),
    kind: content.type,
    text: content.type === "text" ? content.markdown : content.type === "file" ? content.caption : "",
  }
}
