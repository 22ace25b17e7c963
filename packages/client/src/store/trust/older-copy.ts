// An older copy of this device's store was put back: a backup, a snapshot, a copied profile. Its ratchets stand where they stood then, so
// whatever it sent would be sealed with keys that were used already, and what was received since is gone from the server. Nothing is sent,
// taken in or acknowledged with it; what it holds stays readable, and a newer store loses nothing by it.

import type { Random } from "@nodoor/mls"
import { raiseAlarmOnce } from "./alarms.ts"
import type { Clock } from "../../core/ports.ts"
import type { Reader } from "../reader.ts"
import type { Transaction } from "../../core/transaction.ts"
import { storeTexts } from "../../texts/en.ts"

/**
 * Who says so. `server`: it knows of acknowledgements beyond the cursor; nobody vouches for it. `signature`: a message
 * that this device signed and that its store does not know, which nobody else can make.
 */
export type OlderCopyProof = "server" | "signature"

export const olderCopyCode = "older_copy"

export const olderCopyTexts: Readonly<Record<OlderCopyProof, string>> = {
  server: storeTexts.olderCopyByServer,
  signature: storeTexts.olderCopyBySignature,
}

/** Thrown where it is found out. The transaction is rolled back: nothing of the record is kept, and it is not acknowledged. */
export class OlderCopy extends Error {
  readonly proof: OlderCopyProof
  constructor(proof: OlderCopyProof) {
    super("the store is an older copy")
    this.name = "OlderCopy"
    this.proof = proof
  }
}

export async function knownOlderCopy(reader: Reader): Promise<OlderCopyProof | undefined> {
  const [row] = await reader.read("SELECT proof FROM older_copy WHERE id = 1")
  return row && (row["proof"] as OlderCopyProof)
}

export async function keepOlderCopy(
  tx: Transaction,
  parts: { readonly clock: Clock; readonly random: Random },
  proof: OlderCopyProof,
): Promise<void> {
  tx.write("INSERT OR REPLACE INTO older_copy (id, proof) VALUES (1, ?)", proof)
  await raiseAlarmOnce(tx, parts.random, {
    level: "red",
    code: olderCopyCode,
    text: olderCopyTexts[proof],
    atMs: parts.clock.nowMs(),
  })
}
