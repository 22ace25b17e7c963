// People as an archive has them: what the tables of trust hold of them, read for an archive and taken in from one.

import { likeness } from "@nodoor/wire"
import type { Row } from "../../core/ports.ts"
import type { Transaction } from "../../core/transaction.ts"
import { type ContactRow, contactFromRow, contactRows } from "../trust/contacts.ts"
import type { KnownHandle } from "../trust/handles.ts"
import type { Reader } from "../reader.ts"

export type ArchivedContact = Omit<ContactRow, "handle">

const atOnce = 500

/** Contacts by id, some at a time. */
export async function listContactsAfter(reader: Reader, after: Uint8Array): Promise<readonly ContactRow[]> {
  const rows = await reader.read(`${contactRows} WHERE contact.account_id > ? ORDER BY contact.account_id LIMIT ?`, after, atOnce)
  return rows.map(contactFromRow)
}

/** Stored states, by account and version, some at a time. */
export async function listStatesAfter(
  reader: Reader,
  after: { readonly accountId: Uint8Array; readonly version: number },
): Promise<readonly { readonly accountId: Uint8Array; readonly version: number; readonly state: Uint8Array }[]> {
  const rows = await reader.read(
    "SELECT account_id, version, state FROM account_state WHERE (account_id, version) > (?, ?) ORDER BY account_id, version LIMIT ?",
    after.accountId,
    after.version,
    atOnce,
  )
  return rows.map((row) => ({
    accountId: row["account_id"] as Uint8Array,
    version: Number(row["version"]),
    state: row["state"] as Uint8Array,
  }))
}

export async function listHandlesAfter(reader: Reader, after: string): Promise<readonly (KnownHandle & { readonly handle: string })[]> {
  const rows = await reader.read("SELECT * FROM log_handle WHERE handle > ? ORDER BY handle LIMIT ?", after, atOnce)
  return rows.map((row: Row) => ({
    handle: String(row["handle"]),
    version: Number(row["version"]),
    binding: row["binding"] as Uint8Array,
    accountId: row["account_id"] as KnownHandle["accountId"],
  }))
}

/** A handle that an account of the archive signed. What the log has proved here already stays. */
export function addArchivedHandle(tx: Transaction, handle: string, known: KnownHandle): void {
  tx.write(
    "INSERT OR IGNORE INTO log_handle (handle, version, binding, account_id) VALUES (?, ?, ?, ?)",
    handle,
    known.version,
    known.binding,
    known.accountId,
  )
}

/**
 * A contact of the archive. Of one that is here already only what is missing is filled in: a name, that it was accepted or blocked, and a
 * verification of the same identity, as started over as often.
 */
export function addArchivedContact(tx: Transaction, contact: ArchivedContact): void {
  tx.write(
    `INSERT INTO contact (account_id, mark, name, alike, accepted, blocked, first_resets, verified_ms, verified_resets, change_ms, change_kind, checked_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
     ON CONFLICT DO UPDATE SET
       name = CASE WHEN name = '' THEN excluded.name ELSE name END, alike = CASE WHEN name = '' THEN excluded.alike ELSE alike END,
       accepted = MAX(accepted, excluded.accepted), blocked = MAX(blocked, excluded.blocked),
       verified_resets = CASE WHEN verified_ms IS NULL AND mark = excluded.mark THEN excluded.verified_resets ELSE verified_resets END,
       verified_ms = CASE WHEN verified_ms IS NULL AND mark = excluded.mark THEN excluded.verified_ms ELSE verified_ms END`,
    contact.accountId,
    contact.mark,
    contact.name,
    contact.name === "" ? "" : likeness(contact.name),
    contact.accepted ? 1 : 0,
    contact.blocked ? 1 : 0,
    contact.firstResets,
    contact.verifiedMs ?? null,
    contact.verifiedResets ?? null,
    contact.changeMs ?? null,
    contact.changeKind ?? null,
  )
  tx.contactChanged(contact.accountId)
}
