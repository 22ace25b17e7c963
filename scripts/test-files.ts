// Which test files there are.

import { globSync } from "node:fs"
import { resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")
const patterns = [
  "packages/*/**/*.test.ts",
  "scripts/**/*.test.ts",
  "sim/**/*.test.ts",
  "drill/**/*.test.ts",
  "bench/**/*.test.ts",
  "jointest/**/*.test.ts",
]

/** Paths from the root: beside the code in packages, and at any depth in the whole-system folders. Those take longest and come first. */
export function testFiles(): string[] {
  return globSync(patterns, { cwd: root, exclude: (path) => path.includes("node_modules") || path.endsWith("dist") }).toSorted(
    (a, b) => Number(isInPackage(a)) - Number(isInPackage(b)) || (a < b ? -1 : 1),
  )
}

/** Those whose path contains one of the words. */
export function testFilesNamed(words: readonly string[]): string[] {
  return testFiles().filter((path) => words.some((word) => path.includes(word)))
}

function isInPackage(path: string): boolean {
  return path.startsWith("packages/")
}
