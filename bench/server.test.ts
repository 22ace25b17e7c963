import assert from "node:assert/strict"
import { test } from "node:test"
import { run } from "./server.ts"

test("the server's benchmark runs, measures something in every row, and loses nothing on SIGKILL", { timeout: 240_000 }, async () => {
  const { tables } = await run({ tiny: true, progress: () => {} })
  const [delivery, parts, memory, crash] = tables
  for (const row of delivery?.rows ?? []) assert.match(row[2] ?? "", /[1-9]/, `${row[0]} was measured`)
  assert.ok(parts?.rows.some(([, us]) => Number(us) > 0))
  assert.equal(memory?.rows.length, 1)
  assert.deepEqual(crash?.rows[0]?.slice(2), ["0", "0"])
  assert.ok(Number((crash?.rows[0]?.[1] ?? "").replaceAll(",", "")) > 10)
})

test("a tiny run beside other servers compares with the bare prototype", { timeout: 240_000 }, async () => {
  const { tables } = await run({ tiny: true, peers: true, progress: () => {} })
  for (const [title, own] of tables[0]?.rows.slice(0, -1) ?? []) assert.match(own ?? "", /[0-9]/, `${title} was measured`)
  assert.ok(tables[1]?.rows.every((row) => row.length === 2))
})
