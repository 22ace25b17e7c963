// The thread that owns the database file. It takes batches, commits each once, and answers.

import { parentPort, workerData } from "node:worker_threads"
import { ServerError } from "../../../core/server-error.ts"
import { type Call, type Outcome, runBatch } from "./batch.ts"
import { addMemoryTables } from "./memory-tables.ts"
import { type Database, openDatabase } from "../../../sqlite/database.ts"

export type ToWorker = { readonly type: "batch"; readonly calls: readonly Call[] } | { readonly type: "close" }
export type FromWorker =
  | { readonly type: "opened" }
  | { readonly type: "failed"; readonly code: ServerError["code"]; readonly message: string }
  | { readonly type: "answers"; readonly outcomes: readonly Outcome[]; readonly durationMs: number }
  | { readonly type: "closed" }

const say = (message: FromWorker): void => parentPort?.postMessage(message)

function serve(db: Database): void {
  parentPort?.on("message", (message: ToWorker) => {
    if (message.type === "close") {
      runBatch(db, [{ name: "checkpoint", input: {} }])
      db.close()
      say({ type: "closed" })
      parentPort?.close()
      return
    }
    const startedMs = performance.now()
    const outcomes = runBatch(db, message.calls)
    say({ type: "answers", outcomes, durationMs: performance.now() - startedMs })
  })
  say({ type: "opened" })
}

try {
  const db = openDatabase((workerData as { readonly path: string }).path)
  addMemoryTables(db)
  serve(db)
} catch (error) {
  if (!(error instanceof ServerError)) throw error
  say({ type: "failed", code: error.code, message: error.message })
}
