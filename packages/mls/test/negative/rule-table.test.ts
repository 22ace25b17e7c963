import assert from "node:assert/strict"
import { globSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"

const source = join(import.meta.dirname, "../../src")
const table = readFileSync(join(source, "../../../docs/mls-validation.md"), "utf8")
const rows = table
  .split("\n")
  .filter((line) => /^\| \d+ +\|/.test(line))
  .map((line) => {
    const [, number = "", section = "", rule = "", code = "", files = "", title = ""] = line.split("|").map((cell) => cell.trim())
    return {
      number: Number(number),
      section,
      rule,
      code: code.slice(1, -1),
      files: files.split(", ").map((file) => file.slice(1, -1)),
      title,
    }
  })
const read = (name: string): string => readFileSync(join(source, name), "utf8")
const engineFiles = globSync("**/*.ts", { cwd: source }).filter((name) => !name.endsWith(".test.ts") && !name.startsWith("provider/"))
const tests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".test.ts"))
  .flatMap((name) =>
    readFileSync(join(import.meta.dirname, name), "utf8")
      .split(/\ntest\(\s*/)
      .slice(1),
  )
  .map((body) => ({ title: /^"([^"]*)"/.exec(body)?.[1] ?? "", body }))
const declared = [...read("codec/mls-error.ts").matchAll(/^ {2}\| "(\w+)"/gm)].map(([, code]) => code as string)
/** Codes of the decoders in packages/bytes, which become the engine's own. */
const decoderCodes = ["truncated", "trailing", "oversized", "non_canonical", "invalid_value"]

test("the rule table is numbered without gaps and names no rule without words", () => {
  assert.ok(rows.length > 80)
  rows.forEach(({ number, rule, section }, i) => {
    assert.equal(number, i + 1)
    assert.ok(rule.length > 10 && section.length > 0)
  })
})

test("every error code is in the rule table, and every code of the table exists", () => {
  const listed = new Set(rows.map(({ code }) => code))
  assert.deepEqual([...listed].sort(), [...new Set([...declared, ...decoderCodes])].sort())
})

test("every error code that the engine throws is declared, and every declared one is thrown", () => {
  const thrown = new Set<string>()
  for (const name of engineFiles) {
    for (const [, code] of read(name).matchAll(/(?:new MlsError|check|new CodecError)\([^;]*?"([a-z_]+)"/g)) {
      if (declared.includes(code as string) || decoderCodes.includes(code as string)) thrown.add(code as string)
    }
  }
  const all = engineFiles
    .filter((name) => name !== "codec/mls-error.ts")
    .map(read)
    .join("\n")
  for (const code of declared) assert.ok(thrown.has(code) || new RegExp(`[^|] "${code}"`).test(all), `${code} is never thrown`)
  for (const [, code] of all.matchAll(/new MlsError\("(\w+)"/g)) assert.ok(declared.includes(code as string), `${code} is not declared`)
})

test("every rule is checked in the file that the table names", () => {
  for (const { number, code, files } of rows) {
    assert.ok(files.length > 0 && files[0] !== "", `rule ${number}`)
    for (const file of files)
      assert.ok(file === "codec/mls-error.ts" || read(file).includes(`"${code}"`), `rule ${number}: ${file} does not throw ${code}`)
  }
})

test("every rule's test exists and refuses with the rule's code", () => {
  for (const { number, code, title } of rows) {
    const found = tests.find((candidate) => candidate.title === title)
    assert.ok(found, `rule ${number} names no test: ${title}`)
    assert.ok(found.body.includes(`"${code}"`), `rule ${number}: its test does not expect ${code}`)
  }
})

test("every negative test is in the rule table", () => {
  const listed = new Set(rows.map(({ title }) => title))
  for (const { title, body } of tests) {
    if (/refuses(?:Message|KeyPackage)?\(/.test(body) && !/rule-table/.test(body))
      assert.ok(listed.has(title) || title.startsWith("the rule table"), `not in the table: ${title}`)
  }
})
