// Group commit: all waiting calls go to the disk in one transaction with one fsync, and are answered only afterwards.

import { AssertionError } from "@nodoor/bytes"
import { type ErrorCode, WireError } from "@nodoor/wire"
import type { OperationInput, OperationName, OperationOutput } from "../store.ts"
import type { Database } from "../../../sqlite/database.ts"
import { operations, readOperations } from "./operations.ts"

export interface Call<Name extends OperationName = OperationName> {
  readonly name: Name
  readonly input: OperationInput<Name>
}

/** Plain data, so that it can cross a thread. `cause` is for the log: SQLite's own words, never data. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly message: string
      readonly epoch: number | undefined
      readonly cause: string | undefined
    }

/** Runs the calls in order, each under a savepoint of one transaction. A refused call leaves no trace and does not affect the others. */
export function runBatch(db: Database, calls: readonly Call[]): Outcome[] {
  const outcomes: Outcome[] = []
  try {
    if (calls.every((call) => outsideTransaction.has(call.name))) return calls.map((call) => attempt(db, call))
    db.run(calls.every((call) => readOperations.has(call.name)) ? "BEGIN" : "BEGIN IMMEDIATE")
    for (const call of calls) outcomes.push(outsideTransaction.has(call.name) ? unavailable("asked again alone") : underSavepoint(db, call))
    db.run("COMMIT")
    return outcomes
  } catch (error) {
    try {
      if (db.inTransaction) db.run("ROLLBACK")
    } catch {
      // SQLite rolls back by itself when the connection or the file is lost; the next batch begins anew.
    }
    // A refusal stays a refusal, because it wrote nothing. Everything else may or may not have reached the disk.
    return calls.map((_, at) => (outcomes[at]?.ok === false ? outcomes[at] : unavailable(describe(error))))
  }
}

/** What cannot run inside a transaction; the callers send it alone. */
export const outsideTransaction: ReadonlySet<OperationName> = new Set<OperationName>(["checkpoint", "eraseTraces"])

function underSavepoint(db: Database, call: Call): Outcome {
  if (readOperations.has(call.name)) return attempt(db, call)
  db.run("SAVEPOINT operation")
  const outcome = attempt(db, call)
  if (!outcome.ok) db.run("ROLLBACK TO operation")
  db.run("RELEASE operation")
  return outcome
}

function attempt(db: Database, call: Call): Outcome {
  try {
    const operation = operations[call.name] as (db: Database, input: OperationInput<OperationName>) => OperationOutput<OperationName>
    return { ok: true, value: operation(db, call.input) }
  } catch (error) {
    if (error instanceof WireError) return { ok: false, code: error.code, message: error.message, epoch: error.epoch, cause: undefined }
    if (error instanceof AssertionError || error instanceof TypeError || error instanceof RangeError) {
      return { ok: false, code: "internal", message: "internal", epoch: undefined, cause: describe(error) }
    }
    return unavailable(describe(error))
  }
}

function unavailable(cause: string): Outcome {
  return { ok: false, code: "unavailable", message: "the store cannot write now", epoch: undefined, cause }
}

/** SQLite's result code and words, or where a bug was met; values never stand in either. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown"
  const errcode = (error as { errcode?: number }).errcode
  return errcode === undefined ? `${error.name}: ${error.message}` : `sqlite ${errcode}`
}

/** Turns an outcome back into what the caller awaits. */
export function settle(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value
  throw new WireError(outcome.code, outcome.message, {
    ...(outcome.epoch === undefined ? {} : { epoch: outcome.epoch }),
    ...(outcome.code === "unavailable" ? { retryAfterMs: 1000 } : {}),
  })
}
