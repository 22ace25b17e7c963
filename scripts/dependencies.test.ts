// What the package.json files ask for, against what the code imports, and the lock file against what `npm ci` needs of it.

import assert from "node:assert/strict"
import { dirname } from "node:path"
import { test } from "node:test"
import { codeFiles, filesOf, isTest, packageJson, packageJsonFiles, packageOf, packages, read, requirementsOf } from "./repository.ts"
import { importsOf, literalsOf } from "./source-text.ts"

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

const sources = new Map(codeFiles().map((path) => [path, read(path)]))
const imports = new Map([...sources].map(([path, source]) => [path, importsOf(path, source)]))
const literals = new Map([...sources].map(([path, source]) => [path, literalsOf(path, source)]))

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

/** Name of the package behind an import: `@noble/hashes` for `@noble/hashes/sha2.js`; undefined for relative and node's own. */
function dependencyOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:") || specifier.startsWith("virtual:")) return undefined
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
}
