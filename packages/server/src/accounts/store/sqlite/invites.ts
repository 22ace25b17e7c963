// Invites: hashes of codes that let somebody register.

import { WireError } from "@nodoor/wire"
import type { InviteRow, OperationInput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"

export function addInvites(db: Database, input: OperationInput<"addInvites">): void {
  if (input.only) db.run("DELETE FROM invites WHERE label = ?", input.label)
  for (const codeHash of input.codeHashes) {
    db.run(
      "INSERT OR IGNORE INTO invites (code_hash, label, uses_left, expires_at_ms) VALUES (?, ?, ?, ?)",
      codeHash,
      input.label,
      input.uses,
      input.expiresAtMs,
    )
  }
}

/** @throws WireError `invite_invalid` */
export function useInvite(db: Database, codeHash: Uint8Array, nowMs: number): void {
  const used = db.run(
    "UPDATE invites SET uses_left = uses_left - 1 WHERE code_hash = ? AND uses_left > 0 AND expires_at_ms > ?",
    codeHash,
    nowMs,
  )
  if (used === 0) throw new WireError("invite_invalid")
  db.run("DELETE FROM invites WHERE code_hash = ? AND uses_left = 0", codeHash)
}

export function isInvite(db: Database, { codeHash, nowMs }: OperationInput<"isInvite">): boolean {
  const rows = db.all("SELECT 1 FROM invites WHERE code_hash = ? AND uses_left > 0 AND expires_at_ms > ?", codeHash, nowMs)
  return rows.length > 0
}

export function listInvites(db: Database, { nowMs, max }: OperationInput<"listInvites">): readonly InviteRow[] {
  type Row = { code_hash: Uint8Array; label: string; uses_left: number; expires_at_ms: number }
  const rows = db.all<Row>(
    "SELECT code_hash, label, uses_left, expires_at_ms FROM invites WHERE expires_at_ms > ? ORDER BY expires_at_ms, code_hash LIMIT ?",
    nowMs,
    max,
  )
  return rows.map((row) => ({ codeHash: row.code_hash, label: row.label, usesLeft: row.uses_left, expiresAtMs: row.expires_at_ms }))
}

export function revokeInvite(db: Database, { hashPrefix }: OperationInput<"revokeInvite">): number {
  return db.run("DELETE FROM invites WHERE substr(code_hash, 1, ?) = ?", hashPrefix.length, hashPrefix)
}
