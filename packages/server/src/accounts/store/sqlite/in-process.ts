// The store in the calling thread: for simulations, command-line tools and tests. The same operations as the worker's.

import type { Store } from "../store.ts"
import { type Call, runBatch, settle } from "./batch.ts"
import { type DatabaseOptions, openDatabase } from "../../../sqlite/database.ts"
import { addMemoryTables } from "./memory-tables.ts"
import { operations } from "./operations.ts"

/** Opens the file (or `:memory:`). Every operation is a transaction of its own. @throws ServerError as `openDatabase` */
export function openInProcessStore(path: string, options: DatabaseOptions = {}): Store {
  const db = openDatabase(path, options)
  addMemoryTables(db)
  return storeOf(
    async (call) => {
      const [outcome] = runBatch(db, [call])
      return settle(outcome as NonNullable<typeof outcome>)
    },
    async () => {
      runBatch(db, [{ name: "checkpoint", input: {} }])
      db.close()
    },
  )
}

/** A `Store` whose operations are all sent the same way. */
export function storeOf(send: (call: Call) => Promise<unknown>, close: () => Promise<void>): Store {
  const entries = Object.keys(operations).map((name) => [name, (input: Call["input"]) => send({ name, input } as Call)])
  return { ...Object.fromEntries(entries), close } as Store
}
