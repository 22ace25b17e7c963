// Whether a store that failed works again: table `store_probe`, which is written and emptied.

import type { Database } from "../core/ports.ts"

/** Writes as much as a message needs. @throws StoreError */
export async function probeStore(database: Pick<Database, "commit">): Promise<void> {
  await database.commit([
    { sql: "INSERT OR REPLACE INTO store_probe (id, filler) VALUES (1, zeroblob(65536))", values: [] },
    { sql: "DELETE FROM store_probe", values: [] },
  ])
}
