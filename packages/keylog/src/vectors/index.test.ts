import assert from "node:assert/strict"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { resolve } from "node:path"
import { test } from "node:test"
import { nodeLogCrypto } from "../fixtures/account.ts"
import { nobleLogCrypto } from "../core/noble-crypto.ts"
import { type Entry, type Json, runKeylogVector, runVectorFile } from "./index.ts"

const root = resolve(import.meta.dirname, "../../../..")
const ownFolder = resolve(root, "packages/keylog/vectors")
const sharedFolder = resolve(root, process.env["NODOOR_VECTORS"] ?? "../shared/vectors", "kt")

function files(folder: string): (readonly [string, Json])[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"))
  return names.map((name) => [name, JSON.parse(readFileSync(resolve(folder, name), "utf8")) as Json])
}

/** The same value with its n-th long text of hex or base64 changed by one digit. */
function changed(value: Json, place: { left: number }): Json {
  if (typeof value === "string" && /^[0-9a-fA-F+/A-Za-z=]{30,}$/.test(value) && place.left-- === 0) {
    const at = Math.floor(value.length / 2)
    return value.slice(0, at) + (value[at] === "a" ? "b" : "a") + value.slice(at + 1)
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => changed(item, place))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, changed(item as Json, place)]))
}

test("Every vector of the project holds, with either implementation of the primitives, and half of them are negative twins", () => {
  for (const crypto of [nodeLogCrypto, nobleLogCrypto]) {
    let [passed, twins] = [0, 0]
    for (const [name, content] of files(ownFolder)) {
      const counts = runVectorFile(content, name, crypto)
      assert.deepEqual([counts.failures, counts.failed, counts.skipped], [[], 0, 0])
      passed += counts.passed
      twins += (content as readonly Entry[]).filter((entry) => "refused" in entry).length
    }
    assert.ok(passed > 35 && twins > 14, `${passed} vectors, ${twins} twins`)
  }
})

test("A vector of the project whose expectation is changed fails", () => {
  for (const [, content] of files(ownFolder)) {
    for (const entry of content as readonly Entry[]) {
      const wrong = "refused" in entry ? { ...entry, refused: "none" } : { ...entry, expect: { none: 1 } }
      assert.equal(runKeylogVector(wrong, nodeLogCrypto).outcome, "failed")
    }
  }
})

test(
  "The vectors that others computed hold, and fail with one digit changed",
  { skip: !existsSync(sharedFolder) && "no shared vectors" },
  () => {
    const seen: string[] = []
    for (const [name, content] of files(sharedFolder)) {
      const counts = runVectorFile(content, name, nodeLogCrypto)
      assert.deepEqual([counts.failures, counts.skipped], [[], 0])
      seen.push(`${name} ${counts.passed}`)
      for (let n = 0; n < 40; n++) {
        const bad = changed(content, { left: n })
        if (JSON.stringify(bad) === JSON.stringify(content)) break
        assert.ok(runVectorFile(bad, name, nodeLogCrypto).failed > 0, `${name}, text ${n}`)
      }
    }
    assert.deepEqual(seen.sort(), ["c2sp-interop.json 189", "prefix-roots.json 3", "vrf-labels.json 2"])
  },
)

test("A file of another kind is skipped, not failed", () => {
  assert.equal(runKeylogVector({ cipher_suite: 1 }, nodeLogCrypto).outcome, "skipped")
  assert.deepEqual(runVectorFile([1, null, {}], "x", nodeLogCrypto).skipped, 3)
})
