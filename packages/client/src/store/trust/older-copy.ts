// Of two copies of this device's store one goes on. A copy that was put back is let in again with fresh keys wherever something had come meanwhile
// (`group/rejoin`). The other one finds that out in the log, where the device's own signature stands for it: then it sends and takes in
// nothing more, and says so. What it holds stays readable.

import type { Random } from "@nodoor/mls"
import { raiseAlarmOnce } from "./alarms.ts"
import type { Clock } from "../../core/ports.ts"
import type { Reader } from "../reader.ts"
import type { Transaction } from "../../core/transaction.ts"
import { storeTexts } from "../../texts/en.ts"

export const olderCopyCode = "older_copy"

/** Thrown where it is found out. The transaction is rolled back: nothing of the record is kept, and it is not acknowledged. */
export class OlderCopy extends Error {
  constructor() {
    super("another copy of this store goes on")
    this.name = "OlderCopy"
  }
}

export async function isOlderCopy(reader: Reader): Promise<boolean> {
  return (await reader.read("SELECT 1 AS one FROM older_copy")).length > 0
}

export async function keepOlderCopy(tx: Transaction, parts: { readonly clock: Clock; readonly random: Random }): Promise<void> {
  tx.write("INSERT OR REPLACE INTO older_copy (id) VALUES (1)")
  await raiseAlarmOnce(tx, parts.random, { level: "red", code: olderCopyCode, text: storeTexts.olderCopy, atMs: parts.clock.nowMs() })
}
