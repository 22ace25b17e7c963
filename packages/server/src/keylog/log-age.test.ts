import assert from "node:assert/strict"
import { test } from "node:test"
import { filesIn, logFolder, openTestKeeper } from "../fixtures/log.ts"
import { logAgeFinding, newestEpochMs } from "./log-age.ts"

const hourMs = 3_600_000
const nowMs = Date.UTC(2026, 10, 29, 12)
const levelAt = (publishedAtMs: number | undefined): string => logAgeFinding({ publishedAtMs, nowMs }).level

test("the operator is told when the log is dated ahead, how long devices say so, and when it has not grown", () => {
  assert.deepEqual([undefined, nowMs, nowMs - 20 * hourMs, nowMs + 60_000].map(levelAt), ["note", "ok", "ok", "ok"])
  assert.deepEqual([nowMs + 48 * hourMs, nowMs - 22 * hourMs, nowMs + 32 * 24 * hourMs].map(levelAt), ["warn", "warn", "bad"])
  assert.match(
    logAgeFinding({ publishedAtMs: nowMs + 48 * hourMs, nowMs }).text,
    /dated 2026-12-01 12:00 UTC, as this clock once was: it goes on/,
  )
  assert.match(logAgeFinding({ publishedAtMs: nowMs + 32 * 24 * hourMs, nowMs }).text, /let nobody in before 2026-11-30 12:00 UTC/)
})

test("the time of the newest epoch is read from the log's own file, also while it is open", () => {
  const folder = logFolder()
  const { databasePath } = filesIn(folder)
  const { keeper, close } = openTestKeeper(folder)
  keeper.build({ rows: [], nowMs })
  assert.equal(newestEpochMs(databasePath), nowMs)
  close()
  assert.equal(newestEpochMs(`${databasePath}-not-there`), undefined)
})
