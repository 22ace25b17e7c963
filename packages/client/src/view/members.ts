// Who is in a chat.

import { toHex } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import { type Policy, roleOf } from "../core/policy.ts"
import type { Row } from "../core/ports.ts"
import { findArchivedGroup } from "../store/archive/archived-groups.ts"
import { type ChatRow, readChat } from "../store/chat/chats.ts"
import { listUnattached } from "../store/group/unattached.ts"
import { findGroup } from "../store/group/groups.ts"
import { lookupTexts } from "../texts/en.ts"
import { markOf } from "../trust/name/called.ts"
import type { ContactView, MemberView } from "./contact-view.ts"
import { contactColumns, contactJoins, contactViewFrom, isOwn, ownAccount, ownName } from "./people.ts"
import type { ViewParts } from "./view-parts.ts"

/** By their first leaf; accounts, not devices. Of a group that this device has not joined, as an archive has them. */
const ofGroup = `SELECT account_id, MIN(leaf_index) AS place FROM member WHERE group_id = ? GROUP BY account_id
  UNION ALL SELECT account_id, 0 FROM archived_member WHERE group_id = ?`
/** The two of a dm, also while one of them is not in the tree yet or no longer. */
const ofTwo = "SELECT ? AS account_id, 0 AS place UNION ALL SELECT ?, 1"

const select = (accounts: string): string => `WITH listed AS (${accounts})
  SELECT listed.account_id AS listed_id, mine.version AS own_version, mine.state AS own_state, ${contactColumns}, ${ownName}
    FROM listed LEFT JOIN contact p ON p.account_id = listed.account_id ${contactJoins}
    LEFT JOIN account_state mine ON mine.account_id = listed.account_id AND listed.account_id = ${ownAccount}
      AND mine.version = (SELECT MAX(version) FROM account_state WHERE account_id = listed.account_id)
   ORDER BY listed.place`

/** @throws ClientError `not_found` */
export async function listMembers(parts: ViewParts, chatId: Uint8Array): Promise<readonly MemberView[]> {
  const chat = await readChat(parts.reader, chatId)
  const group = (await findGroup(parts.reader, chat.groupId)) ?? (await findArchivedGroup(parts.reader, chat.groupId))
  const policy = group?.policy
  const unattached = await listUnattached(parts.reader, { groupId: chat.groupId, nowMs: parts.clock.nowMs() })
  return (await memberRows(parts, chat)).map((row) => memberView(parts, row, { policy, unattached }))
}

/** Accounts of the chat. */
export async function memberIds(parts: ViewParts, chat: ChatRow): Promise<readonly Uint8Array[]> {
  return (await memberRows(parts, chat)).map((row) => row["listed_id"] as Uint8Array)
}

function memberRows({ reader, own }: ViewParts, chat: ChatRow): Promise<readonly Row[]> {
  return chat.kind === "dm" && chat.peer
    ? reader.read(select(ofTwo), own.accountId, chat.peer)
    : reader.read(select(ofGroup), chat.groupId, chat.groupId)
}

function memberView(
  parts: ViewParts,
  row: Row,
  { policy, unattached }: { readonly policy: Policy | undefined; readonly unattached: ReadonlySet<string> },
): MemberView {
  const accountId = row["listed_id"] as Uint8Array
  const own = isOwn(parts, accountId)
  if (!own && row["account_id"] === null) throw new ClientError("not_found", lookupTexts.noContact)
  const view = own ? ownContact(parts, row) : contactViewFrom(parts, row)
  return {
    ...view,
    role: policy ? roleOf(policy, accountId) : "member",
    own,
    ...(unattached.has(toHex(accountId)) && { unattached: true }),
  }
}

function ownContact({ own, decoded }: ViewParts, row: Row): ContactView {
  const account = decoded.account(own.accountId, row["own_version"], row["own_state"])
  return {
    accountId: toHex(own.accountId),
    handle: own.handle,
    mark: account ? markOf(account) : "",
    origin: own.origin,
    name: String(row["own_name"] ?? ""),
    verified: true,
    blocked: false,
    deviceCount: account?.state.devices.length ?? 1,
    identityChange: undefined,
  }
}
