import assert from "node:assert/strict"
import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import { operatorAudit, operatorCase, operatorCaseArchive, operatorCases } from "@nodoor/wire/operator"
import * as v from "valibot"
import { sha256 } from "../core/crypto.ts"
import { approve, approvedCase, deskRequest, enrolled } from "../fixtures/desk.ts"
import { random, signUp } from "../fixtures/device.ts"
import { deskWorld } from "../fixtures/desk-worlds.ts"
import { refusedWith } from "../fixtures/refuses.ts"
import { ServerError } from "../core/server-error.ts"
import type { Database } from "../sqlite/database.ts"
import { auditPage, recentlyHolds } from "./store/audit-page.ts"
import { caseDigest, readCase } from "./cases/case.ts"
import { readAudit } from "./store/desk-database.ts"
import { archiveKeptMs, sweepArchives } from "./archive/kept-archive.ts"
import { slotIsLogged, slotOfDay } from "./notices/notice.ts"

const dayMs = 24 * 3_600_000

test("a case is shown from receipt to its open notice, each step as the console takes it", async () => {
  const made = await deskWorld()
  const { db, desk, anna, ben, first, second, world: around } = made
  await signUp(around.caller, around.origin, "alice")
  const request = deskRequest(["@alice"], { instrument: "subpoena", classes: ["email", "ip_addresses", "content"] })
  const caseId = desk.open(request, anna)
  const shown = (): ReturnType<typeof desk.view> => {
    const view = desk.view(caseId, anna)
    assert.deepEqual(v.parse(operatorCase.answer, view), view)
    const { cases } = v.parse(operatorCases.answer, desk.page(undefined))
    assert.equal(cases[0]?.approvals, view.approvals)
    return view
  }
  const received = shown()
  assert.deepEqual([received.granted, received.beyond, received.impossible], [["email"], ["ip_addresses"], ["content"]])
  assert.deepEqual([received.approvals, received.approvedBy, received.approvedByMe, received.noticeOpen], [0, [], false, false])
  assert.deepEqual(desk.counts(), { open: 1, awaitingApproval: 1, ready: 0 })
  const hash = desk.attach({ caseId, name: "order.pdf", content: toUtf8("an order"), actor: ben })
  assert.deepEqual(shown().documents, [{ sha256: toHex(hash), name: "order.pdf", sizeBytes: 8 }])
  assert.equal(fromUtf8(desk.document(caseId, hash)), "an order")
  assert.throws(() => desk.document(caseId, sha256(hash)), refusedWith("desk_refused", /no such document/))
  writeFileSync(join(made.directory, "documents", toHex(hash)), "another order")
  assert.throws(() => desk.document(caseId, hash), refusedWith("desk_damaged"))
  approve(desk, db, caseId, second)
  assert.deepEqual([shown().approvedBy, shown().approvedByMe], [["Ben"], false])
  approve(desk, db, caseId, first)
  const ready = shown()
  assert.deepEqual([ready.approvedBy, ready.approvedByMe, ready.digest], [["Anna", "Ben"], true, toHex(caseDigest(readCase(db, caseId)))])
  assert.deepEqual(desk.counts(), { open: 1, awaitingApproval: 0, ready: 1 })
  const { archive } = await desk.export({ caseId, tell: false, actor: ben })
  const ended = shown()
  const { outcome, exportSha256, told, closedAtMs, archiveUntilMs, noticeDay } = ended
  assert.deepEqual(
    [outcome, exportSha256, told, closedAtMs, archiveUntilMs, noticeDay],
    ["partial", archive.digest, "no", around.clock.timeMs, around.clock.timeMs + archiveKeptMs, undefined],
  )
  assert.deepEqual(desk.counts(), { open: 0, awaitingApproval: 0, ready: 0 })
  const about = { server: "0", inventory: "0" }
  slotOfDay(db, { day: "2026-12-01", random, about })
  assert.equal(shown().noticeDay, undefined, "it is not in the log yet")
  slotIsLogged(db, "2026-12-01")
  assert.deepEqual([shown().noticeDay, shown().noticeOpen], ["2026-12-01", false])
  slotOfDay(db, { day: "2026-12-02", random, about })
  assert.deepEqual([shown().noticeDay, shown().noticeOpen], ["2026-12-01", true])
})

test("cases come newest first and a page at a time, each once", async () => {
  const { desk, anna, world: around } = await deskWorld()
  const opened = Array.from({ length: 120 }, (_, at) => {
    if (at % 3 === 0) around.clock.timeMs++
    return desk.open(deskRequest(["@alice"]), anna)
  })
  const seen: string[] = []
  for (let before: string | undefined, pages = 0; pages < 5; pages++) {
    const { cases, more } = v.parse(operatorCases.answer, desk.page(before))
    seen.push(...cases.map(({ caseId }) => caseId))
    assert.equal(more, seen.length < opened.length)
    if (!more) break
    before = seen.at(-1)
  }
  assert.deepEqual(seen.toSorted(), opened.toSorted())
  assert.equal(new Set(seen.slice(0, 3)).size, 3)
  assert.ok(opened.slice(-3).includes(seen[0] ?? ""))
  assert.throws(() => desk.page("0123456789"), refusedWith("desk_refused"))
})

test("the desk's log comes newest first and a page at a time, and says when it does not hold together", async () => {
  const { db, desk, anna } = await deskWorld()
  for (let at = 0; at < 98; at++) desk.open(deskRequest(["@alice"]), anna)
  const newest = v.parse(operatorAudit.answer, auditPage(db, undefined))
  assert.deepEqual([newest.holds, newest.more, newest.entries.length, newest.entries[0]?.seq], [true, true, 50, 100])
  const oldest = auditPage(db, newest.entries.at(-1)?.seq)
  assert.deepEqual([oldest.more, oldest.entries.length, oldest.entries.at(-1)?.seq], [false, 50, 1])
  for (const { entry, hash } of [...newest.entries, ...oldest.entries]) assert.equal(toHex(sha256(toUtf8(entry))), hash)
  db.run("DROP TRIGGER audit_is_not_changed")
  db.run("UPDATE audit SET entry = CAST(replace(CAST(entry AS TEXT), 'Anna', 'Otto') AS BLOB) WHERE seq = 40")
  const changed = auditPage(db, undefined)
  assert.deepEqual([changed.holds, changed.entries], [false, newest.entries], "also where the page itself is as it was")
})

test("whether the whole log holds is looked at again when the time is over, and not with every page", async () => {
  const { db, desk, anna, world: around } = await deskWorld()
  const holds = recentlyHolds(around.clock, 10_000)
  assert.equal(auditPage(db, undefined, holds).holds, true)
  db.run("DROP TRIGGER audit_is_not_changed")
  db.run("UPDATE audit SET hash = zeroblob(32) WHERE seq = 1")
  desk.open(deskRequest(["@alice"]), anna)
  around.clock.timeMs += 9_999
  assert.deepEqual([auditPage(db, undefined, holds).holds, auditPage(db, undefined).holds], [true, false])
  around.clock.timeMs += 1
  const page = auditPage(db, undefined, holds)
  assert.deepEqual([page.holds, page.entries[0]?.seq], [false, 3])
})

test("an exported archive can be fetched for seven days, each time a line of the log; then the files go, and the digest stays", async () => {
  const made = await deskWorld()
  const { db, desk, anna, world: around, directory } = made
  await signUp(around.caller, around.origin, "alice", { name: "Alice of the archive" })
  const caseId = approvedCase(made, deskRequest(["@alice"]))
  const reviewer = await enrolled(made, "Cleo", { voucher: anna, role: "reviewer" })
  const folder = join(directory, "archives")
  assert.throws(() => desk.archive(caseId, anna), refusedWith("desk_refused", /no archive/))
  const seen: string[][] = []
  const keep = (): void => void seen.push(readdirSync(folder).toSorted())
  const { archive } = await desk.export({ caseId, tell: false, actor: anna, keep })
  assert.deepEqual(seen, [[`${caseId}.html`, `${caseId}.json`]], "both are on the disk before the notice is written")
  around.clock.timeMs += 7 * dayMs - 1
  const fetched = v.parse(operatorCaseArchive.answer, desk.archive(caseId, anna))
  assert.deepEqual([fromUtf8(fetched.archive), fetched.letter], [archive.text, archive.letter])
  const line = readAudit(db).at(-1)
  assert.deepEqual([line?.["event"], line?.["actor"], line?.["case"]], ["archive_downloaded", "Anna", caseId])
  assert.throws(() => desk.archive(caseId, reviewer.actor), refusedWith("operator_forbidden"))
  for (const name of ["../export", "", `${caseId}0`, `${caseId}/../${caseId}`])
    assert.throws(() => desk.archive(name, anna), refusedWith("desk_refused"), name)
  assert.equal(desk.sweep(), 0)
  around.clock.timeMs += 1
  assert.throws(() => desk.archive(caseId, anna), refusedWith("desk_refused", /seven days after/))
  assert.equal(desk.sweep(), 1)
  assert.deepEqual(readdirSync(folder), [])
  const view = desk.view(caseId, anna)
  assert.deepEqual([view.exportSha256, view.archiveUntilMs], [archive.digest, undefined])
  const events = readAudit(db).map(({ event }) => event)
  assert.deepEqual([events.at(-1), events.filter((event) => event === "archive_downloaded").length], ["archive_erased", 1])
})

test("an archive that was changed on the disk is not handed out, and one of an export that was cut off is swept away", async () => {
  const made = await deskWorld()
  const { db, desk, anna, directory } = made
  await signUp(made.world.caller, made.world.origin, "alice")
  const caseId = approvedCase(made, deskRequest(["@alice"]))
  const failing = desk.export({
    caseId,
    tell: false,
    actor: anna,
    keep: () => {
      throw new ServerError("data_dir_unusable", "The disk is full.")
    },
  })
  await assert.rejects(failing, refusedWith("data_dir_unusable"))
  assert.deepEqual(readdirSync(join(directory, "archives")), [], "an export that failed leaves nothing")
  assert.equal(desk.view(caseId, anna).outcome, undefined)
  for (const name of [`${caseId}.json.part`, `${caseId}.html`, "fedcba9876.json"])
    writeFileSync(join(directory, "archives", name), "cut off")
  assert.equal(desk.sweep(), 2)
  assert.deepEqual(readdirSync(join(directory, "archives")), [])
  await desk.export({ caseId, tell: false, actor: anna })
  for (const name of [`${caseId}.json`, `${caseId}.html`]) {
    const path = join(directory, "archives", name)
    const before = readFileSync(path)
    writeFileSync(path, Buffer.from(before.toString().replace("alice", "mallory")))
    const lines = readAudit(db).length
    assert.throws(() => desk.archive(caseId, anna), refusedWith("desk_damaged"))
    assert.equal(readAudit(db).length, lines)
    writeFileSync(path, before)
  }
  assert.ok(desk.archive(caseId, anna).letter.includes("alice"))
})

test("an archive whose case another process ends while the sweep looks is kept", async () => {
  const made = await deskWorld()
  const { db, desk, anna, directory } = made
  await signUp(made.world.caller, made.world.origin, "alice")
  const caseId = approvedCase(made, deskRequest(["@alice"]))
  await desk.export({ caseId, tell: false, actor: anna })
  const lines = readAudit(db).length
  // As the sweep sees it while the export's transaction, whose archive is on the disk already, has not been committed.
  const before: Database = {
    run: db.run,
    all: db.all,
    close: db.close,
    get inTransaction() {
      return db.inTransaction
    },
    get: (sql, ...values) => (db.inTransaction ? db.get(sql, ...values) : undefined),
  }
  assert.equal(sweepArchives({ db: before, clock: made.world.clock, archivesPath: join(directory, "archives") }), 0)
  assert.ok(desk.archive(caseId, anna).letter.includes("alice"))
  assert.equal(readAudit(db).length, lines + 1, "the download alone")
})
