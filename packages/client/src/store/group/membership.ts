// Whose a message is: the accounts that were in the group when it was sent. Who came later never gets it, and who left later got it or not;
// neither changes how far it has come.

import { toHex } from "@nodoor/bytes"
import type { Transaction } from "../../core/transaction.ts"
import type { Reader } from "../reader.ts"

interface Place {
  readonly groupId: Uint8Array
  /** The epoch that begins with it. */
  readonly epoch: number
  readonly order: number
}
type Members = readonly { readonly accountId: Uint8Array }[]

/** This device's time in the group begins with these members. */
export function beginMembership(tx: Transaction, place: Place, members: Members): void {
  tx.write("UPDATE membership SET until_order = ? WHERE group_id = ? AND until_order IS NULL", place.order, place.groupId)
  for (const accountId of distinct(members).values()) begin(tx, place, accountId)
}

/** What a commit changed; accounts, not their devices. */
export function changeMembership(tx: Transaction, place: Place, change: { readonly before: Members; readonly after: Members }): void {
  const [before, after] = [distinct(change.before), distinct(change.after)]
  for (const [id, accountId] of before)
    if (!after.has(id))
      tx.write(
        "UPDATE membership SET until_order = ? WHERE group_id = ? AND account_id = ? AND until_order IS NULL",
        place.order,
        place.groupId,
        accountId,
      )
  for (const [id, accountId] of after) if (!before.has(id)) begin(tx, place, accountId)
}

function begin(tx: Transaction, { groupId, epoch }: Place, accountId: Uint8Array): void {
  tx.write(
    "INSERT OR REPLACE INTO membership (group_id, account_id, from_epoch, until_order) VALUES (?, ?, ?, NULL)",
    groupId,
    accountId,
    epoch,
  )
}

/** Accounts that a message of this epoch and order was for, its sender's too. A message of an older store has no epoch. */
const recipientsSql =
  "SELECT DISTINCT account_id FROM membership WHERE group_id = ? AND from_epoch <= ? AND (until_order IS NULL OR until_order > ?)"

export interface PlacedMessage {
  readonly groupId: Uint8Array
  readonly epoch: number | undefined
  readonly order: number
}

export async function membersThen(reader: Reader, { groupId, epoch, order }: PlacedMessage): Promise<readonly Uint8Array[]> {
  const rows = await reader.read(`${recipientsSql} ORDER BY from_epoch, account_id`, groupId, epoch ?? 0, order)
  return rows.map((row) => row["account_id"] as Uint8Array)
}

/** Whether an account is there that came after this epoch began, as far as this device was there itself. */
export async function hasAnybodyComeSince(
  reader: Reader,
  { groupId, epoch }: { readonly groupId: Uint8Array; readonly epoch: number },
): Promise<boolean> {
  const sql = "SELECT 1 AS one FROM membership WHERE group_id = ? AND from_epoch > ? AND until_order IS NULL LIMIT 1"
  return (await reader.read(sql, groupId, epoch)).length > 0
}

function distinct(members: Members): ReadonlyMap<string, Uint8Array> {
  return new Map(members.map(({ accountId }) => [toHex(accountId), accountId]))
}
