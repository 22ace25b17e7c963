// The structure of the code as tests: what may import what, how long a file may be, which words the quiet packages do without. An
// exception is a line in one of the tables below with its reason; one that is no longer needed fails as well.

import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { builtinModules, stripTypeScriptTypes } from "node:module"
import { dirname, posix } from "node:path"
import { resolve } from "node:path"
import { test } from "node:test"
import { mutations } from "../drill/mutations/index.ts"
import { folderDirections } from "./folder-directions.ts"
import { folderOrder } from "./folder-order.ts"
import { type PackageName, codeFiles, filesOf, isTest, packageJson, packageOf, packages, read, root } from "./repository.ts"
import { type Import, codeOnly, importsOf, literalsOf } from "./source-text.ts"

/** Packages of ours that a package may import. The server's blindness stands here: neither `mls` nor `client`. */
const mayImport: Readonly<Record<PackageName, readonly PackageName[]>> = {
  bytes: [],
  keylog: ["bytes"],
  wire: ["bytes"],
  mls: ["bytes", "keylog"],
  media: ["bytes"],
  client: ["bytes", "keylog", "wire", "mls", "media"],
  server: ["bytes", "keylog", "wire"],
  cli: ["client", "keylog", "wire"],
  web: ["client", "keylog", "wire"],
}

/** What the tests of a package may import besides. Never for `server`. */
const testsMayImport: Partial<Record<PackageName, readonly PackageName[]>> = {
  client: ["server"],
  cli: ["server"],
}

/** Relative imports across the border of a package, each with its reason. */
const acrossPackages: Readonly<Record<string, string>> = {
  "scripts/start.ts: ../packages/server/src/main.ts":
    "`npm start` is the server's own command, in the same process, so that signals reach it",
  "packages/cli/bin/nodoor.mjs: ../../../scripts/launch.mjs": "finds this repository's Node; the programs run from a checkout only",
  "packages/server/bin/nodoor-server.mjs: ../../../scripts/launch.mjs": "the same",
  "e2e/fixtures/words.ts: ../../packages/web/src/operator/text/catalogue.ts": "the same words of the console",
  "e2e/fixtures/words.ts: ../../packages/web/src/text/catalogue.ts":
    "the web app exports no module; tests find what people click by its words",
  "e2e/subject-notices.test.ts: ../packages/web/src/text/letter-page.ts":
    "the web app exports no module; this page is what a browser must not be misled by",
  "e2e/files.test.ts: ../packages/web/src/media/image-kind.ts":
    "the web app exports no module; what a photo is, is asked of the bytes that arrived",
  "e2e/web-bundle.test.ts: ../packages/web/scripts/size.ts": "the web app exports no module; its measure of itself is a script",
}

/** Files above 500 lines, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {
  "scripts/folder-directions.ts": "one table with a line for each import between folders",
}

/** Folders of more than 25 files, each with its reason. */
const fullFolders: Readonly<Record<string, string>> = {
  "packages/client/src/content": "one file for each content type",
}

/** Folders of quiet packages where platforms begin: there are clocks, randomness and `node:` modules, to be handed in elsewhere. */
const platformFolders = ["packages/mls/src/provider/", "packages/client/src/platform/"]
const quietPackages: readonly PackageName[] = ["bytes", "keylog", "wire", "mls", "media", "client"]

const bannedInQuiet: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, "a Clock that is handed in"],
  [/\bMath\.random\b|\bgetRandomValues\b|\brandomBytes\b|\brandomUUID\b/, "a Random that is handed in"],
  [/\bconsole\./, "an error with a code, or nothing"],
  [/[:<|,(]\s*any\b(?!\s*[:(=])|\bas any\b/, "unknown, and a decoder"],
  [/^\s*(?:export\s+)?(?:const\s+)?enum\s/m, "a union of literals"],
  [/\bnew Error\(/, "the package's coded error, or assert"],
  [/\bprocess\.|\bBuffer\./, "what every platform has"],
]

/** `path: banned word` → reason. */
const bannedExceptions: Readonly<Record<string, string>> = {}

/** What writes to a terminal. Everything else goes through `terminal.ts` of its package, which makes visible what others may have written. */
const writesToTerminal =
  /\bprocess\s*\??\.\s*std(?:out|err)\b|\bconsole\s*\.\s*(?:log|info|warn|error|debug|table|dir|trace|group)\b|\bwriteSync\(\s*[12]\b|\bdest:\s*[12]\b/
const terminalPackages: readonly PackageName[] = ["cli", "server"]
/** Files that may, each with its reason. */
const terminalFiles: Readonly<Record<string, string>> = {
  "packages/cli/src/terminal.ts": "the one place of `nodoor`",
  "packages/server/src/command/terminal.ts": "the one place of `nodoor-server`",
  "packages/server/src/core/logger.ts": "the log's lines, made visible there",
  "packages/server/src/command/closed-output.ts": "listens for readers that went away, and writes nothing",
}

/** Folders of the client with SQL: tables, the set-based queries of lists and pages, and what opens a database. */
const sqlFolders: readonly string[] = ["store", "view", "platform"]
const sql = /\b(?:SELECT|INSERT (?:OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|(?:CREATE|DROP|ALTER) TABLE|PRAGMA)\s/
/** Files that set timers, each with its reason. */
const timerFiles: Readonly<Record<string, string>> = {
  "packages/client/src/core/jobs.ts": "the scheduler",
  "packages/client/src/core/pause.ts": "waiting inside a call that is under way",
}

const vagueNames = /^(utils?|helpers?|managers?|common|misc|shared|lib)$/
const sources = new Map(codeFiles().map((path) => [path, read(path)]))
const imports = new Map([...sources].map(([path, source]) => [path, importsOf(path, source)]))
const code = new Map<string, string>()
/** A file's code without comments and texts, read once. */
function codeOf(path: string): string {
  const known = code.get(path) ?? codeOnly(path, sources.get(path) ?? "")
  code.set(path, known)
  return known
}

test("a package imports only what the table of directions allows, and the server neither mls nor client", () => {
  const wrong: string[] = []
  for (const { path, from, specifier } of ownImports()) {
    const to = packages.find((name) => specifier === `@nodoor/${name}` || specifier.startsWith(`@nodoor/${name}/`))
    if (to === undefined) wrong.push(`${path}: ${specifier} is no package of ours`)
    else if (from !== to && !allowed(from, path).includes(to)) wrong.push(`${path}: ${from} may not import ${to}`)
  }
  assert.deepEqual(wrong, [])
  assert.ok(!mayImport.server.includes("mls") && !mayImport.server.includes("client") && testsMayImport.server === undefined)
})

test("a relative import stays inside its package", () => {
  const wrong: string[] = []
  for (const { path, specifier, to } of relativeImports()) {
    const from = packageOf(path)
    if (from !== packageOf(to) && (from !== undefined || packageOf(to) !== undefined)) wrong.push(`${path}: ${specifier}`)
  }
  assert.deepEqual(wrong.toSorted(), Object.keys(acrossPackages).toSorted())
})

test("the built web app reaches nothing that is there for development", () => {
  const built = [...sources].filter(([path]) => path.startsWith("packages/web/src/") || path === "packages/web/vite.config.ts")
  const wrong = built.filter(
    ([path]) =>
      (imports.get(path) ?? []).some(({ specifier }) => /\/(?:dev|icon-source)\//.test(specifier)) ||
      /\bimport\.meta\.(?:hot|env)\b/.test(codeOf(path)),
  )
  assert.deepEqual(
    wrong.map(([path]) => path),
    ["packages/web/src/host/dev-trace.ts"],
    "one file asks whether it is being developed; e2e/web-bundle.test.ts looks that nothing of it is built",
  )
})

test("modules do not import each other in a circle, nor types of each other", () => {
  const edges = new Map<string, string[]>()
  for (const { path, to } of relativeImports()) edges.set(path, [...(edges.get(path) ?? []), to])
  assert.deepEqual(circle(edges), [])
})

test("a folder of a package imports only the folders that scripts/folder-directions.ts says", () => {
  const found = new Map<string, Set<string>>()
  for (const { path, to } of relativeImports()) {
    const [from, into] = [folderOf(path), folderOf(to)]
    if (from === undefined || into === undefined || from === into || isTest(path)) continue
    found.set(from, (found.get(from) ?? new Set()).add(into))
  }
  const present = Object.fromEntries([...found].map(([folder, others]) => [folder, [...others].toSorted()]))
  assert.deepEqual(present, folderDirections)
})

test("the account service and the delivery service of the server do not know each other, and one file puts them together", () => {
  const half = (path: string): "accounts" | "delivery" | undefined =>
    /^packages\/server\/src\/(?:accounts|store)\//.test(path)
      ? "accounts"
      : /^packages\/server\/src\/delivery\/(?:(?:log|pass|store|stream)\/|delivery-half)/.test(path)
        ? "delivery"
        : undefined
  const halves = new Map<string, Set<string>>()
  for (const { path, to } of relativeImports()) {
    const found = half(to)
    if (found === undefined || isTest(path) || path.includes("/fixtures/")) continue
    const own = half(path)
    halves.set(path, (halves.get(path) ?? new Set(own === undefined ? [] : [own])).add(found))
  }
  const both = [...halves].filter(([, found]) => found.size > 1).map(([path]) => path)
  assert.deepEqual(both.toSorted(), ["packages/server/src/index.ts", "packages/server/src/service/start-server.ts"])
})

test("the folders of a package stand in an order, in which none imports a later one, and no two import each other in a circle", () => {
  const wrong: string[] = []
  for (const [name, order] of Object.entries(folderOrder)) {
    const edges = new Map<string, string[]>()
    for (const { path, to } of relativeImports()) {
      const [from, into] = [folderOf(path), folderOf(to)]
      if (from === undefined || into === undefined || from === into || packageOf(path) !== name) continue
      if (isTest(path) || path.includes("/fixtures/") || /\/src\/(?:index|main)\.ts$/.test(path)) continue
      edges.set(from, [...(edges.get(from) ?? []), into])
      const [lower, higher] = [into, from].map((folder) => order.indexOf(folder.split("/")[1] ?? ".")) as [number, number]
      if (order.length > 0 && (lower < 0 || higher < 0 || lower > higher)) wrong.push(`${path}: ${to}`)
    }
    wrong.push(...circle(edges))
  }
  assert.deepEqual(wrong, [])
})

test("the SQL of a device stands in its store and its views, and only the scheduler sets timers", () => {
  const wrong: string[] = []
  for (const [path, source] of sources) {
    if (!path.startsWith("packages/client/src/") || isTest(path) || path.includes("/fixtures/")) continue
    const folder = path.split("/")[3] ?? ""
    if (!sqlFolders.includes(folder) && literalsOf(path, source).some((text) => sql.test(text))) wrong.push(`${path}: SQL`)
    if (timerFiles[path] === undefined && /\btimers\s*\.\s*after\b/.test(codeOnly(path, source))) wrong.push(`${path}: a timer of its own`)
  }
  assert.deepEqual(wrong, [])
})

test("a file of more than 500 lines has its reason written down", () => {
  const long = [...sources].filter(([, source]) => source.split("\n").length > 501).map(([path]) => path)
  assert.deepEqual(long.toSorted(), Object.keys(longFiles).toSorted())
})

test("a folder holds at most 25 files besides tests, so that its name still says what is in it", () => {
  const counts = new Map<string, number>()
  for (const path of sources.keys()) if (!isTest(path)) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  const full = [...counts].filter(([, count]) => count > 25).map(([folder]) => folder)
  assert.deepEqual(full, Object.keys(fullFolders))
})

test("quiet packages know no clock, randomness, console, platform or untyped value, and throw coded errors", () => {
  const found: string[] = []
  for (const path of sources.keys()) {
    if (!isQuiet(path)) continue
    const code = codeOf(path)
    for (const [word, instead] of bannedInQuiet) {
      const match = word.exec(code)
      if (match !== null) found.push(`${path}:${lineOf(code, match.index)}: ${match[0].trim()} (instead: ${instead})`)
    }
    for (const { specifier } of imports.get(path) ?? []) {
      if (specifier.startsWith("node:") || builtinModules.includes(specifier)) found.push(`${path}: ${specifier} (instead: a port)`)
    }
  }
  const unexpected = found.filter((line) => !Object.keys(bannedExceptions).some((exception) => line.startsWith(exception)))
  assert.deepEqual(unexpected, [])
  const unused = Object.keys(bannedExceptions).filter((exception) => !found.some((line) => line.startsWith(exception)))
  assert.deepEqual(unused, [], "exceptions that are no longer needed")
})

test("no command writes to a terminal but through the place that makes foreign text visible", () => {
  const found = [...sources]
    .filter(([path]) => terminalPackages.some((name) => path.startsWith(`packages/${name}/src/`)) && !isTest(path))
    .filter(([path, text]) => writesToTerminal.test(codeOf(path)) || namesTerminal(path, text))
    .map(([path]) => path)
  assert.deepEqual(found.toSorted(), Object.keys(terminalFiles).toSorted())
})

test("no bare Error is thrown in any package: bad input has a code, a bug of ours an assertion", () => {
  const found: string[] = []
  for (const path of sources.keys()) {
    if (packageOf(path) === undefined || isTest(path) || !path.includes("/src/")) continue
    const code = codeOf(path)
    const match = /\bthrow new Error\(/.exec(code)
    if (match !== null) found.push(`${path}:${lineOf(code, match.index)}`)
  }
  assert.deepEqual(found, [])
})

test("file names are kebab-case nouns that say what is inside", () => {
  const wrong: string[] = []
  for (const path of sources.keys()) {
    for (const part of path.replace(/\.(test\.)?(ts|tsx|mjs)$/, "").split("/")) {
      if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(part) || vagueNames.test(part)) wrong.push(path)
    }
  }
  assert.deepEqual(wrong, [])
})

test("there are named exports only", () => {
  const found = [...sources]
    .filter(
      ([path, source]) => !path.endsWith("vite.config.ts") && /^export default\b/m.test(source) && /^export default\b/m.test(codeOf(path)),
    )
    .map(([path]) => path)
  assert.deepEqual(found, [])
})

test("server and web are AGPL-3.0-or-later, everything else Apache-2.0, each with its text", () => {
  assert.equal(packageJson("package.json").license, "Apache-2.0")
  assert.match(read("LICENSE"), /^\s+Apache License\n\s+Version 2\.0, January 2004/)
  for (const name of packages) {
    const copyleft = name === "server" || name === "web"
    const json = packageJson(`packages/${name}/package.json`)
    assert.deepEqual([json.license, json.type, json.private], [copyleft ? "AGPL-3.0-or-later" : "Apache-2.0", "module", true], name)
    if (copyleft) assert.match(read(`packages/${name}/LICENSE`), /^\s+GNU AFFERO GENERAL PUBLIC LICENSE\n\s+Version 3, 19 November 2007/)
    else assert.equal(existsSync(resolve(root, `packages/${name}/LICENSE`)), false, `${name} is under the LICENSE of the root`)
  }
})

test("what is left to do names its issue, and no path outside the repository is named but the default place of the vectors", () => {
  const found: string[] = []
  const text = filesOf([
    "*.{md,json,ts}",
    ".ci/*",
    "docs/**/*.{md,cddl}",
    `{packages/*,sim,drill,bench,jointest,e2e,scripts}/**/*.{ts,tsx,mjs,css,html,sql,md,json}`,
  ])
  for (const path of text) {
    if (path === "package-lock.json" || path === "scripts/tidy.test.ts") continue
    const source = read(path)
    for (const pattern of [
      /\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/,
      /\.\.\/shared\b(?!\/vectors)/,
      /(?<![\w.:/-])\/(work|home|Users)\/\w+/,
    ]) {
      const match = pattern.exec(source)
      if (match !== null) found.push(`${path}:${lineOf(source, match.index)}: ${match[0]}`)
    }
  }
  assert.deepEqual(found, [])
})

test("every check that `drill --prove` takes out stands in the source exactly once, and what is left is still a program", () => {
  for (const { name, edits } of mutations) {
    const changed = new Map<string, string>()
    for (const { file, text, replacement } of edits) {
      const parts = (changed.get(file) ?? read(file)).split(text)
      assert.equal(parts.length, 2, `${name}: ${file} has ${parts.length - 1} times: ${text}`)
      changed.set(file, parts.join(replacement))
    }
    for (const [file, source] of changed)
      if (!file.endsWith(".tsx")) assert.ok(stripTypeScriptTypes(source) !== read(file), `${name}: ${file}`)
  }
})

test("the check itself sees code, and not comments, strings, templates or regular expressions", () => {
  assert.match(codeOnly("a.ts", "const a: any = 1"), /any/)
  assert.doesNotMatch(codeOnly("a.ts", '// any\nconst a = "any" /* any */ + \'any\'; x = /any"/; y = `any ${a} any`'), /any/)
  assert.match(codeOnly("a.ts", "const a = `${b as any}`"), /as any/)
  assert.match(codeOnly("a.ts", 'const a = 4 / b; c as any; d = "/"'), /as any/)
  assert.doesNotMatch(codeOnly("a.tsx", "const a = <p title='any'>any's {b /* any */}</p>"), /any/)
  assert.equal(lineOf(codeOnly("a.ts", "/*\n\n*/ any"), 9), 3)
  assert.deepEqual(literalsOf("a.ts", 'write("/dev/tty", `/dev/${name}`)'), ['"/dev/tty"', "`/dev/${", "}`"])
  const text = [
    'import type { A } from "a"',
    'import {\n  b as other,\n} from "b"',
    'import "c"',
    'export * from "d"',
    'void import("e")',
    'import { type F } from "f"',
    'export type { G } from "g"',
    'let h: import("h").H',
    'import i, * as j from "i"',
    '// import "k"',
    "const l = 'import \"l\"'",
    "void import(`m`)",
  ].join("\n")
  const found = importsOf("a.ts", text).map(
    ({ specifier, typeOnly, names }) => `${specifier} ${typeOnly ? "type" : "code"} ${names.join()}`,
  )
  assert.deepEqual(found, [
    "a type A",
    "b code b",
    "c code ",
    "d code *",
    "e code ",
    "f code F",
    "g type G",
    "h type ",
    "i code default,*",
    "m code ",
  ])
  assert.throws(() => importsOf("a.ts", "import {"), SyntaxError)
  assert.deepEqual(
    circle(
      new Map([
        ["a", ["b"]],
        ["b", ["c"]],
        ["c", ["b"]],
      ]),
    ),
    ["b", "c", "b"],
  )
})

function allowed(from: PackageName, path: string): readonly PackageName[] {
  return isTest(path) ? [...mayImport[from], ...(testsMayImport[from] ?? [])] : mayImport[from]
}

/** Imports of packages of ours, out of packages of ours. */
function* ownImports(): Generator<Import & { readonly path: string; readonly from: PackageName }> {
  for (const [path, all] of imports) {
    const from = packageOf(path)
    if (from === undefined) continue
    for (const found of all) if (found.specifier.startsWith("@nodoor/")) yield { ...found, path, from }
  }
}

function* relativeImports(): Generator<Import & { readonly path: string; readonly to: string }> {
  for (const [path, all] of imports) {
    for (const found of all) {
      if (found.specifier.startsWith(".")) yield { ...found, path, to: posix.join(dirname(path), found.specifier) }
    }
  }
}

/** `server/keylog` for `packages/server/src/keylog/sequencer.ts`; undefined outside `src`. */
function folderOf(path: string): string | undefined {
  const [, name, inside] = /^packages\/([^/]+)\/src((?:\/[^/]+)*)\/[^/]+$/.exec(path) ?? []
  return name === undefined ? undefined : `${name}${inside}`
}

function isQuiet(path: string): boolean {
  const name = packageOf(path)
  if (name === undefined || !quietPackages.includes(name) || !path.includes("/src/") || isTest(path)) return false
  return !platformFolders.some((folder) => path.startsWith(folder))
}

/** Takes a standard stream from `node:process`, or names one as a file. */
function namesTerminal(path: string, source: string): boolean {
  const fromProcess = (imports.get(path) ?? []).filter(({ specifier }) => specifier === "node:process" || specifier === "process")
  return (
    fromProcess.some(({ names }) => names.some((name) => name === "stdout" || name === "stderr")) ||
    literalsOf(path, source).some((text) => /\/dev\/(?:std|tty|fd)/.test(text))
  )
}

function lineOf(source: string, index: number): number {
  return source.slice(0, index).split("\n").length
}

/** A path that returns to where it began, or nothing. */
function circle(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const walk = (node: string, trail: readonly string[]): string[] => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node]
    if (done.has(node)) return []
    for (const next of edges.get(node) ?? []) {
      const found = walk(next, [...trail, node])
      if (found.length > 0) return found
    }
    done.add(node)
    return []
  }
  for (const node of edges.keys()) {
    const found = walk(node, [])
    if (found.length > 0) return found
  }
  return []
}
