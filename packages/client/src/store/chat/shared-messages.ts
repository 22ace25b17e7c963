// Messages that were written before somebody came, and what a member sent them of these: tables `message` and `part`.

import { decodeCbor, encodeCbor, equal } from "@nodoor/bytes"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"
import { storable } from "./parts.ts"

/** The kind of a part that holds them. */
export const sharedPartKind = "shared-history"

/** A message as a member tells of it. */
export interface SharedMessage {
  readonly messageId: Uint8Array
  readonly accountId: Uint8Array
  readonly timeMs: number
  readonly markdown: string
}

/** `messages`: empty for whoever was there before, and for the one who sent them. */
export interface SharedHistory {
  readonly to: readonly Uint8Array[]
  readonly count: number
  readonly messages: readonly SharedMessage[]
}

export function encodeShared({ to, count, messages }: SharedHistory): Uint8Array {
  return encodeCbor([to, count, messages.map(({ messageId, accountId, timeMs, markdown }) => [messageId, accountId, timeMs, markdown])])
}

/** Of a stored part, or undefined if it is none. */
export function decodeShared(data: Uint8Array | undefined): SharedHistory | undefined {
  if (!data) return undefined
  const [to, count, messages] = decodeCbor(data, { maxBytes: 1_048_576 }) as unknown as [
    Uint8Array[],
    number,
    [Uint8Array, Uint8Array, number, string][],
  ]
  return {
    to,
    count,
    messages: messages.map(([messageId, accountId, timeMs, markdown]) => ({ messageId, accountId, timeMs, markdown })),
  }
}

/** What people wrote in a group before an order of its log, oldest first: the newest so many of those after a time. */
export async function listToShare(
  reader: Reader,
  {
    groupId,
    beforeOrder,
    afterMs,
    max,
  }: { readonly groupId: Uint8Array; readonly beforeOrder: number; readonly afterMs: number; readonly max: number },
): Promise<readonly SharedMessage[]> {
  const rows = await reader.read(
    `SELECT m.message_id, m.account_id, m.time_ms, p.text FROM message m JOIN part p ON p.message_row = m.row AND p.kind = 'text'
     WHERE m.group_id = ? AND m.kind = 'content' AND m.ord < ? AND m.time_ms > ? ORDER BY m.ord DESC LIMIT ?`,
    groupId,
    beforeOrder,
    afterMs,
    max,
  )
  return rows.toReversed().map((row) => ({
    messageId: row["message_id"] as Uint8Array,
    accountId: row["account_id"] as Uint8Array,
    timeMs: Number(row["time_ms"]),
    markdown: String(row["text"]),
  }))
}

/** How many messages of others this account has told this chat of. */
export async function countShared(reader: Reader, chatId: Uint8Array, byAccount: Uint8Array): Promise<number> {
  let count = 0
  for (const { shared, accountId } of await sharedIn(reader, chatId)) if (equal(accountId, byAccount)) count += shared.messages.length
  return count
}

/** Its author has edited or deleted (without `markdown`) a message that this device knows only from somebody else. */
export async function changeShared(
  tx: Transaction,
  {
    chatId,
    messageId,
    accountId,
    markdown,
  }: { readonly chatId: Uint8Array; readonly messageId: Uint8Array; readonly accountId: Uint8Array; readonly markdown?: string },
): Promise<boolean> {
  let found = false
  for (const { row, id, shared } of await sharedIn(tx, chatId)) {
    const isIt = (one: SharedMessage): boolean => equal(one.messageId, messageId) && equal(one.accountId, accountId)
    if (!shared.messages.some(isIt)) continue
    found = true
    const messages = shared.messages.flatMap((one) =>
      !isIt(one) ? [one] : markdown === undefined ? [] : [{ ...one, markdown: storable(markdown) }],
    )
    tx.write("UPDATE part SET data = ? WHERE message_row = ? AND kind = ?", encodeShared({ ...shared, messages }), row, sharedPartKind)
    tx.messageChanged(chatId, id)
  }
  return found
}

async function sharedIn(
  reader: Reader,
  chatId: Uint8Array,
): Promise<readonly { readonly row: number; readonly id: Uint8Array; readonly accountId: Uint8Array; readonly shared: SharedHistory }[]> {
  const rows = await reader.read(
    "SELECT m.row, m.message_id, m.account_id, p.data FROM message m JOIN part p ON p.message_row = m.row AND p.kind = ? WHERE m.chat_id = ?",
    sharedPartKind,
    chatId,
  )
  return rows.flatMap((row) => {
    const shared = decodeShared(row["data"] as Uint8Array)
    return shared
      ? [{ row: Number(row["row"]), id: row["message_id"] as Uint8Array, accountId: row["account_id"] as Uint8Array, shared }]
      : []
  })
}
