import assert from "node:assert/strict"
import { test } from "node:test"
import { run } from "./server.ts"

test("the server's benchmark runs, measures something in every row, and loses nothing on SIGKILL", async () => {
  const section = await run({ tiny: true, progress: () => {} })
  const [delivery, memory, crash] = section.tables
  assert.deepEqual(
    delivery?.rows.map((row) => Number((row[3] ?? "").replaceAll(",", "")) > 0),
    [true, true, true],
  )
  assert.equal(memory?.rows.length, 1)
  assert.deepEqual(crash?.rows[0]?.slice(2), ["0", "0"])
  assert.ok(Number((crash?.rows[0]?.[1] ?? "").replaceAll(",", "")) > 10)
})

test("a tiny run beside other servers compares with the bare prototype, and loses nothing to SIGKILL", { timeout: 90_000 }, async () => {
  const { tables } = await run({ tiny: true, peers: true, progress: () => {} })
  const rows = tables[0]?.rows ?? []
  for (const [title, own] of rows) assert.match(own ?? "", /[0-9]/, `${title} was measured`)
  assert.match(rows.at(-1)?.[1] ?? "", /^0 of [1-9]/)
})
