// What the account service keeps for the time that it runs, and on no disk: a database in memory beside the file, under the same transactions.

import type { Database } from "../../../sqlite/database.ts"

/**
 * One-time KeyPackages. In the file, a row that goes would tell on which night somebody asked for this device, and a conversation that has a
 * new seat on that night could be its. After a restart devices are claimed by their last resort, until they come and bring new ones.
 */
const tables = `
  CREATE TABLE memory.one_time_packages (
    package_order INTEGER PRIMARY KEY,
    device_id BLOB NOT NULL,
    package_hash BLOB NOT NULL,
    package BLOB NOT NULL,
    UNIQUE (device_id, package_hash)
  ) STRICT`

/** Before anything else is asked of the database. */
export function addMemoryTables(db: Database): void {
  db.run("ATTACH ':memory:' AS memory")
  db.run(tables)
}
