import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./second-device.ts"

test("a tiny run of the benchmark of a second device fills its tables", { timeout: 120_000 }, async () => {
  const { tables } = await run({ tiny: true, peers: false, progress: () => {} })
  assert.equal(tables.length, 2)
  for (const row of tables.flatMap(({ rows }) => rows)) for (const figure of row.slice(1)) assert.match(figure, /[0-9]/)
})
