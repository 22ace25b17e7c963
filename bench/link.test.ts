import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./link.ts"

test("a tiny run of the benchmark of linking hands a history over and fills its table", { timeout: 120_000 }, async () => {
  const { tables } = await run({ tiny: true, progress: () => {} })
  const [table] = tables
  assert.equal(table?.rows.length, 6)
  for (const [, figure] of table?.rows ?? []) assert.match(figure ?? "", /^[0-9.]+ s$/)
})
