import assert from "node:assert/strict"
import { test } from "node:test"
import { type ChainEntry, brokenAt, browserSha256 } from "./chain.ts"

async function chain(count: number): Promise<ChainEntry[]> {
  const entries: ChainEntry[] = []
  for (let seq = 1; seq <= count; seq++) {
    const entry = JSON.stringify({ actor: "Ines", event: "case_opened", prev: entries[0]?.hash ?? "0".repeat(64), seq })
    entries.unshift({ seq, entry, hash: await browserSha256(entry) })
  }
  return entries
}
const replaced = (entries: readonly ChainEntry[], at: number, rest: Partial<ChainEntry>): ChainEntry[] =>
  entries.map((one, index) => (index === at ? { ...one, ...rest } : one))

test("a chain that holds has no broken place, nor has a page out of its middle", async () => {
  const entries = await chain(5)
  assert.equal(await brokenAt(entries, browserSha256), undefined)
  assert.equal(await brokenAt(entries.slice(1, 3), browserSha256), undefined)
  assert.equal(await brokenAt([], browserSha256), undefined)
})

test("an entry that was changed, left out, renumbered or put first is found", async () => {
  const entries = await chain(5)
  const changed = (entries[2] as ChainEntry).entry.replace("Ines", "Inez")
  assert.equal(await brokenAt(replaced(entries, 2, { entry: changed }), browserSha256), 3)
  // With its hash made anew, the entry after it names another.
  assert.equal(await brokenAt(replaced(entries, 2, { entry: changed, hash: await browserSha256(changed) }), browserSha256), 4)
  assert.equal(await brokenAt(entries.toSpliced(2, 1), browserSha256), 4)
  assert.equal(await brokenAt(replaced(entries, 0, { seq: 7 }), browserSha256), 7)
  const first = JSON.stringify({ prev: "1".repeat(64), seq: 1 })
  assert.equal(await brokenAt([{ seq: 1, entry: first, hash: await browserSha256(first) }], browserSha256), 1)
  assert.equal(await brokenAt([{ seq: 9, entry: "{", hash: await browserSha256("{") }], browserSha256), 9)
})
