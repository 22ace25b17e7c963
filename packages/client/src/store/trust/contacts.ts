// People this device knows: table `contact`, with the handle that the log proved.

import type { AccountId } from "@nodoor/keylog"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type Reader, optionalNumber } from "../reader.ts"
import { applyContactMarks } from "../sync/marks.ts"

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

/** A contact that is new on this device. One that is there stays as it is. */
export function insertContact(
  tx: Transaction,
  contact: { readonly accountId: Uint8Array; readonly mark: string; readonly resets: number; readonly checkedMs: number },
): void {
  tx.write(
    "INSERT OR IGNORE INTO contact (account_id, mark, name, alike, accepted, blocked, first_resets, checked_ms) VALUES (?, ?, '', '', 0, 0, ?, ?)",
    contact.accountId,
    contact.mark,
    contact.resets,
    contact.checkedMs,
  )
  applyContactMarks(tx, contact.accountId)
}

export function contactChecked(tx: Transaction, accountId: Uint8Array, checkedMs: number): void {
  tx.write("UPDATE contact SET checked_ms = ? WHERE account_id = ?", checkedMs, accountId)
}

/** The account was started over: a change that its person acknowledges, and from which later ones are counted. */
export function contactReset(
  tx: Transaction,
  accountId: Uint8Array,
  { resets, atMs }: { readonly resets: number; readonly atMs: number },
): void {
  tx.write("UPDATE contact SET change_ms = ?, change_kind = 'reset', first_resets = ? WHERE account_id = ?", atMs, resets, accountId)
}

/** Nothing is left to acknowledge. */
export function clearContactChange(tx: Transaction, accountId: Uint8Array): void {
  tx.write("UPDATE contact SET change_ms = NULL, change_kind = NULL WHERE account_id = ?", accountId)
}

/** The identity, as started over so many times, was compared in person. */
export function verifyContact(
  tx: Transaction,
  accountId: Uint8Array,
  { resets, atMs }: { readonly resets: number; readonly atMs: number },
): void {
  tx.write(
    "UPDATE contact SET verified_ms = ?, verified_resets = ?, change_ms = NULL, change_kind = NULL WHERE account_id = ?",
    atMs,
    resets,
    accountId,
  )
}

export function withdrawVerification(tx: Transaction, accountId: Uint8Array): void {
  tx.write("UPDATE contact SET verified_ms = NULL, verified_resets = NULL WHERE account_id = ?", accountId)
}

/** `alike`: the name as it is compared with others' (`likeness` of wire). */
export function renameContact(
  tx: Transaction,
  accountId: Uint8Array,
  { name, alike }: { readonly name: string; readonly alike: string },
): void {
  tx.write("UPDATE contact SET name = ?, alike = ? WHERE account_id = ?", name, alike, accountId)
}

/** Whether another contact's name could be taken for this one. */
export async function hasLikeName(reader: Reader, alike: string, { except }: { readonly except: Uint8Array }): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM contact WHERE alike = ? AND account_id != ? LIMIT 1", alike, except)).length > 0
}

/** Contacts from older stores whose name was never compared. */
export async function listContactsToComplete(reader: Reader): Promise<readonly ContactRow[]> {
  return (await reader.read(`${contactRows} WHERE contact.alike IS NULL`)).map(contactFromRow)
}

export function completeContact(
  tx: Transaction,
  accountId: Uint8Array,
  { mark, alike }: { readonly mark: string; readonly alike: string },
): void {
  tx.write("UPDATE contact SET mark = ?, alike = ? WHERE account_id = ?", mark, alike, accountId)
}

export function blockContact(tx: Transaction, accountId: Uint8Array, { blocked }: { readonly blocked: boolean }): void {
  tx.write("UPDATE contact SET blocked = ? WHERE account_id = ?", blocked ? 1 : 0, accountId)
}
