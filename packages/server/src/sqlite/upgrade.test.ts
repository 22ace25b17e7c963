// Files of every earlier schema that is still read, brought to the present one; those from before are refused.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, test } from "node:test"
import { pathToFileURL } from "node:url"
import { structureOf } from "../fixtures/database-structure.ts"
import { schemasOfFiles } from "../operator/schema-version.ts"
import { ServerError } from "../core/server-error.ts"
import { type DatabaseSchema, type Step, openDatabase } from "./database.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-upgrade-"))
after(() => rmSync(directory, { recursive: true }))
let files = 0
const newPath = (): string => join(directory, `${files++}.sqlite`)
const sqlFile = (sql: string): URL => {
  const path = join(directory, `${files++}.sql`)
  writeFileSync(path, sql)
  return pathToFileURL(path)
}

function made(path: string, sql: string, { applicationId, version }: { readonly applicationId: number; readonly version: number }): void {
  const raw = new DatabaseSync(path)
  raw.exec(`PRAGMA journal_mode = WAL; ${sql}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}`)
  raw.close()
}

function looked<T>(path: string, look: (raw: DatabaseSync) => T): T {
  const raw = new DatabaseSync(path)
  try {
    return look(raw)
  } finally {
    raw.close()
  }
}

const versionOf = (path: string): unknown => looked(path, (raw) => raw.prepare("PRAGMA user_version").get()?.["user_version"])

for (const [file, schema] of Object.entries(schemasOfFiles)) {
  const name = basename(file, ".sqlite")
  for (let version = schema.oldest ?? 1; version < schema.version; version++) {
    test(`a ${file} of schema ${version} is brought to ${schema.version} and is built like a new one`, () => {
      const old = new URL(`../fixtures/schemas/${name}-${version}.sql`, import.meta.url)
      assert.ok(existsSync(old), `fixtures/schemas keeps the text of schema ${version}`)
      const [upgraded, fresh] = [newPath(), newPath()]
      made(upgraded, readFileSync(old, "utf8"), { applicationId: schema.applicationId, version })
      openDatabase(upgraded, { schema }).close()
      openDatabase(fresh, { schema }).close()
      assert.equal(versionOf(upgraded), schema.version)
      assert.deepEqual(looked(upgraded, structureOf), looked(fresh, structureOf))
    })
  }
}

const old =
  "CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT; CREATE TABLE child (id INTEGER REFERENCES kept (id)) STRICT; INSERT INTO kept VALUES (1, 'one'); INSERT INTO child VALUES (1)"
const remade =
  "CREATE TABLE made (id INTEGER PRIMARY KEY, text TEXT NOT NULL, more TEXT) STRICT; INSERT INTO made SELECT id, text, 'more' FROM kept; DROP TABLE kept; ALTER TABLE made RENAME TO kept;"
function schemaOf(...upgrades: readonly string[]): DatabaseSchema {
  const urls = Object.fromEntries(upgrades.map((sql, at) => [at + 2, sqlFile(sql)]))
  return { url: sqlFile(old), version: upgrades.length + 1, applicationId: 77, upgrades: urls }
}

test("upgrades run one after the other, keep the rows, and may make a table anew that others refer to", () => {
  const path = newPath()
  made(path, old, { applicationId: 77, version: 1 })
  const db = openDatabase(path, { schema: schemaOf(remade, "UPDATE kept SET more = more || ' and more'") })
  assert.deepEqual({ ...db.get<object>("SELECT * FROM kept") }, { id: 1, text: "one", more: "more and more" })
  assert.throws(() => db.run("INSERT INTO child VALUES (7)"), /FOREIGN KEY/, "foreign keys hold again")
  db.close()
  assert.equal(versionOf(path), 3)
})

test("a fault in the middle of an upgrade, before its end, or a row left without its parent leaves the old version whole", () => {
  const broken: readonly (readonly [DatabaseSchema, ((step: Step) => void)?])[] = [
    [schemaOf(remade, "UPDATE kept SET more = 'x'; INSERT INTO nowhere VALUES (1)")],
    [schemaOf(remade, "DELETE FROM kept")],
    ...(["statement", "commit"] as const).map(
      (kind) =>
        [
          schemaOf(remade, "UPDATE kept SET more = 'x'"),
          (step: Step) => {
            if (step === kind) throw Object.assign(new Error("disk I/O error"), { errcode: 10 })
          },
        ] as const,
    ),
  ]
  for (const [schema, onStep] of broken) {
    const path = newPath()
    made(path, old, { applicationId: 77, version: 1 })
    const before = looked(path, structureOf)
    assert.throws(() => openDatabase(path, { schema, onStep }), ServerError)
    assert.equal(versionOf(path), 1)
    assert.deepEqual(looked(path, structureOf), before)
    assert.deepEqual({ ...looked(path, (raw) => raw.prepare("SELECT * FROM kept").get()) }, { id: 1, text: "one" })
  }
})

test("a process that is killed in the middle of an upgrade leaves the old version whole, and the next one upgrades", () => {
  const path = newPath()
  made(path, old, { applicationId: 77, version: 1 })
  const schema = schemaOf(remade)
  const script = `
    const { openDatabase } = await import(${JSON.stringify(new URL("database.ts", import.meta.url).href)})
    const schema = { ...${JSON.stringify({ version: 2, applicationId: 77 })}, url: new URL(${JSON.stringify(schema.url.href)}),
      upgrades: { 2: new URL(${JSON.stringify(schema.upgrades?.[2]?.href)}) } }
    openDatabase(${JSON.stringify(path)}, { schema, onStep: (step) => { if (step === "commit") process.kill(process.pid, "SIGKILL") } })`
  const killed = spawnSync(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 })
  assert.equal(killed.signal, "SIGKILL", String(killed.stderr))
  assert.equal(versionOf(path), 1)
  assert.deepEqual({ ...looked(path, (raw) => raw.prepare("SELECT * FROM kept").get()) }, { id: 1, text: "one" })
  openDatabase(path, { schema }).close()
  assert.equal(versionOf(path), 2)
})

for (const [file, schema] of [...Object.entries(schemasOfFiles), ["kept.db", { ...schemaOf(), version: 2, oldest: 2 }] as const])
  for (let version = 1; version < (schema.oldest ?? 1); version++)
    test(`a ${file} of schema ${version}, from before the oldest that is read, is refused and left as it is`, () => {
      const path = newPath()
      made(path, old, { applicationId: schema.applicationId, version })
      const before = readFileSync(path)
      const older = (error: unknown) => error instanceof ServerError && error.code === "data_dir_older"
      assert.throws(() => openDatabase(path, { schema }), older)
      assert.deepEqual(readFileSync(path), before)
      const fresh = newPath()
      openDatabase(fresh, { schema }).close()
      openDatabase(fresh, { schema }).close()
      assert.equal(versionOf(fresh), schema.version, "one of now is made and opened")
    })

test("a version that no upgrade leads to is our own mistake, and is said before anything is written", () => {
  const path = newPath()
  made(path, old, { applicationId: 77, version: 1 })
  assert.throws(() => openDatabase(path, { schema: { ...schemaOf(), version: 2 } }), /reached from the one before/)
  assert.equal(versionOf(path), 1)
})
