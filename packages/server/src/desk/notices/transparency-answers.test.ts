import assert from "node:assert/strict"
import { test } from "node:test"
import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { random } from "../../fixtures/device.ts"
import { openDeskDatabase } from "../store/desk-database.ts"
import { transparencyAnswers } from "./transparency-answers.ts"
import { transparencyReport } from "./transparency-report.ts"

test("the public answers are made once for everybody who asks, and anew with each slot, each opening, each place and each canary", () => {
  const db = openDeskDatabase(":memory:")
  const clock = { timeMs: 1_000, nowMs: () => clock.timeMs }
  const places = new Map<string, number>()
  let [reports, status] = [0, "none" as "none" | "unreadable"]
  const report = (): ReturnType<typeof transparencyReport> => {
    reports++
    return transparencyReport(db, { origin: "chat.example", exportKey: random(32), places: () => places })
  }
  const answers = transparencyAnswers({ db, clock, report, canary: () => ({ status }) })
  const after = (step: () => void): number => {
    step()
    for (let at = 0; at < 50; at++) {
      answers.page()
      answers.json()
    }
    return reports
  }
  const slots = (): { day: string; entry: number | null; body: string | null }[] => JSON.parse(answers.json()).slots
  const body = toUtf8('{"format":"nodoor-slot/v1","notices":[]}')
  assert.equal(
    after(() => {}),
    1,
  )
  const add = (): unknown =>
    db.run("INSERT INTO slots (day, slot, slot_key, body, open_after) VALUES ('2026-12-01', ?, ?, ?, '')", random(32), random(32), body)
  assert.equal(after(add), 1, "one that is not in the log is nobody's business")
  assert.equal(
    after(() => db.run("UPDATE slots SET logged = 1")),
    2,
  )
  assert.deepEqual([slots().length, slots()[0]?.entry, slots()[0]?.body], [1, null, null])
  assert.equal(
    after(() => places.set("2026-12-01", 7)),
    2,
  )
  assert.equal(
    after(() => (clock.timeMs += 5_000)),
    3,
  )
  assert.equal(slots()[0]?.entry, 7)
  assert.equal(
    after(() => (clock.timeMs += 50_000)),
    3,
  )
  assert.equal(
    after(() => db.run("UPDATE slots SET opened_day = '2026-12-02'")),
    4,
  )
  assert.equal(fromUtf8(Buffer.from(slots()[0]?.body ?? "", "base64")), fromUtf8(body))
  const page = answers.page()
  status = "unreadable"
  assert.notEqual(answers.page(), page)
  assert.equal(reports, 4)
  db.close()
})
