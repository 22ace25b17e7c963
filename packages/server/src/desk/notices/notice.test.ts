import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { fromUtf8 } from "@nodoor/bytes"
import { formatLogEntry, parseLogEntry, verifyNoticeOpening } from "@nodoor/keylog"
import { serverCrypto } from "../../core/crypto.ts"
import { type DeskWorld, deskRequest, newDeskWorld } from "../../fixtures/desk.ts"
import { random } from "../../fixtures/device.ts"
import { type DaySlot, dropSlot, slotIsLogged, slotOfDay } from "./notice.ts"

const about = { server: "0.1.0", inventory: "00" }

async function withDesk(run: (made: DeskWorld, slot: (day: string) => DaySlot) => Promise<void>): Promise<void> {
  const made = await newDeskWorld()
  await run(made, (day) => {
    const slot = slotOfDay(made.db, { day, random, about })
    slotIsLogged(made.db, day)
    return slot
  })
  made.db.close()
  rmSync(made.directory, { recursive: true })
}

async function closed({ desk, anna }: DeskWorld, gagUntil?: string): Promise<string> {
  const caseId = desk.open(deskRequest(["@alice"], gagUntil === undefined ? {} : { gagUntil }), anna)
  await desk.close({ caseId, outcome: "rejected", tell: false, actor: anna })
  return caseId
}

test("every day has its 32 bytes, the same when asked again; a case without a gag is opened the next day, and the opening holds", () =>
  withDesk(async (made, slot) => {
    const caseId = await closed(made)
    const one = slot("2026-12-01")
    assert.deepEqual(slot("2026-12-01"), one)
    assert.deepEqual([one.slot.length, one.opened.length], [32, 0])
    const two = slot("2026-12-02")
    const [opened] = two.opened
    assert.ok(opened !== undefined && opened.day === "2026-12-01")
    verifyNoticeOpening(serverCrypto, { slot: one.slot, key: opened.key, body: opened.body })
    const body = JSON.parse(fromUtf8(opened.body)) as { about: unknown; notices: { id: string }[] }
    assert.deepEqual([body.about, body.notices.map(({ id }) => id)], [about, [caseId]])
    assert.deepEqual(slot("2026-12-02"), two, "and again the same")
    assert.deepEqual(slot("2026-12-03").opened, [], "each is opened once")
    const entry = formatLogEntry({ kind: "notice", ...two })
    assert.deepEqual(formatLogEntry(parseLogEntry(entry)), entry)
  }))

test("a gag keeps its notice closed until its last day has passed, apart from those without one, and looks like any other day", () =>
  withDesk(async (made, slot) => {
    slot("2026-12-01")
    const [gagged, free] = [await closed(made, "2027-01-10"), await closed(made)]
    const [first, second] = [slot("2026-12-02"), slot("2026-12-03")]
    const text = (opened: DaySlot["opened"]): string => opened.map(({ body }) => fromUtf8(body)).join()
    assert.match(text(second.opened), new RegExp(free))
    assert.ok(!text(first.opened).includes(gagged))
    for (const day of ["2026-12-04", "2027-01-09", "2027-01-10"]) assert.deepEqual(slot(day).opened, [])
    const opened = slot("2027-01-11").opened
    assert.deepEqual(
      opened.map(({ day }) => day),
      ["2026-12-03"],
    )
    assert.match(text(opened), new RegExp(gagged))
  }))

test("which inventory a server had is said once, and again when it changes", () =>
  withDesk(async (made, slot) => {
    const bodies = (days: readonly string[]): number => days.flatMap((day) => slot(day).opened).length
    assert.equal(bodies(["2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"]), 1)
    const changed = { server: "0.2.0", inventory: "01" }
    slotOfDay(made.db, { day: "2026-12-05", random, about: changed })
    slotIsLogged(made.db, "2026-12-05")
    const { opened } = slotOfDay(made.db, { day: "2026-12-06", random, about: changed })
    assert.match(fromUtf8(opened[0]?.body ?? new Uint8Array()), /"about":\{"inventory":"01","server":"0\.2\.0"\}/)
  }))

test("many cases of one day fit the entries of the days after, and none is left out", () =>
  withDesk(async (made, slot) => {
    const ids = new Set(await Promise.all(Array.from({ length: 25 }, () => closed(made))))
    for (let at = 1; at <= 4; at++) {
      const day = slot(`2026-12-0${at}`)
      assert.ok(formatLogEntry({ kind: "notice", ...day }).length < 65_536)
      for (const { body } of day.opened)
        for (const { id } of (JSON.parse(fromUtf8(body)) as { notices: { id: string }[] }).notices) ids.delete(id)
    }
    assert.equal(ids.size, 0)
  }))

test("a slot that did not come into the log is taken back: its notices wait for the next day, and what it would have opened is opened then", () =>
  withDesk(async (made, slot) => {
    const [one, two] = [await closed(made), slot("2026-12-01")]
    const later = await closed(made)
    const lost = slotOfDay(made.db, { day: "2026-12-02", random, about })
    assert.deepEqual([two.opened.length, lost.opened.length], [0, 1])
    dropSlot(made.db, "2026-12-02")
    const ids = ({ opened }: DaySlot): string => opened.map(({ body }) => fromUtf8(body)).join()
    const next = slot("2026-12-03")
    assert.match(ids(next), new RegExp(one))
    assert.match(ids(slot("2026-12-04")), new RegExp(later))
  }))
