// Keys that sign tokens, and which tokens were spent. Who drew them is not known here.

import { WireError } from "@nodoor/wire"
import type { Database } from "../../../sqlite/database.ts"
import { tracesAreDue } from "../../../sqlite/traces.ts"
import type { OperationInput, OperationOutput } from "../store.ts"

export function tokenKeys(db: Database): OperationOutput<"tokenKeys"> {
  type Row = { epoch: number; public_key: Uint8Array }
  return db.all<Row>("SELECT epoch, public_key FROM token_keys ORDER BY epoch").map(({ epoch, public_key: key }) => ({ epoch, key }))
}

export function tokenSecret(db: Database, { epoch }: OperationInput<"tokenSecret">): Uint8Array | undefined {
  return db.get<{ private_key: Uint8Array }>("SELECT private_key FROM token_keys WHERE epoch = ?", epoch)?.private_key
}

export function addTokenKey(db: Database, { epoch, privateKey, key }: OperationInput<"addTokenKey">): void {
  db.run("INSERT OR IGNORE INTO token_keys (epoch, private_key, public_key) VALUES (?, ?, ?)", epoch, privateKey, key)
}

export function dropTokenKeys(db: Database, { before }: OperationInput<"dropTokenKeys">): void {
  if (db.run("DELETE FROM token_keys WHERE epoch < ?", before) > 0) tracesAreDue(db)
  db.run("DELETE FROM spent_tokens WHERE key_epoch < ?", before)
}

export function isTokenSpent(db: Database, { hash }: OperationInput<"isTokenSpent">): boolean {
  return db.get("SELECT 1 FROM spent_tokens WHERE token_hash = ?", hash) !== undefined
}

/** @throws WireError `token_spent` */
export function spendToken(db: Database, { hash, keyEpoch }: { readonly hash: Uint8Array; readonly keyEpoch: number }): void {
  if (db.run("INSERT OR IGNORE INTO spent_tokens (token_hash, key_epoch) VALUES (?, ?)", hash, keyEpoch) === 0)
    throw new WireError("token_spent")
}
