import assert from "node:assert/strict"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { nodeProvider } from "../../src/provider/node.ts"
import { type Json, parseJson, runMlsVector } from "./index.ts"

const directory = join(process.env["NODOOR_VECTORS"] ?? join(import.meta.dirname, "../../../../../shared/vectors"), "mls")
const skip = existsSync(directory) ? false : "official vectors not found (NODOOR_VECTORS)"
const files = skip === false ? readdirSync(directory).filter((name) => name.endsWith(".json")) : []
const isLong = process.env["NODOOR_LONG"] === "1"

test("the official vectors are there", { skip }, () => {
  assert.ok(files.length >= 16)
})

for (const file of files) {
  const entries = parseJson(readFileSync(join(directory, file), "utf8")) as readonly Json[]

  test(`every vector of ${file} holds`, () => {
    assert.ok(entries.length > 0)
    for (const [i, entry] of entries.entries()) {
      const result = runMlsVector(entry, nodeProvider)
      assert.equal(result.outcome, "passed", `entry ${i}: ${"reason" in result ? result.reason : ""}`)
    }
  })

  // messages.json only claims that its bytes decode and encode again, which other bytes may do as well.
  if (file === "messages.json") continue
  test(`no vector of ${file} holds with one bit flipped`, () => {
    for (const [i, entry] of entries.entries()) {
      const places = hexPlaces(entry)
      const wanted = isLong ? 40 : file.startsWith("passive-client") ? 6 : 12
      const stride = Math.max(1, Math.floor(places.length / wanted))
      for (let at = i % stride; at < places.length; at += stride) {
        const path = places[at] as Path
        const result = runMlsVector(flipped(entry, path, 7 * at + i), nodeProvider)
        assert.notEqual(result.outcome, "passed", `entry ${i}: a flipped bit of ${path.join(".")} went unnoticed`)
      }
    }
  })
}

type Path = readonly (string | number)[]

/** Where hexadecimal texts stand in a vector. */
function hexPlaces(value: Json, path: Path = []): Path[] {
  if (typeof value === "string") return value.length >= 2 && /^(?:[0-9a-f]{2})+$/.test(value) ? [path] : []
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap((item, i) => hexPlaces(item, [...path, i]))
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, item]) => hexPlaces(item, [...path, key]))
  return []
}

/** With one bit flipped; of a private X25519 key not one of the bits that RFC 7748 §5 ignores. */
function flipped(value: Json, path: Path, seed: number, isPrivateKey = false): Json {
  const [key, ...rest] = path
  if (key === undefined) {
    const text = value as string
    const at = isPrivateKey ? 2 * (1 + (seed % 30)) : 2 * (seed % (text.length / 2))
    const byte = Number.parseInt(text.slice(at, at + 2), 16) ^ (1 << (seed % 8))
    return text.slice(0, at) + byte.toString(16).padStart(2, "0") + text.slice(at + 2)
  }
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, i) => (i === key ? flipped(item, rest, seed, isPrivateKey) : item))
  const entry = value as { readonly [name: string]: Json }
  return { ...entry, [key]: flipped(entry[key] as Json, rest, seed, String(key).endsWith("_priv")) }
}
