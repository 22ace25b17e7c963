// What people read in the web app and in the operator's console stands in their catalogues, `text/en` of each: a translator finds it there,
// and so does whoever reads all of it aloud. An exception is a line of the table with its reason; one that is no longer needed fails as well.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type ESTree, Visitor, parseSync } from "rolldown/utils"
import { consoleWords, words as appWords } from "../e2e/fixtures/words.ts"
import { filesOf, isTest, read } from "./repository.ts"

/** `path: text` → why it is not in a catalogue. Paths are those below packages/web/src. */
const exceptions: Readonly<Record<string, string>> = {
  "app/context.ts: A component was drawn outside the app.": "a bug of ours, which nobody but us reads",
  "operator/context.ts: A component was drawn outside the console.": "the same",
  "host/answerer.ts: There is no such call.": "the same",
  "host/host.ts: HostError": "the name of a class",
  "operator/console-client.ts: Bearer": "a word of HTTP",
  "part/markdown-view.tsx: noopener noreferrer": "words of HTML",
  "operator/cases/case-answer.tsx: nodoor-server desk gag": "a command to type",
  "operator/cases/case-answer.tsx: nodoor export --verify FILE": "the same",
  "operator/enter/obstacle.tsx: NODOOR_ORIGIN": "the same",
  "operator/enter/sign-in.tsx: nodoor-server desk operator invite NAME": "the same",
  "operator/settings/settings-page.tsx: nodoor-server config check": "the same",
  "settings/data-section.tsx: nodoor export --verify": "the same",
}

test("the web app and the console show no words that are not in their catalogues", () => {
  const found: string[] = []
  for (const path of filesOf(["packages/web/src/**/*.{ts,tsx}"])) {
    if (isTest(path) || /\/text\/en[/.]/.test(path)) continue
    for (const words of wordsIn(path, read(path))) found.push(`${path.replace("packages/web/src/", "")}: ${words}`)
  }
  assert.deepEqual(
    found.filter((line) => exceptions[line] === undefined),
    [],
    "put them into text/en of the page, and read them from `t`",
  )
  assert.deepEqual(
    Object.keys(exceptions).filter((line) => !found.includes(line)),
    [],
    "exceptions that are no longer needed",
  )
})

test("the check itself sees words in elements, attributes, strings and templates, and nothing in code", () => {
  const seen = (source: string): string[] => wordsIn("a.tsx", source)
  assert.deepEqual(seen("const a = <p>Try <b>again</b></p>"), ["Try", "again"])
  assert.deepEqual(seen('const a = <input aria-label="name" title="Your name" placeholder="alice" />'), ["name", "Your name", "alice"])
  assert.deepEqual(seen('fail("No results."); say(`Hello ${name}, again`); const a = ok ? "Offline" : "not sent yet"'), [
    "No results.",
    "Hello … , again",
    "Offline",
    "not sent yet",
  ])
  assert.deepEqual(
    seen(
      'import a from "Some thing"; if (key === "Enter") x("not_found", "#/chat", `${css.row} ${css.open}`); <p class="Big one">{t.a}</p>',
    ),
    [],
  )
  assert.deepEqual(seen('type A = "In a type"; const a: Pick<B, "One two"> = b; switch (a) { case "Escape": }'), [])
})

test("sentences are set as print is: curly quotes, an ellipsis of one sign, single spaces", () => {
  const wrong = [appWords, consoleWords].flatMap(sentencesOf).filter((text) => /['"]|\.\.\.| {2}/.test(text))
  assert.deepEqual(wrong, [])
})

/** Attributes that people read, whatever they say. */
const readAloud = /^(?:aria-(?:label|description|roledescription|valuetext)|title|placeholder|alt|label|hint|legend)$/
/** Attributes that hold names of ours or of the platform. */
const technical = /^(?:class|id|rel|role|type|href|style)$/

/** What looks like words of English in a source file, as it would be read. */
function wordsIn(path: string, source: string): string[] {
  const found: { readonly at: number; readonly text: string }[] = []
  /** Ranges whose strings are no words: types, imports, comparisons, technical attributes. */
  const skipped: (readonly [start: number, end: number])[] = []
  const skip = ({ start, end }: { readonly start: number; readonly end: number }): void => void skipped.push([start, end])
  const note = (at: number, text: string): void => void found.push({ at, text: text.replaceAll(/\s+/g, " ").trim() })
  new Visitor({
    ImportDeclaration: skip,
    ExportAllDeclaration: skip,
    ExportNamedDeclaration: (node) => void (node.source !== null && skip(node)),
    TSTypeAnnotation: skip,
    TSTypeAliasDeclaration: skip,
    TSInterfaceDeclaration: skip,
    TSTypeParameterInstantiation: skip,
    BinaryExpression: ({ left, right }) => [left, right].filter(({ type }) => type === "Literal").forEach(skip),
    Property: ({ key }) => skip(key),
    MemberExpression: ({ property }) => skip(property),
    SwitchCase: ({ test: value }) => void (value !== null && skip(value)),
    JSXText: ({ start, value }) => void (/\p{L}{2}/u.test(value) && note(start, value)),
    JSXAttribute: ({ name, value }) => {
      if (value === null) return
      const attribute = source.slice(name.start, name.end)
      if (technical.test(attribute)) skip(value)
      else if (value.type === "Literal" && readAloud.test(attribute) && /\p{L}/u.test(String(value.value))) {
        skip(value)
        found.push({ at: -value.start, text: String(value.value) })
      }
    },
    Literal: ({ start, value }: ESTree.StringLiteral | { readonly start: number; readonly value: unknown }) =>
      void (typeof value === "string" && isProse(value) && note(start, value)),
    TemplateLiteral: ({ start, quasis }) => {
      const text = quasis.map((quasi) => quasi.value.cooked ?? "").join(" … ")
      if (isProse(text)) note(start, text.replaceAll(/^ … | … $/g, ""))
    },
  }).visit(parseSync(path, source).program)
  return found
    .filter(({ at }) => at < 0 || !skipped.some(([start, end]) => at >= start && at < end))
    .toSorted((a, b) => Math.abs(a.at) - Math.abs(b.at))
    .map(({ text }) => text)
}

/** Several words in a row, or one with a capital letter. Names in code have neither spaces nor a capital first letter. */
function isProse(text: string): boolean {
  const words = text.replaceAll("…", " ").trim()
  return (
    /^\p{L}[\p{L}’'-]*[,;]?(?: …)?(?: +\p{L}[\p{L}’'-]*[,;:]?)+[.!?]?$/u.test(words) ||
    /^\p{Lu}\p{Ll}/u.test(words) ||
    /\p{Ll}[.?!] +\p{Lu}\p{Ll}/u.test(words)
  )
}

/** Every text of a catalogue; of functions the texts they make of made-up words and numbers. */
function sentencesOf(entry: unknown): string[] {
  if (typeof entry === "string") return [entry]
  if (typeof entry === "function") return sentencesOf(attempt(entry as (...values: readonly unknown[]) => unknown))
  return typeof entry === "object" && entry !== null ? Object.values(entry).flatMap(sentencesOf) : []
}

function attempt(make: (...values: readonly unknown[]) => unknown): unknown {
  for (const values of [["x", "x", "x"], [2, 2, 2], [["x", "x"]], [2, ["x"]], ["x", ["x"]], [["x"], 2]]) {
    try {
      return make(...values)
    } catch {
      // It takes something else.
    }
  }
  return undefined
}
