import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import type { Finding } from "../core/finding.ts"
import { openInProcessDeliveryStore } from "../delivery/store/sqlite/in-process.ts"
import { openInProcessStore } from "../accounts/store/sqlite/in-process.ts"
import { backUp, restore } from "./backup.ts"
import { backupFinding, backupState, noteBackup } from "./backup-state.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-state-"))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)
const dayMs = 86_400_000
const nowMs = Date.UTC(2026, 10, 23)
const finding = (dataDir: string, daysLater: number, accountCount: number): Finding =>
  backupFinding(dataDir, { nowMs: nowMs + daysLater * dayMs, accountCount })

test("whoever makes a backup notes when and how many files, and a restored server knows the backup that it came from", async () => {
  mkdirSync(at("data"))
  await openInProcessStore(at("data/accounts.db")).close()
  await openInProcessDeliveryStore(at("data/delivery.db")).close()
  assert.deepEqual(backupState(at("data")), {})
  assert.equal(backUp(at("data"), at("copy"), { nowMs, server: "0.1.0" }), 2)
  assert.deepEqual(backupState(at("data")), { atMs: nowMs, files: 2 })
  assert.throws(() => backUp(at("data"), at("copy"), { nowMs: nowMs + 1, server: "0.1.0" }))
  assert.deepEqual(backupState(at("data")), { atMs: nowMs, files: 2 }, "one that failed is not noted")
  restore(at("copy"), at("restored"))
  assert.deepEqual(backupState(at("restored")), { atMs: nowMs, files: 2 })
  writeFileSync(at("restored/last-backup.json"), '{"atMs":"yesterday"}')
  assert.deepEqual(backupState(at("restored")), {}, "a note that cannot be read is none")
})

test("doctor warns of a backup older than seven days, and of none once accounts have been there as long", () => {
  mkdirSync(at("new/log"), { recursive: true })
  assert.equal(finding(at("new"), 0, 3).level, "note", "never started")
  writeFileSync(at("new/log/vrf.key"), "")
  utimesSync(at("new/log/vrf.key"), nowMs / 1000, nowMs / 1000)
  assert.equal(finding(at("new"), 6, 3).level, "note")
  assert.equal(finding(at("new"), 8, 0).level, "note", "nobody is there")
  assert.equal(finding(at("new"), 8, 3).level, "warn")
  assert.match(finding(at("new"), 8, 3).text, /^never: `nodoor-server backup FOLDER`/)
  noteBackup(at("new"), { atMs: nowMs + 8 * dayMs, files: 9 })
  assert.deepEqual(finding(at("new"), 8.1, 3), { what: "last backup", level: "ok", text: "less than a day ago, 9 files" })
  assert.deepEqual(finding(at("new"), 11, 3), { what: "last backup", level: "ok", text: "3 days ago, 9 files" })
  assert.match(finding(at("new"), 16, 3).text, /^8 days ago, 9 files: /)
  assert.equal(finding(at("new"), 16, 3).level, "warn")
  assert.equal(finding(at("new"), 16, 0).level, "ok")
})
