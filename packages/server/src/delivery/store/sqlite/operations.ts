// Every operation of the delivery store on one database, each in a transaction of its own.

import { AssertionError } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import type { Database } from "../../../sqlite/database.ts"
import { eraseTraces } from "../../../sqlite/traces.ts"
import type { DeliveryInput, DeliveryOperation, DeliveryOutput } from "../delivery-store.ts"
import { blobOperations } from "./blobs.ts"
import { applyChange } from "./changes.ts"
import { depth, integrity, loadGroup, readBodies, setting, spendToken } from "./reading.ts"
import { sweep } from "./retention.ts"

export type DeliveryOperations = {
  readonly [Name in DeliveryOperation]: (input: DeliveryInput<Name>) => DeliveryOutput<Name>
}

export function tableOperations(db: Database): DeliveryOperations {
  const atomic =
    <Input, Output>(run: (db: Database, input: Input) => Output) =>
    (input: Input): Output =>
      inTransaction(db, () => run(db, input))
  return {
    write: ({ changes }) =>
      inTransaction(db, () => {
        for (const change of changes) applyChange(db, change)
      }),
    loadGroup: atomic(loadGroup),
    readBodies: atomic(readBodies),
    spendToken: atomic(spendToken),
    setting: atomic(setting),
    sweep: atomic((of, input: DeliveryInput<"sweep">) => sweep(of, input)),
    ...blobOperations(db, (run) => inTransaction(db, run)),
    eraseTraces: (input) => eraseTraces(db, input),
    integrity: () => integrity(db),
    depth: () => depth(db),
  }
}

export function inTransaction<T>(db: Database, run: () => T): T {
  db.run("BEGIN IMMEDIATE")
  try {
    const value = run()
    db.run("COMMIT")
    return value
  } catch (error) {
    rollBack(db)
    throw error
  }
}

export function rollBack(db: Database): void {
  try {
    if (db.inTransaction) db.run("ROLLBACK")
  } catch {
    // SQLite rolls back by itself when the file is lost; the next transaction begins anew.
  }
}

/** What a failure of the store is to the service: `internal` for a bug of ours, else `unavailable`. */
export function storeFailure(error: unknown): WireError {
  if (error instanceof WireError) return error
  const bug = error instanceof AssertionError || error instanceof TypeError || error instanceof RangeError
  return bug ? new WireError("internal") : new WireError("unavailable", "the store cannot write now", { retryAfterMs: 1000 })
}
