import assert from "node:assert/strict"
import { test } from "node:test"
import { lateText } from "./late-text.ts"
import { createCalendar } from "./time.ts"

const calendar = createCalendar({ locale: "en-GB", timeZone: "UTC" })
const at = (clock: string, day = "2025-06-03"): number => Date.parse(`${day}T${clock}:00Z`)
const sender = { accountId: "00", name: "Bob", own: false }

test("A message that came more than an hour after it was written says both times, and no other does", () => {
  const late = { sentMs: at("09:12"), timeMs: at("14:40"), order: 3, sender }
  assert.equal(lateText(late, calendar), "Sent 9:12, arrived 14:40")
  assert.equal(lateText({ ...late, sender: { ...sender, own: true } }, calendar), "Written 9:12, sent 14:40")
  assert.equal(lateText({ ...late, timeMs: at("10:12") }, calendar), undefined)
  assert.equal(lateText({ ...late, sentMs: undefined }, calendar), undefined)
  assert.equal(lateText({ ...late, order: undefined }, calendar), undefined, "queued")
  assert.match(lateText({ ...late, sentMs: at("23:50", "2025-06-01") }, calendar) ?? "", /^Sent Sunday.*1 June 2025.*23:50, arrived 14:40$/)
})
