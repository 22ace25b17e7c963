// The repository as text, for the tests that check its structure: which files there are, and their code without comments and strings.

import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"

export const root: string = resolve(import.meta.dirname, "..")

/** The packages in the order in which they may build on each other. */
export const packages = ["bytes", "keylog", "wire", "mls", "client", "server", "cli", "web"] as const
export type PackageName = (typeof packages)[number]

/** Folders outside packages that hold code of ours. They may use every package. */
const wholeSystemFolders = ["sim", "drill", "bench", "e2e", "scripts"]

const generated = /(^|\/)(node_modules|dist|\.git|\.data|\.nodoor)(\/|$)/

/** Paths of files of ours, relative to the root, with forward slashes. Patterns as in `fs.globSync`. */
export function filesOf(patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: root, exclude: (path) => generated.test(path) })
    .filter((path) => !generated.test(path))
    .toSorted()
}

/** Every TypeScript file of ours, tests among them. */
export function codeFiles(): string[] {
  return filesOf([`{packages/*,${wholeSystemFolders.join(",")}}/**/*.{ts,tsx,mjs}`])
}

export function read(path: string): string {
  return readFileSync(resolve(root, path), "utf8")
}

/** Tests, and what only tests use: worlds and devices for them, vectors, proofs. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || /(^|\/)(fixtures|test|vectors|interop)\//.test(path)
}

/** `bytes` for `packages/bytes/src/tls.ts`, undefined outside packages. */
export function packageOf(path: string): PackageName | undefined {
  const name = /^packages\/([^/]+)\//.exec(path)?.[1]
  return packages.find((known) => known === name)
}

export interface PackageJson {
  readonly name: string
  readonly license?: string
  readonly private?: boolean
  readonly type?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

export function packageJson(path: string): PackageJson {
  return JSON.parse(read(path)) as PackageJson
}

/** Name and version of everything a package.json asks for, ours and others'. */
export function requirementsOf(json: PackageJson): readonly (readonly [name: string, version: string])[] {
  const groups = [json.dependencies, json.devDependencies, json.optionalDependencies, json.peerDependencies]
  return groups.flatMap((group) => Object.entries(group ?? {}))
}

export interface Import {
  readonly specifier: string
  /** Erased when the code runs: `import type`, `export type … from`. */
  readonly typeOnly: boolean
}

const importStatement = /^(?:import|export)\s+(type\s)?(?:[^"'`;]*?\sfrom\s+)?["']([^"']+)["']/gm
const dynamicImport = /\bimport\(\s*["']([^"']+)["']\s*\)/g

/** What a source file imports, statically or dynamically. */
export function importsOf(source: string): Import[] {
  const found: Import[] = []
  for (const match of source.matchAll(importStatement)) found.push({ specifier: match[2] ?? "", typeOnly: match[1] !== undefined })
  for (const match of source.matchAll(dynamicImport)) found.push({ specifier: match[1] ?? "", typeOnly: false })
  return found
}

const tokens = new RegExp(
  [
    String.raw`\/\/[^\n]*`, // line comment
    String.raw`\/\*[\s\S]*?\*\/`, // block comment
    String.raw`"(?:\\.|[^"\\\n])*"`,
    String.raw`'(?:\\.|[^'\\\n])*'`,
    String.raw`(?<=[(,=:[!&|?{};\n]\s*|\breturn\s+)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*`, // regular expression
  ].join("|"),
  "g",
)

/** The code of a file: comments, strings and regular expressions are blanked, line numbers stay. Template texts stay, as they hold code. */
export function codeOnly(source: string): string {
  return source.replace(tokens, (token) => token.replace(/[^\n]/g, " "))
}
