import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./kt.ts"

test("a tiny run of the transparency benchmark fills its table", { timeout: 60_000 }, async () => {
  const section = await run({ tiny: true, progress: () => {} })
  const [table] = section.tables
  assert.ok(table !== undefined && table.rows.length >= 12)
  for (const [title, figure] of table.rows) assert.match(figure ?? "", /[0-9]/, `${title} was measured`)
})
