import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { fromUtf8 } from "@nodoor/bytes"
import { type OperatorNotice, accountNotices } from "@nodoor/wire"
import { type DeskWorld, deskRequest, newDeskWorld } from "../../fixtures/desk.ts"
import { random, signIn, signUp } from "../../fixtures/device.ts"
import { ServerError } from "../../core/server-error.ts"
import { readAudit } from "../store/desk-database.ts"
import { changeGag } from "./gag.ts"
import { type DaySlot, slotIsLogged, slotOfDay } from "../notices/notice.ts"

interface Place extends DeskWorld {
  closed(gagUntil?: string): Promise<string>
  gag(caseId: string, until?: string): ReturnType<typeof changeGag>
  asks(time: string): Promise<readonly OperatorNotice[]>
  slot(day: string): DaySlot
}

async function withPlace(run: (place: Place) => Promise<void>): Promise<void> {
  const made = await newDeskWorld()
  const { world, desk, db, anna } = made
  const { clock, caller, origin } = world
  const { device } = await signUp(caller, origin, "alice")
  await run({
    ...made,
    closed: async (gagUntil) => {
      const caseId = desk.open(deskRequest(["@alice"], gagUntil === undefined ? {} : { gagUntil }), anna)
      await desk.close({ caseId, outcome: "rejected", tell: true, actor: anna })
      return caseId
    },
    gag: (caseId, until) => changeGag(db, { clock, caseId, until, actor: anna }),
    asks: async (time) => {
      clock.timeMs = Date.parse(time)
      return (await caller.call(accountNotices, {}, await signIn(caller, origin, device))).notices
    },
    slot: (day) => {
      const slot = slotOfDay(db, { day, random, about: {} })
      slotIsLogged(db, day)
      return slot
    },
  })
  made.db.close()
  rmSync(made.directory, { recursive: true })
}

/** The notices in what a day opened; the slot that says which server made it holds none. */
const toldIn = (opened: DaySlot["opened"]): readonly unknown[] =>
  opened
    .flatMap(({ body }) => (JSON.parse(fromUtf8(body)) as { notices: { id: string; told: string }[] }).notices)
    .map(({ id, told }) => [id, told])

test("a gag that is extended keeps the people named and the public notice waiting for the new day, and both come then", () =>
  withPlace(async ({ desk, db, anna, closed, gag, asks, slot }) => {
    const caseId = await closed("2026-12-05")
    slot("2026-12-01")
    assert.deepEqual(gag(caseId, "2026-12-20"), { knowAlready: 0, opened: false, sharedUntil: undefined })
    assert.equal(desk.view(caseId, anna).gagUntil, "2026-12-20")
    assert.deepEqual(
      [toldIn(slot("2026-12-06").opened), await asks("2026-12-06T12:00:00Z"), toldIn(slot("2026-12-20").opened)],
      [[], [], []],
    )
    assert.deepEqual(await asks("2026-12-20T23:59:59Z"), [])
    assert.deepEqual(toldIn(slot("2026-12-21").opened), [[caseId, "later"]])
    assert.deepEqual(
      (await asks("2026-12-21T00:00:00Z")).map(({ gagUntil }) => gagUntil),
      ["2026-12-20"],
    )
    const last = readAudit(db).at(-1) as { event: string; actor: string; case: string; facts: unknown }
    assert.deepEqual([last.event, last.actor, last.case, last.facts], ["gag_changed", "Anna", caseId, { until: "2026-12-20" }])
  }))

test("a gag that is lifted lets both come at once, and what the notice says follows as long as no day stands for it", () =>
  withPlace(async ({ closed, gag, asks, slot }) => {
    const [early, late] = [await closed("2027-01-01"), await closed("2027-01-01")]
    gag(early)
    assert.deepEqual(
      (await asks("2026-12-01T13:00:00Z")).map(({ caseId, gagUntil }) => [caseId, gagUntil]),
      [[early, undefined]],
    )
    slot("2026-12-01")
    assert.deepEqual(toldIn(slot("2026-12-02").opened), [[early, "told"]])
    gag(late)
    assert.deepEqual(toldIn(slot("2026-12-03").opened), [[late, "later"]], "its day stood for it already")
    assert.equal((await asks("2026-12-03T13:00:00Z")).length, 2)
  }))

test("what was told or opened before stays so and is said", () =>
  withPlace(async ({ closed, gag, asks, slot }) => {
    const free = await closed()
    assert.equal((await asks("2026-12-01T13:00:00Z")).length, 1)
    slot("2026-12-01")
    slot("2026-12-02")
    assert.deepEqual(gag(free, "2026-12-20"), { knowAlready: 1, opened: true, sharedUntil: undefined })
    assert.equal((await asks("2026-12-02T13:00:00Z")).length, 1)
  }))

test("a gag that is extended keeps its own people waiting and no other case's notice: a slot of several opens when it would have, which is said", () =>
  withPlace(async ({ closed, gag, asks, slot }) => {
    const [one, two] = [await closed("2026-12-10"), await closed("2026-12-10")]
    slot("2026-12-01")
    const [open, also] = [await closed(), await closed()]
    slot("2026-12-02")
    assert.deepEqual(gag(one, "2026-12-15"), { knowAlready: 0, opened: false, sharedUntil: "2026-12-10" })
    assert.deepEqual(gag(open, "2026-12-15"), { knowAlready: 0, opened: false, sharedUntil: "" })
    assert.deepEqual(toldIn(slot("2026-12-03").opened).length, 2)
    assert.deepEqual(toldIn(slot("2026-12-10").opened), [])
    assert.deepEqual(toldIn(slot("2026-12-11").opened).length, 2)
    assert.deepEqual((await asks("2026-12-11T00:00:00Z")).map(({ caseId }) => caseId).toSorted(), [two, also].toSorted())
    assert.equal((await asks("2026-12-16T00:00:00Z")).length, 4)
  }))

test("a slot of several that is lifted waits for the last gag of the others, and extending it again does not bring it back", () =>
  withPlace(async ({ closed, gag, slot }) => {
    const [one, two] = [await closed("2026-12-10"), await closed("2026-12-10")]
    slot("2026-12-01")
    assert.equal(gag(one).sharedUntil, undefined)
    assert.deepEqual(toldIn(slot("2026-12-02").opened), [], "the other's gag lasts")
    gag(two, "2026-12-05")
    assert.equal(gag(one, "2026-12-20").sharedUntil, "2026-12-05")
    assert.deepEqual([toldIn(slot("2026-12-05").opened).length, toldIn(slot("2026-12-06").opened).length], [0, 2])
  }))

test("a statement of the inventory that shares a slot with a case which is put under a gag is said again the next day", () =>
  withPlace(async ({ db, closed, gag }) => {
    const bodyOf = (day: string, about: Readonly<Record<string, string>>): string | undefined => {
      slotOfDay(db, { day, random, about })
      slotIsLogged(db, day)
      const body = db.get<{ body: Uint8Array | null }>("SELECT body FROM slots WHERE day = ?", day)?.body
      return body ? fromUtf8(body) : undefined
    }
    const caseId = await closed()
    assert.match(bodyOf("2026-12-01", { inventory: "of today" }) ?? "", /of today/)
    assert.equal(gag(caseId, "2026-12-20").sharedUntil, undefined)
    assert.match(bodyOf("2026-12-02", { inventory: "of today" }) ?? "", /of today.*"notices":\[\]/)
    assert.equal(bodyOf("2026-12-03", { inventory: "of today" }), undefined)
  }))

test("no gag reaches further than 366 days from the day on which it is set, and it can be set anew later", () =>
  withPlace(async ({ world, desk, anna, closed, gag }) => {
    const tooFar = (run: () => unknown): void =>
      assert.throws(
        run,
        (error) =>
          error instanceof ServerError && error.code === "desk_refused" && /at most 366 days, until 2027-12-02/.test(error.message),
      )
    const caseId = await closed("2027-12-01")
    tooFar(() => gag(caseId, "9999-12-31"))
    tooFar(() => gag(caseId, "2027-12-03"))
    tooFar(() => desk.open(deskRequest(["@alice"], { received: "9998-01-01", gagUntil: "9998-02-01" }), anna))
    gag(caseId, "2027-12-02")
    world.clock.timeMs = Date.parse("2027-12-02T12:00:00Z")
    gag(caseId, "2028-12-02")
    assert.equal(desk.view(caseId, anna).gagUntil, "2028-12-02")
  }))

test("an open case, a day that is over or none of the calendar are refused, and nothing changes", () =>
  withPlace(async ({ world, desk, db, anna, closed, gag }) => {
    const refused = (run: () => unknown): void =>
      assert.throws(run, (error) => error instanceof ServerError && error.code === "desk_refused")
    const caseId = await closed("2026-12-05")
    const before = readAudit(db).length
    for (const day of ["2026-11-30", "2026-12-32", "2026-02-30", "soon", ""]) refused(() => gag(caseId, day))
    refused(() => gag(desk.open(deskRequest(["@alice"]), anna), "2026-12-20"))
    refused(() => gag("0123456789", "2026-12-20"))
    assert.equal(readAudit(db).length, before + 1, "the case that was opened here")
    assert.equal(desk.view(caseId, anna).gagUntil, "2026-12-05")
    gag(caseId, new Date(world.clock.nowMs()).toISOString().slice(0, 10))
  }))
