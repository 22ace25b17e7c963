// A device's store as a plain SQLite file: what is kept in the repository to see how stores of older versions fare.

import { DatabaseSync } from "node:sqlite"
import { type Database, type Device, NetworkError, type Ports, type Row, openDevice } from "@nodoor/client"
import { databaseOn, nodePorts } from "@nodoor/client/node"

/** When the stores are looked at: a moment after they were made, so that nothing in them has become old. */
export const lookMs: number = Date.UTC(2026, 0, 2)

/** SQLite's tables for the words that are searched; they are made again from the rows of the table itself. */
const searchTable = "message_search"

export function openPlain(path: string): Database {
  const sqlite = new DatabaseSync(path)
  return databaseOn({
    run: (sql, values) => sqlite.prepare(sql).all(...values) as unknown as Row[],
    close: () => sqlite.close(),
    storeError: (error) => error,
  })
}

/** Writes what a store holds into a new file. `leaveOut`: tables of which no rows are taken. */
export async function writePlain(from: Database, path: string, leaveOut: readonly string[]): Promise<void> {
  const sqlite = new DatabaseSync(path)
  const objects = await from.read("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type = 'index', rowid")
  const isShadow = (name: string): boolean => name.startsWith(`${searchTable}_`) || name === "sqlite_sequence"
  for (const { type, name: named, sql } of objects) {
    const name = String(named)
    if (isShadow(name)) continue
    sqlite.exec(String(sql))
    if (type !== "table" || leaveOut.includes(name)) continue
    const rows = await from.read(name === searchTable ? `SELECT rowid, text FROM ${name}` : `SELECT * FROM ${name}`)
    for (const row of rows) {
      const columns = Object.keys(row)
      sqlite.prepare(`INSERT INTO ${name} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`).run(...Object.values(row))
    }
  }
  for (const row of await from.read("SELECT name, seq FROM sqlite_sequence"))
    sqlite.prepare("INSERT OR REPLACE INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(...Object.values(row))
  const [version] = await from.read("PRAGMA user_version")
  sqlite.exec(`INSERT INTO ${searchTable} (${searchTable}, rank) VALUES ('secure-delete', 1)`)
  sqlite.exec(`PRAGMA user_version = ${Number(version?.["user_version"])}`)
  sqlite.exec("VACUUM")
  sqlite.close()
}

/** Opens a device without a server, at a time that is always the same. */
export async function openOffline(database: Database): Promise<Device> {
  const offline = (): never => {
    throw new NetworkError("no network", { maybeDone: false })
  }
  const network: Ports["network"] = {
    call: async () => offline(),
    file: async () => offline(),
    blob: async () => offline(),
    openStream: (_url, _kind, handlers) => {
      queueMicrotask(() => handlers.closed())
      return { send: () => {}, close: () => {} }
    },
  }
  return await openDevice({ ...nodePorts(database), network, clock: { nowMs: () => lookMs } })
}
