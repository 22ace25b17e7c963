import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./archive.ts"

test("a tiny run of the archives fills its tables", { timeout: 60_000 }, async () => {
  const { tables } = await run({ tiny: true, progress: () => {} })
  assert.deepEqual(
    tables.map(({ rows }) => rows.length),
    [2, 1],
  )
  for (const { columns, rows } of tables) for (const row of rows) assert.equal(row.length, columns.length)
})
