// Which test files there are, and which of them `npm test` leaves out.

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

/**
 * Whole worlds for minutes of theirs, and files that take five seconds of the processor and more where another one of their area stays in:
 * `.ci/run` runs them after the others.
 */
export const longerTests: readonly string[] = [
  "bench/client.test.ts",
  "bench/healing.test.ts",
  "bench/link.test.ts",
  "bench/renewal.test.ts",
  "bench/second-device.test.ts",
  "bench/server.test.ts",
  "drill/held.test.ts",
  "drill/renewal.test.ts",
  "packages/cli/src/link-integration.test.ts",
  "packages/cli/src/proxy.test.ts",
  "sim/account-deletion.test.ts",
  "sim/failing-store.test.ts",
  "sim/healing.test.ts",
  "sim/hostile-member/removed-device.test.ts",
  "sim/hostile-member/stale-invitation.test.ts",
  "sim/linking-faults.test.ts",
  "sim/recovery.test.ts",
  "sim/successor/comes-back.test.ts",
  "sim/successor/creators.test.ts",
  "sim/sync.test.ts",
  "sim/transparency/clocks.test.ts",
  "sim/transparency/restored-place.test.ts",
  "sim/world/world.test.ts",
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
