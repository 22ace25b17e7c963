import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./healing.ts"

test("a tiny run of the benchmark of healing lets every device in again and fills its table", { timeout: 120_000 }, async () => {
  const { tables } = await run({ tiny: true, progress: () => {} })
  const [table] = tables
  assert.equal(table?.rows.length, 4)
  for (const [, ...figures] of table?.rows ?? []) for (const figure of figures) assert.match(figure, /[0-9]/)
})
