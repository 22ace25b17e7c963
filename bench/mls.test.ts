import { strict as assert } from "node:assert"
import { test } from "node:test"
import { bundleSize } from "./mls/bundle.ts"
import { run } from "./mls.ts"
import { toMarkdown, withSection } from "./section.ts"

test("a tiny run of the MLS benchmark fills its tables", { timeout: 120_000 }, async () => {
  const section = await run({ tiny: true, progress: () => {} })
  const timings = section.tables.find(({ caption }) => caption === "5 members")
  assert.ok(timings !== undefined)
  for (const [title, ...cells] of timings.rows) {
    const ours = cells[timings.columns.findIndex((column) => column.startsWith("Nodoor")) - 1]
    assert.match(ours ?? "", /[µm]s/, `${title} was measured`)
  }
  assert.ok(section.tables.some(({ caption }) => caption.startsWith("Adding 4 members")))
  const goals = section.tables.find(({ caption }) => caption === "Goals")
  assert.ok(goals?.rows.some(([what, , measured]) => what?.includes("N = 2") === true && measured !== "–"))
})

test("engine and browser provider, with libsodium, reach a browser in at most 120 kB of gzip", async () => {
  const { scriptBytes, wasmBytes } = await bundleSize()
  assert.ok(scriptBytes > 10_000 && wasmBytes > 10_000)
  assert.ok(scriptBytes + wasmBytes <= 120_000, `${scriptBytes} + ${wasmBytes}`)
})

test("a section takes the place of the one of its name and leaves the others alone", () => {
  const markdown = toMarkdown({ title: "One", tables: [{ caption: "t", columns: ["", "a"], rows: [["x", "1"]] }], notes: ["n"] }, "machine")
  const first = withSection("# Benchmarks\n", "one", markdown)
  const both = withSection(first, "two", "## Two")
  const again = withSection(both, "one", "## One again")
  assert.ok(both.includes("| x | 1 |") && again.includes("## One again") && again.includes("## Two"))
  assert.ok(!again.includes("| x | 1 |"))
})
