import assert from "node:assert/strict"
import { test } from "node:test"
import { createCalendar } from "../text/time.ts"
import { createToday } from "./today.ts"

test("today changes with the day, by itself and when the page comes back, and not in between", () => {
  const looks: (() => void)[] = []
  const asked: string[] = []
  const window = {
    setInterval: (look: () => void) => looks.push(look),
    addEventListener: (event: string, look: () => void) => {
      asked.push(event)
      looks.push(look)
    },
  } as unknown as Window
  const calendar = createCalendar({ locale: "en-GB", timeZone: "Europe/Berlin" })
  let now = Date.parse("2026-06-10T23:59:00+02:00")
  const today = createToday(window, calendar, () => now)
  const seen: string[] = []
  today.subscribe((moment) => seen.push(calendar.day(Date.parse("2026-06-10T12:00:00+02:00"), moment)))
  const look = (): void => looks.forEach((one) => one())
  look()
  now += 30_000
  look()
  assert.deepEqual(seen, ["Today"])
  now += 60_000
  look()
  look()
  assert.deepEqual(seen, ["Today", "Yesterday"])
  now -= 120_000
  look()
  assert.deepEqual(seen, ["Today", "Yesterday", "Today"])
  assert.ok(asked.includes("visibilitychange"))
})
