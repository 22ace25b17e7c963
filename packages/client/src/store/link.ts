// A link between two devices that has been confirmed and is not over: table `link_attempt`.

import type { Transaction } from "../core/transaction.ts"
import type { Reader } from "./reader.ts"

export interface LinkAttempt {
  readonly role: "old" | "new"
  readonly stage: "granted" | "signed"
  readonly secret: Uint8Array
  readonly taker: Uint8Array
  readonly untilMs: number
  readonly round: number
  readonly hello: Uint8Array
  readonly transcript: Uint8Array
  readonly next: Uint8Array
  readonly sealed: Uint8Array
}

export async function findLinkAttempt(reader: Reader): Promise<LinkAttempt | undefined> {
  const [row] = await reader.read("SELECT * FROM link_attempt WHERE id = 1")
  return (
    row && {
      role: row["role"] === "new" ? "new" : "old",
      stage: row["stage"] === "signed" ? "signed" : "granted",
      secret: row["secret"] as Uint8Array,
      taker: row["taker"] as Uint8Array,
      untilMs: Number(row["until_ms"]),
      round: Number(row["round"]),
      hello: row["hello"] as Uint8Array,
      transcript: row["transcript"] as Uint8Array,
      next: row["next"] as Uint8Array,
      sealed: row["sealed"] as Uint8Array,
    }
  )
}

/** Takes the place of an earlier stage. */
export function saveLinkAttempt(tx: Transaction, attempt: LinkAttempt): void {
  const { role, stage, secret, taker, untilMs, round, hello, transcript, next, sealed } = attempt
  tx.write(
    `INSERT OR REPLACE INTO link_attempt (id, role, stage, secret, taker, until_ms, round, hello, transcript, next, sealed)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    role,
    stage,
    secret,
    taker,
    untilMs,
    round,
    hello,
    transcript,
    next,
    sealed,
  )
}

export function deleteLinkAttempt(tx: Transaction): void {
  tx.write("DELETE FROM link_attempt")
}

/** The version that adds a device and that both devices have signed, while the log has not shown it. */
export async function findPendingAddition(reader: Reader): Promise<Uint8Array | undefined> {
  const attempt = await findLinkAttempt(reader)
  return attempt?.role === "old" && attempt.stage === "signed" ? attempt.next : undefined
}
