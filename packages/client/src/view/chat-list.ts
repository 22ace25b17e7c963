// The chats as the list shows them: one query for all of them.

import { fromHex, toHex } from "@nodoor/bytes"
import { isolated, plainName } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import type { GroupRules } from "../core/group-rules.ts"
import { type Policy, roleOf } from "../core/policy.ts"
import type { Row } from "../core/ports.ts"
import { shownContent } from "../content/types.ts"
import { type RemovalIntent, describeRemoval, isOutOfHands, removalAlarmCode, removalOf } from "../group/membership/removals.ts"
import { queuedPosition } from "../store/chat/position.ts"
import { type AlarmView, alarmView } from "../store/trust/alarm-view.ts"
import { chatTexts, identityTexts, lookupTexts } from "../texts/en.ts"
import type { ChatView, RemovalView } from "./chat-view.ts"
import type { ContactView } from "./contact-view.ts"
import { asSent, deliveryStatus, reportColumns } from "./delivery-status.ts"
import { contactColumns, contactJoins, contactViewFrom, isOwn, nameColumns, nameIn, ownAccount, ownName } from "./people.ts"
import { type ViewParts, blob, idList } from "./view-parts.ts"

const unread = `FROM message u WHERE u.chat_id = c.chat_id AND u.position > c.read_position AND u.position < ${queuedPosition}
  AND u.kind IN ('content', 'waiting') AND u.account_id != ${ownAccount}`

/** What a person must know first: why the chat was halted, what stops sending there, who is to go from it. */
const alarmId = `COALESCE(
  CASE WHEN c.state = 'halted' THEN (SELECT id FROM alarm WHERE chat_id = c.chat_id AND level = 'red' ORDER BY at_ms DESC LIMIT 1) END,
  (SELECT id FROM alarm WHERE id = COALESCE((SELECT alarm_id FROM sending_stop LIMIT 1),
    (SELECT d.alarm_id FROM member x JOIN distrust d ON d.account_id = x.account_id WHERE x.group_id = c.group_id LIMIT 1))),
  (SELECT id FROM alarm WHERE chat_id = c.chat_id AND code = '${removalAlarmCode}' AND acknowledged_ms IS NULL ORDER BY at_ms DESC LIMIT 1))`

const alarmColumns = ["id", "level", "code", "chat_id", "account_id", "text", "at_ms", "device_id", "evidence", "acknowledged_ms"] as const

/** The group of the account's own devices is no chat to a person. */
const select = `SELECT c.chat_id AS this_chat, c.kind AS chat_kind, c.state, c.group_id AS this_group, c.peer, c.hidden, c.muted, c.pinned, c.archived, c.unread, c.draft,
    c.folder, c.activity_ms, c.activity_order, g.status AS group_status, COALESCE(g.epoch, w.epoch) AS group_epoch, COALESCE(g.policy, w.policy) AS policy, ${contactColumns}, ${ownName},
    (SELECT COUNT(DISTINCT account_id) FROM member x WHERE x.group_id = c.group_id)
      + (SELECT COUNT(*) FROM archived_member x WHERE x.group_id = c.group_id) AS account_count, w.group_id AS archived_group,
    (SELECT COUNT(*) ${unread}) AS unread_count, (SELECT COUNT(*) ${unread} AND instr(u.mentions, lower(hex(${ownAccount}))) > 0) AS unread_mentions, (SELECT u.message_id ${unread} ORDER BY u.position LIMIT 1) AS first_unread,
    (SELECT group_concat(hex(payload)) FROM (SELECT payload FROM outbox o WHERE o.group_id = g.group_id AND o.kind = 'commit' ORDER BY o.rank, o.id)) AS commits,
    ${alarmColumns.map((column) => `a.${column} AS alarm_${column}`).join(", ")},
    m.row, m.kind AS last_kind, m.account_id AS last_account, m.time_ms AS last_ms, m.ord, m.outgoing, t.kind AS part_kind, t.text AS part_text, t.data AS part_data,
    ${nameColumns("s", "s")}, ${reportColumns}
  FROM (SELECT * FROM chat WHERE kind != 'self') c LEFT JOIN mls_group g ON g.group_id = c.group_id
    LEFT JOIN archived_group w ON w.group_id = c.group_id LEFT JOIN contact p ON p.account_id = c.peer ${contactJoins}
    LEFT JOIN alarm a ON a.id = ${alarmId}
    LEFT JOIN message m ON m.row = (SELECT row FROM message l WHERE l.chat_id = c.chat_id AND l.kind != 'event' ORDER BY l.position DESC LIMIT 1)
    LEFT JOIN part t ON t.message_row = m.row AND t.number = 0 LEFT JOIN contact s ON s.account_id = m.account_id`

/** Those that are in the list, in its order. */
export async function listChats(parts: ViewParts): Promise<readonly ChatView[]> {
  const rows = await parts.reader.read(`${select} WHERE c.hidden = 0 ORDER BY c.pinned DESC, c.activity_order DESC`)
  return await chatViews(parts, rows)
}

/** Those of these chats that are in the list. */
export async function findListedChats(parts: ViewParts, chatIds: Iterable<Uint8Array>): Promise<readonly ChatView[]> {
  const rows = await parts.reader.read(
    `${select} WHERE c.hidden = 0 AND c.chat_id IN (SELECT unhex(value) FROM json_each(?))`,
    idList(chatIds),
  )
  return await chatViews(parts, rows)
}

/** @throws ClientError `not_found` */
export async function readChatView(parts: ViewParts, chatId: Uint8Array): Promise<ChatView> {
  const [view] = await chatViews(parts, await parts.reader.read(`${select} WHERE c.chat_id = ?`, chatId))
  if (!view) throw new ClientError("not_found", chatTexts.none)
  return view
}

async function chatViews(parts: ViewParts, rows: readonly Row[]): Promise<readonly ChatView[]> {
  const views: ChatView[] = []
  for (const row of rows) views.push(await chatView(parts, row))
  return views
}

const rulesOfNone: GroupRules = { add: "admins", rename: "admins", post: "everyone" }

async function chatView(parts: ViewParts, row: Row): Promise<ChatView> {
  const chatId = row["this_chat"] as Uint8Array
  const kind = row["chat_kind"] as ChatView["kind"]
  const policy = parts.decoded.policy(row["this_group"] as Uint8Array, row["group_epoch"], row["policy"])
  const peerId = blob(row, "peer")
  if (peerId && !blob(row, "account_id")) throw new ClientError("not_found", lookupTexts.noContact)
  const peer = peerId && contactViewFrom(parts, row)
  const firstUnread = blob(row, "first_unread")
  return {
    id: toHex(chatId),
    kind,
    title: peer ? peer.name : plainName(policy?.name ?? "") || chatTexts.unnamed,
    state: stateIn(row, peer),
    peer,
    memberCount: kind === "dm" && peer ? 2 : Number(row["account_count"]),
    ownRole: policy ? roleOf(policy, parts.own.accountId) : "member",
    rules: policy?.rules ?? rulesOfNone,
    history: policy?.history,
    unreadCount: Number(row["unread_count"]),
    unreadMentions: Number(row["unread_mentions"]),
    firstUnreadId: firstUnread && toHex(firstUnread),
    muted: Number(row["muted"]) > 0,
    mutedUntilMs: Number(row["muted"]) > 1 ? Number(row["muted"]) : undefined,
    pinned: row["pinned"] === 1,
    archived: row["archived"] === 1,
    markedUnread: row["unread"] === 1,
    draft: String(row["draft"] ?? ""),
    folder: String(row["folder"] ?? ""),
    last: lastIn(parts, row),
    activityMs: Number(row["activity_ms"]),
    activity: Number(row["activity_order"]),
    alarm: alarmIn(row, peer),
    removal: policy && (await removalIn(parts, row, { policy, isHeld: peer?.blocked === true || row["state"] === "request" })),
  }
}

function stateIn(row: Row, peer: ContactView | undefined): ChatView["state"] {
  if (peer?.blocked === true) return "blocked"
  const state = row["state"] as Exclude<ChatView["state"], "blocked" | "joining">
  return state === "active" && row["group_status"] === null && row["archived_group"] !== null ? "joining" : state
}

function lastIn(parts: ViewParts, row: Row): ChatView["last"] {
  const accountId = blob(row, "last_account")
  if (!accountId) return undefined
  const own = isOwn(parts, accountId)
  const part = { kind: String(row["part_kind"]), text: String(row["part_text"]), data: blob(row, "part_data") }
  const content = shownContent({ kind: String(row["last_kind"]), parts: row["part_kind"] === null ? [] : [part] })
  const outgoing = own ? row["outgoing"] : null
  return {
    kind: content.type,
    text: content.type === "text" ? content.markdown : "",
    senderName: own ? String(row["own_name"] ?? "") : nameIn(row, "s"),
    own,
    timeMs: Number(row["last_ms"]),
    status: typeof outgoing !== "string" ? undefined : row["group_status"] === null ? asSent(outgoing) : deliveryStatus(row),
  }
}

function alarmIn(row: Row, peer: ContactView | undefined): AlarmView | undefined {
  if (row["alarm_id"] instanceof Uint8Array)
    return alarmView(Object.fromEntries(alarmColumns.map((column) => [column, row[`alarm_${column}`] ?? null])))
  if (!peer?.identityChange?.wasVerified) return undefined
  return {
    id: peer.accountId,
    level: "red",
    code: "verified_identity_changed",
    chatId: toHex(row["this_chat"] as Uint8Array),
    accountId: peer.accountId,
    text: identityTexts.changedSinceVerified(isolated(peer.name)),
    atMs: peer.identityChange.atMs,
  }
}

/** Who is to go. What there is to say of somebody is read for the few chats in which somebody is. */
async function removalIn(
  parts: ViewParts,
  row: Row,
  { policy, isHeld }: { readonly policy: Policy; readonly isHeld: boolean },
): Promise<RemovalView | undefined> {
  const { commits } = row
  if (isHeld || typeof commits !== "string" || (row["group_status"] !== "active" && row["group_status"] !== "halted")) return undefined
  const removals = commits.split(",").flatMap((payload): RemovalIntent[] => {
    const removal = removalOf({ kind: "commit", payload: fromHex(payload.toLowerCase()) })
    return removal ? [removal] : []
  })
  const [first] = removals
  if (!first) return undefined
  return {
    accounts: [...new Set(removals.flatMap((removal) => (removal.type === "proposals" ? [] : [toHex(removal.account)])))],
    text: await describeRemoval(parts.reader, parts, first),
    outOfHands: isOutOfHands(first, { policy }, parts.own.accountId),
  }
}
