import { strict as assert } from "node:assert"
import { test } from "node:test"
import { run } from "./renewal.ts"

test(
  "a tiny run of the model of new keys fills its table, with about one commit for each device and day of use",
  { timeout: 60_000 },
  async () => {
    const [table] = (await run({ tiny: true, progress: () => {} })).tables
    assert.equal(table?.rows.length, 2)
    for (const [, perDay] of table?.rows ?? []) assert.ok(Number(perDay) > 0.3 && Number(perDay) < 1.5, String(perDay))
  },
)
