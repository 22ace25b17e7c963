import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { test } from "node:test"
import { auditSentence, knownEvents } from "./audit-sentence.ts"

const server = resolve(import.meta.dirname, "../../../../server/src")
const entry = (rest: object): string => JSON.stringify({ seq: 1, prev: "00", timeMs: 1_795_000_000_000, actor: "Ines", event: "", ...rest })

/** Events as the desk and the console name them where they write to the log. */
function writtenEvents(): readonly string[] {
  const found = new Set<string>()
  for (const path of globSync("{desk,console}/**/*.ts", { cwd: server }).filter((one) => !one.endsWith(".test.ts"))) {
    const source = readFileSync(resolve(server, path), "utf8")
    const places = [/#step\(\s*"([a-z_]+)"/g, /\bevent: "([a-z_]+)"/g, /\bnote\(actor, "([a-z_]+)"/g, /: "(account_[a-z]+)"/g]
    for (const place of places) for (const [, event] of source.matchAll(place)) found.add(event as string)
  }
  return [...found]
}

test("every event that the desk and the console write has a sentence", () => {
  const written = writtenEvents()
  assert.ok(written.length >= 6, `${written.length} events found in the server's source`)
  assert.deepEqual(
    written.filter((event) => !knownEvents.includes(event)),
    [],
  )
})

test("an entry says who did what to which case", () => {
  const said = auditSentence(entry({ event: "case_opened", case: "00ff12ab9c", facts: { accounts: 3 } }))
  assert.deepEqual(said, {
    who: "Ines",
    what: "recorded a request about 3 accounts",
    timeMs: 1_795_000_000_000,
    caseId: "00ff12ab9c",
    known: true,
  })
  const closed = auditSentence(
    entry({ event: "case_closed", case: "00ff12ab9c", facts: { outcome: "partial", disclosed: ["email"], export: "ab" } }),
  )
  assert.equal(closed.what, "closed a case (handed over in part), handed over: e-mail address")
})

test("what the server did by itself is nobody's", () => {
  assert.equal(auditSentence(entry({ actor: "server", event: "archive_erased" })).who, undefined)
})

test("every known event makes a sentence of facts that are missing, and of facts of another kind", () => {
  for (const event of knownEvents)
    for (const facts of [undefined, {}, [], { operator: 7, role: {}, accounts: "x", disclosed: [1], invites: 1, sha256: null }]) {
      const { what, known } = auditSentence(entry({ event, facts }))
      assert.ok(known && what.length > 5 && !/undefined|\[object|NaN/.test(what), `${event}: ${what}`)
    }
})

test("an event without a sentence is named as it is, and what is no entry is no crash", () => {
  assert.match(auditSentence(entry({ event: "moon_landed" })).what, /no words for: moon_landed/)
  for (const strange of ["", "null", "[]", "{", '{"event":"toString"}', '{"event":"__proto__","actor":5,"case":"../.."}'])
    assert.equal(auditSentence(strange).known, false)
})
