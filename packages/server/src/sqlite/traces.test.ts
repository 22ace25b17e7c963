import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import { sha256 } from "../core/crypto.ts"
import { refuses } from "../fixtures/refuses.ts"
import { newAccount } from "../fixtures/store-input.ts"
import { registerAccount } from "../accounts/store/sqlite/accounts.ts"
import { type Database, type Step, openDatabase } from "./database.ts"
import { eraseByServer } from "../accounts/store/sqlite/erasure.ts"
import { openInProcessStore } from "../accounts/store/sqlite/in-process.ts"
import { addMemoryTables } from "../accounts/store/sqlite/memory-tables.ts"
import { emptyWriteAheadLog, eraseTraces, tracesAreDue } from "./traces.ts"

const dayMs = 86_400_000
const nowMs = 1_800_000_000_000

async function inFolder(run: (path: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-traces-"))
  try {
    await run(join(folder, "db"))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Rows in an order in which SQLite moves some between pages and leaves a copy behind, of which half are erased. */
function leaveCopies(db: Database): readonly string[] {
  db.run("CREATE TABLE people (id BLOB PRIMARY KEY, handle TEXT, name TEXT, state BLOB) STRICT, WITHOUT ROWID")
  const ids = Array.from({ length: 20 }, (_, at) => sha256(toUtf8(`17 ${at}`)).subarray(0, 16))
  for (const [at, id] of ids.entries())
    db.run("INSERT INTO people VALUES (?, ?, ?, ?)", id, `h${at}`, `<name ${100 + at}>`, new Uint8Array(450).fill(1))
  for (let at = 0; at < ids.length; at += 2) db.run("UPDATE people SET name = '' WHERE id = ?", ids[at] as Uint8Array)
  return ids.flatMap((_, at) => (at % 2 === 0 ? [`<name ${100 + at}>`] : []))
}

test("copies of erased rows, which SQLite leaves where it moved rows, are gone from the file after it was written anew", () =>
  inFolder((path) => {
    const db = openDatabase(path)
    addMemoryTables(db)
    const erased = leaveCopies(db)
    emptyWriteAheadLog(db)
    const copies = (): readonly string[] => erased.filter((name) => readFileSync(path).includes(name))
    assert.equal(copies().length, 1, "secure_delete alone leaves one")
    tracesAreDue(db)
    eraseTraces(db, { nowMs })
    assert.deepEqual(copies(), [])
    assert.ok(readFileSync(path).includes("<name 101>"), "the others are there")
    db.close()
  }))

test("the file is written anew once a day, also after a clock that was ahead, and at once when an account was erased", () =>
  inFolder((path) => {
    let rewritten = 0
    const statements: string[] = []
    const db = openDatabase(path)
    addMemoryTables(db)
    const counting = { ...db, run: (sql: string, ...values: never[]) => (statements.push(sql), db.run(sql, ...values)) }
    const isWritten = (ms: number): boolean => {
      statements.length = 0
      eraseTraces(counting, { nowMs: ms })
      const yes = statements.includes("VACUUM")
      rewritten += yes ? 1 : 0
      return yes
    }
    assert.equal(isWritten(nowMs), false, "nothing was erased before the first day")
    assert.equal(isWritten(nowMs + dayMs - 1), false)
    assert.equal(isWritten(nowMs + dayMs), true)
    assert.equal(isWritten(nowMs + dayMs + 1), false)
    const account = newAccount("alice")
    registerAccount(db, account)
    eraseByServer(db, account.accountId)
    assert.equal(isWritten(nowMs + dayMs + 2), true)
    assert.equal(isWritten(nowMs + 900 * dayMs), true)
    assert.equal(isWritten(nowMs + 2 * dayMs), false)
    assert.equal(isWritten(nowMs + 3 * dayMs), true, "a day later, and not when the clock has caught up")
    assert.equal(rewritten, 4)
    db.close()
  }))

test("a disk that is full while the file is written anew loses nothing, and the next call tries again", () =>
  inFolder(async (path) => {
    let broken = false
    const onStep = (step: Step): void => {
      if (broken && step === "statement") throw Object.assign(new Error("database or disk is full"), { errcode: 13 })
    }
    const store = openInProcessStore(path, { onStep })
    const account = newAccount("alice")
    await store.registerAccount(account)
    await store.changeAccount({ accountId: account.accountId, change: "erase" })
    broken = true
    await refuses("unavailable", store.eraseTraces({ nowMs }))
    broken = false
    assert.equal((await store.accountRow({ accountId: account.accountId }))?.handle, "alice")
    await store.eraseTraces({ nowMs })
    assert.equal(await store.integrity({}), "ok")
    await store.close()
  }))
