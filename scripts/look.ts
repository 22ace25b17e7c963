// `npm run look -- PLACE [SQL]`: reads a store while you develop. PLACE is the folder of a CLI profile, whose store is opened with the
// profile's key, or a database file of the server. Without SQL it lists the tables. It only reads.

import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { DatabaseSync } from "node:sqlite"
import { readProfileKey } from "@nodoor/cli"
import { openDatabase } from "@nodoor/client/node"

const [place = "", sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"] = process.argv.slice(2)
if (!existsSync(place)) fail(`There is no file or folder ${place}. Give a profile folder or a database file: npm run look -- PLACE [SQL]`)
if (!/^\s*(?:select|with|explain)\b/i.test(sql)) fail("Only SELECT, WITH and EXPLAIN are allowed.")
const rows = statSync(place).isDirectory() ? await rowsOfProfile(place) : rowsOfFile(place)
for (const row of rows) process.stdout.write(`${JSON.stringify(row, asHex)}\n`)

async function rowsOfProfile(folder: string): Promise<readonly unknown[]> {
  const database = await openDatabase({ path: join(folder, "store.db"), key: await readProfileKey(folder) })
  try {
    return await database.read(sql, [])
  } finally {
    await database.close()
  }
}

function rowsOfFile(path: string): readonly unknown[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

/** Bytes in hex, cut where nobody reads on. */
function asHex(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key]
  return raw instanceof Uint8Array
    ? `x'${Buffer.from(raw.subarray(0, 32)).toString("hex")}${raw.length > 32 ? `… ${raw.length} bytes` : ""}'`
    : value
}

function fail(why: string): never {
  process.stderr.write(`look: ${why}\n`)
  process.exit(2)
}
