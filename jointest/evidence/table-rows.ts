// The rows of a SQLite file as it lay on the disk, with its write-ahead log: every table, whatever it is called.

import { DatabaseSync } from "node:sqlite"

export type Value = number | bigint | string | Uint8Array | null

export interface TableRows {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Value[])[]
}

/** The virtual column for the number that SQLite gives a row. */
export const rowNumber = "(row number)"

export function tableRows(database: Uint8Array, wal: Uint8Array | undefined): TableRows[] {
  const db = new DatabaseSync(":memory:")
  try {
    db.deserialize(withWal(database, wal))
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all() as { name: string }[]
    return tables.map(({ name }) => rowsOf(db, name))
  } finally {
    db.close()
  }
}

/** The file as it is once the log's committed pages are in it (sqlite.org/fileformat2.html, section 4), and in the older journal mode. */
function withWal(database: Uint8Array, wal: Uint8Array | undefined): Uint8Array {
  const pages = new Map<number, Uint8Array>()
  const log = Buffer.from(wal ?? [])
  const pageBytes = log.length >= walHeaderBytes ? log.readUInt32BE(8) : 0
  let [waiting, size]: [[number, Uint8Array][], number] = [[], database.length]
  for (let at = walHeaderBytes; pageBytes > 0 && at + frameHeaderBytes + pageBytes <= log.length; at += frameHeaderBytes + pageBytes) {
    // Frames of an earlier round of the log have other salts.
    if (log.compare(log, 16, 24, at + 8, at + 16) !== 0) break
    waiting.push([log.readUInt32BE(at), log.subarray(at + frameHeaderBytes, at + frameHeaderBytes + pageBytes)])
    const pagesAfter = log.readUInt32BE(at + 4)
    if (pagesAfter === 0) continue
    for (const [page, content] of waiting) pages.set(page, content)
    size = pagesAfter * pageBytes
    waiting = []
  }
  const whole = new Uint8Array(size)
  whole.set(database.subarray(0, size))
  for (const [page, content] of pages) if (page * pageBytes <= size) whole.set(content, (page - 1) * pageBytes)
  whole.fill(1, 18, 20)
  return whole
}

const walHeaderBytes = 32
const frameHeaderBytes = 24

function rowsOf(db: DatabaseSync, table: string): TableRows {
  const read = (columns: string): TableRows => {
    const statement = db.prepare(`SELECT ${columns} FROM "${table}"`)
    statement.setReadBigInts(false)
    statement.setReturnArrays(true)
    const names = statement.columns().map(({ name }) => name)
    return { table, columns: names, rows: statement.all() as unknown as Value[][] }
  }
  try {
    return read(`rowid AS "${rowNumber}", *`)
  } catch {
    // WITHOUT ROWID: the rows stand in the order of their key.
    return read("*")
  }
}
