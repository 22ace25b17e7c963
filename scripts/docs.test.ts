// What the documents claim, held against the repository: every path exists, every dependency has its line, every "cannot" its test.

import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { test } from "node:test"
import { errorCodes } from "@nodoor/wire"
import { type ImportGraph, areNear, importGraph } from "./import-graph.ts"
import { codeFiles, filesOf, packageJson, packageJsonFiles, read, requirementsOf, root } from "./repository.ts"

const documents = filesOf(["*.md", "docs/**/*.md", "packages/*/*.md"])
const ownFolders = "packages|docs|scripts|sim|drill|bench|jointest|e2e|\\.ci"

test("every path that a document names exists", () => {
  const missing: string[] = []
  for (const document of documents) {
    const text = read(document)
    for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:|#)/.test(link)) continue
      if (!exists(join(dirname(document), link.replace(/#.*$/, "")))) missing.push(`${document}: ${link}`)
    }
    for (const path of namedPaths(text)) if (!exists(path)) missing.push(`${document}: ${path}`)
  }
  assert.deepEqual(missing, [])
})

test("each way through the code in docs/architecture.md leads from file to file by imports, and over the network by one package", () => {
  const graph = importGraph()
  const wrong: string[] = []
  const ways = waysOf(read("docs/architecture.md"))
  for (const { title, legs } of ways) {
    for (const leg of legs) {
      for (const path of leg) if (!existsSync(resolve(root, path))) wrong.push(`${title}: ${path} does not exist`)
      leg.slice(1).forEach((path, i) => {
        if (!areNear(graph, leg[i] ?? "", path)) wrong.push(`${title}: nothing connects ${leg[i]} with ${path}`)
      })
    }
    legs.slice(1).forEach((leg, i) => {
      const [before, after] = [legs[i] ?? [], leg].map((paths) => paths.some((path) => usesWire(graph, path)))
      if (!before || !after) wrong.push(`${title}: nothing of @nodoor/wire, @nodoor/keylog or @nodoor/mls on both sides of ${leg[0]}`)
    })
  }
  assert.deepEqual(wrong, [])
  assert.deepEqual([ways.length, ways.every(({ legs }) => legs.length >= 3 && legs.flat().length >= 20)], [4, true])
})

test("files are near when one imports the other or one file, not one that everybody imports, stands between them", () => {
  const everybody = Array.from({ length: 50 }, (_, i) => [`${i}.ts`, new Set(["all.ts"])] as const)
  const graph = new Map([
    ["a.ts", new Set(["b.ts", "all.ts"])],
    ["b.ts", new Set(["c.ts"])],
    ["c.ts", new Set(["d.ts"])],
    ["e.ts", new Set(["all.ts"])],
    ...everybody,
  ])
  assert.deepEqual(
    [
      ["a.ts", "b.ts"],
      ["b.ts", "a.ts"],
      ["a.ts", "c.ts"],
      ["a.ts", "d.ts"],
      ["a.ts", "e.ts"],
    ].map(([one = "", other = ""]) => areNear(graph, one, other)),
    [true, true, true, false, false],
  )
})

test("every document that the code names exists", () => {
  const missing: string[] = []
  for (const path of codeFiles()) {
    for (const [document] of read(path).matchAll(/\bdocs\/[\w/-]+\.(md|cddl)\b/g))
      if (!exists(document)) missing.push(`${path}: ${document}`)
  }
  assert.deepEqual(missing, [])
})

test("every command that a document tells to run with npm is a script", () => {
  const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts)
  const wrong: string[] = []
  for (const document of documents) {
    for (const [, name = ""] of read(document).matchAll(/\bnpm run ([a-z][\w:-]*)/g))
      if (!scripts.includes(name)) wrong.push(`${document}: npm run ${name}`)
  }
  assert.deepEqual(wrong, [])
})

test("docs/dependencies.md has a line for every dependency, and no other", () => {
  const required = filesOf(packageJsonFiles).flatMap((path) => requirementsOf(packageJson(path)).map(([name]) => name))
  const expected = [...new Set(required)].filter((name) => !name.startsWith("@nodoor/")).toSorted()
  const rows = [...read("docs/dependencies.md").matchAll(/^\| `([^`]+)`\s*\|(.+)\|$/gm)]
  assert.deepEqual(rows.map(([, name]) => name ?? "").toSorted(), expected)
  for (const [row] of rows) assert.equal(row.split("|").length, 8, row)
})

test('every "cannot" of the threat model names a test that exists', () => {
  const text = read("docs/threat-model.md")
  const cannot = [...text.matchAll(/^- \*\*cannot\*\* ([^\n]*(?:\n {2}[^\n]*)*)/gm)].map(([, line]) => line ?? "")
  assert.ok(cannot.length > 10, "the lines are found")
  for (const line of cannot) {
    const links = [...line.matchAll(/\]\(\.\.\/([^)#]+)\)/g)].map(([, path]) => path ?? "")
    const tests = links.filter((path) => path.endsWith(".test.ts") || path.startsWith("e2e/"))
    assert.ok(tests.length > 0, `no test is linked: ${line}`)
    for (const path of tests) assert.ok(existsSync(resolve(root, path)), `${path} does not exist`)
  }
})

test("docs/protocol.md lists every error code of the wire", () => {
  const text = read("docs/protocol.md")
  assert.deepEqual(
    Object.keys(errorCodes).filter((code) => !text.includes(`\`${code}\``)),
    [],
  )
})

test("a decision is at most a page, its number is its place, and the architecture names it by its title", () => {
  const decisions = filesOf(["docs/decisions/*.md"])
  const architecture = read("docs/architecture.md")
  decisions.forEach((path, i) => {
    const text = read(path)
    assert.ok(path.startsWith(`docs/decisions/${String(i + 1).padStart(4, "0")}-`), path)
    assert.match(text, new RegExp(`^# ${i + 1}\\. `), path)
    assert.ok(text.split("\n").length <= 60, `${path} is longer than a page`)
    assert.match(text, /\*\*Decision\.\*\*/, path)
    assert.match(text, /\*\*Rejected\.\*\*/, path)
    const title = /^# \d+\. (.*)/.exec(text)?.[1]
    assert.ok(architecture.includes(`[${title}](${path.slice("docs/".length)})`), `docs/architecture.md lists ${path}`)
  })
})

/** Paths in code spans: `packages/wire/src/limits.ts`, `sim/`, with `*` as a wildcard. */
function namedPaths(text: string): string[] {
  return [...text.matchAll(new RegExp(`\`((?:${ownFolders})/[\\w./*-]*)\``, "g"))].map(([, path]) => path ?? "")
}

/** The numbered lists under "Four ways through the code", by title; a bold line begins another leg, in another process. */
function waysOf(text: string): readonly { readonly title: string; readonly legs: readonly (readonly string[])[] }[] {
  const [, section = ""] = /^## Four ways through the code\n([^]*?)^## /m.exec(text) ?? []
  return section
    .split(/^### /m)
    .slice(1)
    .map((way) => {
      const [title = "", ...legs] = way.split(/^\*\*.+\*\*$/m)
      return {
        title: title.split("\n")[0] ?? "",
        legs: legs.map((leg) => [...leg.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path]) => path ?? "")),
      }
    })
}

/** Whether a file uses a package that describes what crosses between processes. */
function usesWire(graph: ImportGraph, path: string): boolean {
  return [...(graph.get(path) ?? [])].some((to) => /^packages\/(?:wire|keylog|mls)\//.test(to))
}

function exists(path: string): boolean {
  return path.includes("*") ? filesOf([path]).length > 0 : existsSync(resolve(root, path))
}
