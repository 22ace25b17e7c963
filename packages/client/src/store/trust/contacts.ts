// People this device knows: table `contact`, with the handle that the log proved.

import type { AccountId } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface ContactRow {
  readonly accountId: AccountId
  /** Proven by the log, or undefined. */
  readonly handle: string | undefined
  /** Tells the account apart where it has no handle (`called.ts`). */
  readonly mark: string
  /** From the contact's encrypted profile; '' until it arrived. */
  readonly name: string
  readonly accepted: boolean
  readonly blocked: boolean
  readonly firstResets: number
  readonly verifiedMs: number | undefined
  readonly verifiedResets: number | undefined
  readonly changeMs: number | undefined
  readonly changeKind: "reset" | "changed" | undefined
}

/** Contacts with the handle that the log proved. */
export const contactRows = "SELECT contact.*, h.handle FROM contact LEFT JOIN log_handle h ON h.account_id = contact.account_id"

export async function findContact(reader: Reader, accountId: Uint8Array): Promise<ContactRow | undefined> {
  const [row] = await reader.read(`${contactRows} WHERE contact.account_id = ?`, accountId)
  return row && contactFromRow(row)
}

export function contactFromRow(row: Row): ContactRow {
  return {
    accountId: row["account_id"] as AccountId,
    handle: typeof row["handle"] === "string" ? row["handle"] : undefined,
    mark: String(row["mark"]),
    name: String(row["name"]),
    accepted: row["accepted"] === 1,
    blocked: row["blocked"] === 1,
    firstResets: Number(row["first_resets"]),
    verifiedMs: optionalNumber(row["verified_ms"]),
    verifiedResets: optionalNumber(row["verified_resets"]),
    changeMs: optionalNumber(row["change_ms"]),
    changeKind: (row["change_kind"] as "reset" | "changed" | null) ?? undefined,
  }
}

/** Its person wrote to them first, or answered. */
export function setAccepted(tx: Transaction, accountId: Uint8Array): void {
  tx.write("UPDATE contact SET accepted = 1 WHERE account_id = ?", accountId)
}
