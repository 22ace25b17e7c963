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
import {
  type PackageName,
  codeFiles,
  filesOf,
  isTest,
  packageJson,
  packageJsonFiles,
  packageOf,
  packages,
  read,
  requirementsOf,
  root,
} from "./repository.ts"
import { type Import, codeOnly, importsOf, literalsOf } from "./source-text.ts"

/** Packages of ours that a package may import. The server's blindness stands here: neither `mls` nor `client`. */
const mayImport: Readonly<Record<PackageName, readonly PackageName[]>> = {
  bytes: [],
  keylog: ["bytes"],
  wire: ["bytes"],
  mls: ["bytes", "keylog"],
  client: ["bytes", "keylog", "wire", "mls"],
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
  "e2e/web-bundle.test.ts: ../packages/web/scripts/size.ts": "the web app exports no module; its measure of itself is a script",
}

/** What is asked for and never imported by code of ours, each with who uses it. */
const tools: Readonly<Record<string, string>> = {
  "@types/node": "the type checker",
  "@types/nodemailer": "the type checker",
  "@types/ws": "the type checker",
  oxfmt: "npm run format",
  oxlint: "npm run lint",
  "oxlint-tsgolint": "oxlint --type-aware",
  typescript: "npm run check",
}

/** Files above 500 lines, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {}

/** Folders of quiet packages where platforms begin: there are clocks, randomness and `node:` modules, to be handed in elsewhere. */
const platformFolders = ["packages/mls/src/provider/", "packages/client/src/platform/"]
const quietPackages: readonly PackageName[] = ["bytes", "keylog", "wire", "mls", "client"]

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

const vagueNames = /^(utils?|helpers?|managers?|common|misc|shared|lib)$/
const sources = new Map(codeFiles().map((path) => [path, read(path)]))
const imports = new Map([...sources].map(([path, source]) => [path, importsOf(path, source)]))
const literals = new Map([...sources].map(([path, source]) => [path, literalsOf(path, source)]))

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
    ([path, source]) =>
      (imports.get(path) ?? []).some(({ specifier }) => /\/(?:dev|icon-source)\//.test(specifier)) ||
      /\bimport\.meta\.(?:hot|env)\b/.test(codeOnly(path, source)),
  )
  assert.deepEqual(
    wrong.map(([path]) => path),
    [],
  )
})

test("what a package imports from others stands in its package.json", () => {
  const wrong: string[] = []
  const rootNames = new Set(requirementsOf(packageJson("package.json")).map(([name]) => name))
  for (const name of packages) {
    const own = new Set(requirementsOf(packageJson(`packages/${name}/package.json`)).map(([required]) => required))
    for (const [path, found] of imports) {
      if (packageOf(path) !== name) continue
      for (const { specifier, typeOnly } of found) {
        const dependency = dependencyOf(specifier)
        if (dependency === undefined || own.has(dependency) || dependency === `@nodoor/${name}`) continue
        if ((isTest(path) || typeOnly || !path.includes("/src/")) && (rootNames.has(dependency) || dependency.startsWith("@nodoor/")))
          continue
        wrong.push(`${path}: ${dependency}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test("what the folders beside the packages import stands in a package.json of ours, and Vite brings the same bundler", () => {
  const asked = new Set(filesOf(packageJsonFiles).flatMap((path) => requirementsOf(packageJson(path)).map(([name]) => name)))
  const wrong: string[] = []
  for (const [path, found] of imports) {
    if (packageOf(path) !== undefined) continue
    for (const { specifier } of found) {
      const dependency = dependencyOf(specifier)
      if (dependency !== undefined && !dependency.startsWith("@nodoor/") && !asked.has(dependency)) wrong.push(`${path}: ${dependency}`)
    }
  }
  assert.deepEqual(wrong, [])
  const { packages: installed } = JSON.parse(read("package-lock.json")) as { packages: Record<string, unknown> }
  assert.deepEqual(
    Object.keys(installed).filter((place) => place.endsWith("node_modules/rolldown")),
    ["node_modules/rolldown"],
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

test("what a package.json asks for is imported beside it, named by a text or a style there, or is a tool that the table names", () => {
  const unused: string[] = []
  for (const path of filesOf(packageJsonFiles)) {
    const isBeside = (file: string): boolean => path === "package.json" || file.startsWith(`${dirname(path)}/`)
    const imported = new Set(
      [...imports].flatMap(([file, found]) => (isBeside(file) ? found.map(({ specifier }) => dependencyOf(specifier)) : [])),
    )
    const texts = [...literals].flatMap(([file, found]) => (isBeside(file) ? found : []))
    const styles = filesOf(["packages/*/src/**/*.css"]).filter(isBeside).map(read)
    const isNamed = (name: string): boolean => [...texts, ...styles].some((text) => new RegExp(`["'\`/]${name}["'\`/]`).test(text))
    for (const [name] of requirementsOf(packageJson(path)))
      if (!imported.has(name) && tools[name] === undefined && !isNamed(name)) unused.push(`${path}: ${name}`)
  }
  assert.deepEqual(unused, [])
})

test("a file of more than 500 lines has its reason written down", () => {
  const long = [...sources].filter(([, source]) => source.split("\n").length > 501).map(([path]) => path)
  assert.deepEqual(long.toSorted(), Object.keys(longFiles).toSorted())
})

test("quiet packages know no clock, randomness, console, platform or untyped value, and throw coded errors", () => {
  const found: string[] = []
  for (const [path, source] of sources) {
    if (!isQuiet(path)) continue
    const code = codeOnly(path, source)
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
    .filter(([path, text]) => writesToTerminal.test(codeOnly(path, text)) || namesTerminal(path))
    .map(([path]) => path)
  assert.deepEqual(found.toSorted(), Object.keys(terminalFiles).toSorted())
})

test("no bare Error is thrown in any package: bad input has a code, a bug of ours an assertion", () => {
  const found: string[] = []
  for (const [path, source] of sources) {
    if (packageOf(path) === undefined || isTest(path) || !path.includes("/src/")) continue
    const code = codeOnly(path, source)
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
    .filter(([path, source]) => !path.endsWith("vite.config.ts") && /^export default\b/m.test(codeOnly(path, source)))
    .map(([path]) => path)
  assert.deepEqual(found, [])
})

test("every version is pinned exactly, and packages of ours are taken from the workspace", () => {
  const loose: string[] = []
  for (const path of filesOf(packageJsonFiles)) {
    for (const [name, version] of requirementsOf(packageJson(path))) {
      const exact = name.startsWith("@nodoor/") ? version === "*" : /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)
      if (!exact) loose.push(`${path}: ${name} ${version}`)
    }
  }
  assert.deepEqual(loose, [])
})

test("the lock file holds every optional package of every platform, so that npm ci works from a fresh clone", () => {
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { optionalDependencies?: object; gypfile?: boolean }> }
  const missing: string[] = []
  for (const [place, { optionalDependencies }] of Object.entries(lock.packages)) {
    for (const name of Object.keys(optionalDependencies ?? {})) {
      if (!Object.hasOwn(lock.packages, `node_modules/${name}`) && !Object.hasOwn(lock.packages, `${place}/node_modules/${name}`))
        missing.push(`${place}: ${name}`)
    }
  }
  assert.deepEqual(missing, [], "make the lock file anew in a folder without node_modules: npm install --package-lock-only")
  const sqlite = lock.packages["node_modules/better-sqlite3-multiple-ciphers"]
  assert.equal(
    sqlite?.gypfile,
    false,
    'npm drops `"gypfile": false` when it rewrites the lock; without it, older npm compiles what comes compiled',
  )
})

/** Packages whose line `engines` is left out of the lock file: they say what runs them, and only this repository's own Node does. Each with its reason. */
const runByOwnNode: Readonly<Record<string, string>> = {
  "node_modules/better-sqlite3-multiple-ciphers":
    "asks for Node 22; the launcher starts Node 26, and npm ci on Node 20 would warn of nothing that can go wrong",
}

test("npm ci on the oldest Node that we name warns of no package, and the Node that runs them suits them all", () => {
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { engines?: { node?: string }; optional?: boolean }> }
  const [oldest, own] = [suits("20.19.0"), suits(packageJson("package.json").devDependencies?.["node"] ?? "")]
  const required = Object.entries(lock.packages).filter(([, { optional }]) => optional !== true)
  assert.deepEqual(
    required.filter(([, { engines }]) => !oldest(engines?.node ?? "*")).map(([place]) => place),
    [],
  )
  for (const [place] of required.filter(([path]) => path.includes("node_modules/"))) {
    const { engines } = JSON.parse(read(`${place}/package.json`)) as { engines?: { node?: string } }
    assert.ok(own(engines?.node ?? "*"), `${place} does not run on our Node`)
    assert.equal(
      !oldest(engines?.node ?? "*"),
      Object.hasOwn(runByOwnNode, place),
      `${place}: its reason stands above, or is no longer needed`,
    )
  }
})

/** Whether a version is in a range as packages write them: alternatives of comparators. */
function suits(version: string): (range: string) => boolean {
  const parts = (text: string): readonly number[] => text.split(".").map((part) => Number.parseInt(part, 10) || 0)
  const wanted = parts(version)
  const compare = (other: readonly number[]): number =>
    [0, 1, 2].map((at) => (wanted[at] ?? 0) - (other[at] ?? 0)).find((difference) => difference !== 0) ?? 0
  const holds = (comparator: string): boolean => {
    const [, sign = "", text = ""] = /^([<>=^~]*)\s*v?([\dx*.]*)$/.exec(comparator) ?? []
    const other = parts(text)
    if (text === "" || text === "*") return true
    if (sign === ">=" || sign === ">") return compare(other) >= 0
    if (sign === "<" || sign === "<=") return compare(other) < 0
    return wanted[0] === other[0] && compare(other) >= 0
  }
  return (range) =>
    range
      .replaceAll(/([<>=^~])\s+/g, "$1")
      .split("||")
      .some((all) => all.trim().split(/\s+/).every(holds))
}

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
    `{packages/*,sim,drill,bench,e2e,scripts}/**/*.{ts,tsx,mjs,css,html,sql,md,json}`,
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

/** Name of the package behind an import: `@noble/hashes` for `@noble/hashes/sha2.js`; undefined for relative and node's own. */
function dependencyOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier.startsWith("virtual:")) return undefined
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
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
function namesTerminal(path: string): boolean {
  const fromProcess = (imports.get(path) ?? []).filter(({ specifier }) => specifier === "node:process" || specifier === "process")
  return (
    fromProcess.some(({ names }) => names.some((name) => name === "stdout" || name === "stderr")) ||
    (literals.get(path) ?? []).some((text) => /\/dev\/(?:std|tty|fd)/.test(text))
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
