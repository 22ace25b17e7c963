// The repository as files, for the tests that check its structure: which files there are, and what the package.json files ask for.

import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"

export const root: string = resolve(import.meta.dirname, "..")

/** The packages in the order in which they may build on each other. */
export const packages = ["bytes", "keylog", "wire", "mls", "media", "client", "server", "cli", "web"] as const
export type PackageName = (typeof packages)[number]

/** Folders outside packages that hold code of ours. They may use every package. */
const wholeSystemFolders = ["sim", "drill", "bench", "jointest", "e2e", "scripts"]

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

/** The package.json files of ours, as patterns of `filesOf`. */
export const packageJsonFiles: readonly string[] = [
  "package.json",
  "packages/*/package.json",
  "bench/peers/package.json",
  "packages/web/emoji-source/package.json",
  "packages/web/icon-source/package.json",
]

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
