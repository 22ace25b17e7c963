// Tokens that were drawn and not spent: tables `token` and `token_draw`. A token is spent when its row is gone, before it is sent.

import type { TokenUse } from "@nodoor/wire"
import type { Transaction } from "../core/transaction.ts"
import type { Reader } from "./reader.ts"

/** A token whose signature has not come yet. */
export interface BlindedToken {
  readonly use: TokenUse
  /** What is signed: type, nonce, challenge digest and key id. */
  readonly input: Uint8Array
  readonly blinded: Uint8Array
  /** Takes the blinding off. */
  readonly inverse: Uint8Array
}

export interface TokenDraw {
  /** UTC day by the server's clock. */
  readonly day: number
  readonly keyEpoch: number
  /** Whether the server has answered it. */
  readonly done: boolean
}

export async function findDraw(reader: Reader): Promise<TokenDraw | undefined> {
  const [row] = await reader.read("SELECT day, key_epoch, done FROM token_draw WHERE id = 1")
  return row && { day: Number(row["day"]), keyEpoch: Number(row["key_epoch"]), done: row["done"] === 1 }
}

/** The batch, in the order in which it is sent: the same again after a crash. */
export async function listBlinded(reader: Reader): Promise<readonly BlindedToken[]> {
  const rows = await reader.read("SELECT * FROM token WHERE token IS NULL ORDER BY number")
  return rows.map((row) => ({
    use: row["use"] as TokenUse,
    input: row["input"] as Uint8Array,
    blinded: row["blinded"] as Uint8Array,
    inverse: row["inverse"] as Uint8Array,
  }))
}

/** Begins a draw. A batch before it that was never answered is given up. */
export function insertBatch(tx: Transaction, draw: Omit<TokenDraw, "done">, batch: readonly BlindedToken[]): void {
  tx.write("DELETE FROM token WHERE token IS NULL")
  tx.write("INSERT OR REPLACE INTO token_draw (id, day, key_epoch, done) VALUES (1, ?, ?, 0)", draw.day, draw.keyEpoch)
  for (const [number, { use, input, blinded, inverse }] of batch.entries())
    tx.write(
      "INSERT INTO token (input, use, key_epoch, number, blinded, inverse) VALUES (?, ?, ?, ?, ?, ?)",
      input,
      use,
      draw.keyEpoch,
      number,
      blinded,
      inverse,
    )
}

/** The server has answered the draw: these are tokens now, and the others of it never will be. */
export function endDraw(tx: Transaction, day: number, tokens: readonly { readonly input: Uint8Array; readonly token: Uint8Array }[]): void {
  for (const { input, token } of tokens)
    tx.write("UPDATE token SET token = ?, blinded = NULL, inverse = NULL WHERE input = ? AND token IS NULL", token, input)
  tx.write("DELETE FROM token WHERE token IS NULL")
  tx.write("UPDATE token_draw SET day = ?, done = 1", day)
}

/** Tokens of key epochs before this one are worth nothing any more. */
export function deleteTokensBefore(tx: Transaction, keyEpoch: number): void {
  tx.write("DELETE FROM token WHERE key_epoch < ? AND token IS NOT NULL", keyEpoch)
}

/** Spends one: it is not in the store any more when this transaction is. Undefined: there is none. */
export async function takeToken(
  tx: Transaction,
  use: TokenUse,
  { fromKeyEpoch }: { readonly fromKeyEpoch: number },
): Promise<Uint8Array | undefined> {
  const [row] = await tx.read(
    "SELECT input, token FROM token WHERE use = ? AND token IS NOT NULL AND key_epoch >= ? ORDER BY key_epoch, input LIMIT 1",
    use,
    fromKeyEpoch,
  )
  if (!row) return undefined
  tx.write("DELETE FROM token WHERE input = ?", row["input"] as Uint8Array)
  return row["token"] as Uint8Array
}
