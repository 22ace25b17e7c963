import assert from "node:assert/strict"
import { test } from "node:test"
import { dayMs, startMs } from "../population/step.ts"
import { Names } from "../target/names.ts"
import { Scrapes } from "./scrapes.ts"

test("a line of the metrics whose label names somebody is about them, and only when it moves", () => {
  const names = new Names()
  const id = Uint8Array.from({ length: 16 }, (_, at) => at * 7)
  names.device(3, id)
  const scrapes = new Scrapes(names)
  const hex = Buffer.from(id).toString("hex")
  const text = (count: number): string => `# HELP x y\nsign_ins_total{device="${hex}",code="ok"} ${count}\nposts_total 5\n`
  const first = scrapes.take({ atMs: startMs, text: text(1) })
  assert.deepEqual(first, [{ metric: "sign_ins_total", subjects: [{ kind: "device", index: 3 }], hour: startMs / 3_600_000, value: 1 }])
  assert.deepEqual(scrapes.take({ atMs: startMs + 900_000, text: text(1) }), [])
  assert.deepEqual(
    scrapes.take({ atMs: startMs + dayMs, text: text(2) }).map(({ value }) => value),
    [2],
  )
})

test("of lines about nobody those that move seldom say at which hours something happened, by night", () => {
  const scrapes = new Scrapes(new Names())
  for (let day = 0; day < 4; day++)
    for (let hour = 0; hour < 24; hour++) {
      const text = `seldom ${day}\noften ${day * 24 + hour}\nnever 1\n`
      scrapes.take({ atMs: startMs + day * dayMs + hour * 3_600_000, text })
    }
  const rare = scrapes.rare(4)
  assert.deepEqual([...rare.keys()], ["seldom"])
  assert.deepEqual([...(rare.get("seldom") ?? [])].slice(1, 3), [
    [2, [startMs / 3_600_000 + 24]],
    [3, [startMs / 3_600_000 + 48]],
  ])
})
