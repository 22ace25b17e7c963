// What people read stands in catalogues: `text/en` of the web app and of the operator's console, `texts/en.ts` of the client library. A
// translator or a proofreader finds everything there. An exception is a line of a table with its reason; one that is no longer needed fails.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type ESTree, Visitor, parseSync } from "rolldown/utils"
import { consoleWords, words as appWords } from "../e2e/fixtures/words.ts"
import { filesOf, isTest, read } from "./repository.ts"

/** `path: text` → why it is not in a catalogue. Paths are those below the package's `src`. */
type Exceptions = Readonly<Record<string, string>>

const webExceptions: Exceptions = {
  "app/context.ts: A component was drawn outside the app.": "a bug of ours, which nobody but us reads",
  "operator/context.ts: A component was drawn outside the console.": "the same",
  "host/answerer.ts: There is no such call.": "the same",
  "operator/console-client.ts: Bearer": "a word of HTTP",
  "part/markdown-view.tsx: noopener noreferrer": "words of HTML",
  "operator/cases/case-answer.tsx: nodoor-server desk gag": "a command to type",
  "operator/cases/case-answer.tsx: nodoor export --verify FILE": "the same",
  "operator/enter/obstacle.tsx: NODOOR_ORIGIN": "the same",
  "operator/enter/sign-in.tsx: nodoor-server desk operator invite NAME": "the same",
  "operator/settings/settings-page.tsx: nodoor-server config check": "the same",
  "settings/data-section.tsx: nodoor export --verify": "the same",
  "host/device-name.ts: Edge": "a name that is the same in every language",
  "host/device-name.ts: Opera": "a name that is the same in every language",
  "host/device-name.ts: Samsung Internet": "a name that is the same in every language",
  "host/device-name.ts: Firefox": "a name that is the same in every language",
  "host/device-name.ts: Chrome": "a name that is the same in every language",
  "host/device-name.ts: Safari": "a name that is the same in every language",
  "host/device-name.ts: Android": "a name that is the same in every language",
  "host/device-name.ts: ChromeOS": "a name that is the same in every language",
  "host/device-name.ts: Windows": "a name that is the same in every language",
  "host/device-name.ts: Mac": "a name that is the same in every language",
  "host/device-name.ts: Linux": "a name that is the same in every language",
  "link/scanner.tsx: NotFoundError": "the name of an error of the browser",
  "recovery/passkey.ts: Nodoor": "the product's name",
}

const clientExceptions: Exceptions = {
  "api/arguments.ts: This call expects … .": "a program made a wrong call; pages that make calls load no catalogue",
  "api/arguments.ts: An id is lower-case hexadecimal.": "the same",
  "core/trace.ts: No such area to trace. There are: … .": "names of parts of the program, for the developer who asked for them",
  "group/join/joining.ts: KeyPackage of the introduction": "names a field of a refused message, which nobody reads in the app",
  "platform/http-network.ts: Bearer": "a word of HTTP",
}

test("the web app and the console show no words that are not in their catalogues", () => {
  onlyInCatalogue("packages/web/src/", { catalogue: /\/text\/en[/.]/, textsIn: wordsIn, exceptions: webExceptions })
})

test("the client library shows no sentences that are not in its catalogue", () => {
  onlyInCatalogue("packages/client/src/", { catalogue: /\/texts\/en[-.]/, textsIn: sentencesIn, exceptions: clientExceptions })
})

function onlyInCatalogue(
  folder: string,
  {
    catalogue,
    textsIn,
    exceptions,
  }: {
    readonly catalogue: RegExp
    readonly textsIn: (path: string, source: string) => readonly string[]
    readonly exceptions: Exceptions
  },
): void {
  const found = filesOf([`${folder}**/*.{ts,tsx}`])
    .filter((path) => !isTest(path) && !catalogue.test(path))
    .flatMap((path) => textsIn(path, read(path)).map((text) => `${path.replace(folder, "")}: ${text}`))
  assert.deepEqual(
    found.filter((line) => exceptions[line] === undefined),
    [],
    "put them into the catalogue, and read them from there",
  )
  assert.deepEqual(
    Object.keys(exceptions).filter((line) => !found.includes(line)),
    [],
    "exceptions that are no longer needed",
  )
}

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

test("the check of the library sees sentences, and every text of a ClientError; it skips SQL, names of classes and labels of codecs", () => {
  const seen = (source: string): string[] => sentencesIn("a.ts", source)
  assert.deepEqual(seen('throw new ClientError("closed", "was closed"); const a = { text: `${who} left. Ask them.`, title: "No name" }'), [
    "was closed",
    "left. Ask them.",
    "No name",
  ])
  assert.deepEqual(seen('fail("A handle has 3 to 32 of a–z, 0–9."); new ClientError(code, late ? "not now" : texts.none)'), [
    "not now",
    "A handle has 3 to 32 of a–z, 0–9.",
  ])
  assert.deepEqual(
    seen('read("SELECT a FROM b WHERE c"); this.name = "ClientError"; throw new CodecError("invalid_value", "message id")'),
    [],
  )
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
    AssignmentExpression: ({ left, right }) => void (source.slice(left.start, left.end) === "this.name" && skip(right)),
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
      const text = textOf(quasis)
      if (isProse(text)) note(start, text)
    },
  }).visit(parseSync(path, source).program)
  return found
    .filter(({ at }) => at < 0 || !skipped.some(([start, end]) => at >= start && at < end))
    .toSorted((a, b) => Math.abs(a.at) - Math.abs(b.at))
    .map(({ text }) => text)
}

/** What looks like sentences and titles of English, and whatever a `ClientError` says: its text is shown as it is. */
function sentencesIn(path: string, source: string): string[] {
  const said: string[] = []
  new Visitor({
    NewExpression: ({ callee, arguments: [, text] }) => {
      if (text === undefined || source.slice(callee.start, callee.end) !== "ClientError") return
      new Visitor({
        Literal: ({ value }) => void (typeof value === "string" && said.push(value)),
        TemplateLiteral: ({ quasis }) => void said.push(textOf(quasis)),
      }).visit(parseSync(path, source.slice(text.start, text.end)).program)
    },
  }).visit(parseSync(path, source).program)
  const sentences = wordsIn(path, source).filter((text) => (/^\p{Lu}/u.test(text) || isSentence(text)) && !/^\p{Lu}{2,} /u.test(text))
  return [...new Set([...said, ...sentences])]
}

function textOf(quasis: readonly ESTree.TemplateElement[]): string {
  const text = quasis.map((quasi) => quasi.value.cooked ?? "").join(" … ")
  return text.replaceAll(/^ … | … $/g, "")
}

/** Several words in a row, or one with a capital letter. Names in code have neither spaces nor a capital first letter. */
function isProse(text: string): boolean {
  const words = text.replaceAll("…", " ").trim()
  return (
    /^\p{L}[\p{L}’'-]*[,;]?(?: …)?(?: +\p{L}[\p{L}’'-]*[,;:]?)+[.!?]?$/u.test(words) || /^\p{Lu}\p{Ll}/u.test(words) || isSentence(words)
  )
}

/** One with a capital letter and a full stop, or the border between two. */
function isSentence(text: string): boolean {
  return /^\p{Lu}.* .*[\p{L}\d][.?!]$/su.test(text) || /\p{Ll}[.?!] +\p{Lu}\p{Ll}/u.test(text)
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
