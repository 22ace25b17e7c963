import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { ServerError, type ServerErrorCode } from "../../core/server-error.ts"
import { openDatabase, schemaUrl, schemaVersion } from "../../sqlite/database.ts"

const schema = readFileSync(schemaUrl, "utf8")

test("every column of every table says who can read it and when it goes, and every table what it is for", () => {
  const raw = new DatabaseSync(":memory:")
  raw.exec(schema)
  const tables = raw.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as {
    name: string
    sql: string
  }[]
  assert.ok(tables.length > 8)
  for (const { name, sql } of tables) {
    assert.match(sql.split("\n")[0] ?? "", /^CREATE TABLE \w+ \( -- \S/, name)
    const columns = raw.prepare("SELECT name FROM pragma_table_info(?)").all(name) as { name: string }[]
    for (const column of columns) {
      const line = sql.split("\n").find((text) => text.trim().startsWith(`${column.name} `)) ?? ""
      const said = line.split("-- ")[1] ?? ""
      assert.match(said, /operator|public|anyone|device|member|receiver/i, `${name}.${column.name}: who can read it`)
      assert.match(said, /until|stays|while|retention|hour|epoch$/i, `${name}.${column.name}: when it goes`)
    }
  }
  raw.close()
})

test("deleted rows are overwritten, and commits wait for the disk", () => {
  withPath((path) => {
    const db = openDatabase(path)
    assert.equal(db.get<{ secure_delete: number }>("PRAGMA secure_delete")?.secure_delete, 1)
    assert.equal(db.get<{ synchronous: number }>("PRAGMA synchronous")?.synchronous, 2)
    assert.equal(db.get<{ journal_mode: string }>("PRAGMA journal_mode")?.journal_mode, "wal")
    db.close()
  })
})

test("a database of a newer version, of another program, damaged, or that is none is refused with its code and left as it was", () => {
  withPath((path) => {
    openDatabase(path).close()
    const raw = new DatabaseSync(path)
    raw.exec(`PRAGMA user_version = ${schemaVersion + 1}`)
    raw.close()
    opens(path, "database_newer")
  })
  withPath((path) => {
    const raw = new DatabaseSync(path)
    raw.exec("CREATE TABLE theirs (x)")
    raw.close()
    opens(path, "database_foreign")
  })
  withPath((path) => {
    writeFileSync(path, "this is a text file, and it is long enough to be one".repeat(100))
    opens(path, "database_foreign")
  })
  withPath((path) => {
    openDatabase(path).close()
    // The first page's tree begins at byte 100.
    writeFileSync(path, readFileSync(path).fill(0xff, 100, 4096))
    opens(path, "database_damaged")
  })
  opens("/nonexistent/directory/db", "data_dir_unusable")
})

function opens(path: string, code: ServerErrorCode): void {
  assert.throws(
    () => openDatabase(path),
    (error: unknown) => error instanceof ServerError && error.code === code,
  )
}

function withPath(run: (path: string) => void): void {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-schema-"))
  try {
    run(join(directory, "db"))
  } finally {
    rmSync(directory, { recursive: true })
  }
}
