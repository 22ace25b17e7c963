import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./client.ts"

test("a tiny run of the SDK benchmark fills its table", { timeout: 120_000 }, async () => {
  const section = await run({ tiny: true, progress: () => {} })
  const [table] = section.tables
  assert.equal(table?.rows.length, 2)
  for (const row of table?.rows ?? []) for (const figure of row.slice(1)) assert.match(figure, /[0-9]/)
})
