import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { test } from "node:test"
import { alarmLevel } from "./core/alarm-level.ts"
import { keylogErrorCodes } from "./core/keylog-error.ts"

const sources = new Map(
  readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [name, readFileSync(`${import.meta.dirname}/${name}`, "utf8")] as const),
)
const table = readFileSync(`${import.meta.dirname}/../../../docs/transparency.md`, "utf8").split("\n")
const rows = table.flatMap((line) => {
  const match = /^\| ([A-Z][0-9]+) +\| `([a-z_]+)` +\| ([a-z]+) +\| .+? \| (.+?) +\|$/.exec(line)
  if (!match) return []
  const [, rule = "", code = "", level = "", title = ""] = match
  return [{ rule, code, level, title: `${rule}: ${title}` }]
})
const titles = [...sources].flatMap(([name, text]) => {
  if (!name.endsWith(".test.ts")) return []
  return [...text.matchAll(/^test\("([A-Z][0-9]+: [^"]+)"/gm)].map((match) => match[1] as string)
})

test("Every code has a rule in docs/transparency.md and every rule's code exists, with the alarm that the code raises", () => {
  assert.deepEqual([...new Set(rows.map(({ code }) => code))].sort(), [...keylogErrorCodes].sort())
  for (const { code, level } of rows) assert.equal(level, alarmLevel(code as (typeof keylogErrorCodes)[number]), code)
  const codes = new Map<string, string>()
  for (const { rule, code } of rows) assert.equal(codes.get(rule) ?? code, code)
  for (const { rule, code } of rows) codes.set(rule, code)
  assert.equal(new Set(codes.values()).size, codes.size)
})

test("Every rule of docs/transparency.md names tests that exist, and every test of a rule is named there", () => {
  assert.ok(rows.length > 60)
  assert.deepEqual(rows.map(({ title }) => title).sort(), titles.sort())
})

test("Every check in the code carries the number of the rule whose code it throws", () => {
  const codeOf = new Map(rows.map(({ rule, code }) => [rule, code]))
  const used = new Set<string>()
  for (const [name, text] of sources) {
    if (name.endsWith(".test.ts") || name === "core/keylog-error.ts") continue
    for (const match of text.matchAll(/"([a-z]+_[a-z_]+|commitment|ladder|rekey|malformed)",[^\n]*\)(?: \/\/ ([A-Z][0-9]+))?$/gm)) {
      const [line, code = "", rule] = match
      if (!keylogErrorCodes.includes(code as (typeof keylogErrorCodes)[number])) continue
      if (code === "malformed" && rule === undefined) continue
      assert.equal(rule && codeOf.get(rule), code, `${name}: ${line}`)
      used.add(code)
    }
  }
  assert.ok(used.size > 50)
})
