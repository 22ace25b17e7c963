import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { rowNumber, tableRows } from "./table-rows.ts"

test("rows that only the write-ahead log has are read, rows of an earlier round of it are not", () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-wal-"))
  const path = join(directory, "db")
  const db = new DatabaseSync(path)
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (x BLOB); CREATE TABLE k (x INTEGER PRIMARY KEY) WITHOUT ROWID")
  for (let at = 0; at < 300; at++) db.exec(`INSERT INTO t VALUES (randomblob(100))`)
  db.exec("PRAGMA wal_checkpoint(FULL)")
  db.exec("DELETE FROM t WHERE rowid > 3; INSERT INTO k VALUES (7)")
  const [file, wal] = [readFileSync(path), readFileSync(`${path}-wal`)]
  const tables = tableRows(file, wal)
  assert.deepEqual(
    tables.map(({ table, columns, rows }) => [table, columns, rows.length]),
    [
      ["k", ["x"], 1],
      ["t", [rowNumber, "x"], 3],
    ],
  )
  assert.equal(tableRows(file, undefined)[1]?.rows.length, 300, "the file alone is older")
  db.close()
  rmSync(directory, { recursive: true })
})
