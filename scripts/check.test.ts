// Type errors, lint findings and unformatted files are test failures: `npm test` is the one command that says whether the repository is sound.

import { execFile } from "node:child_process"
import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { resolve } from "node:path"
import { test } from "node:test"

const root = resolve(import.meta.dirname, "..")

const projects = globSync(["tsconfig.json", "packages/*/tsconfig*.json"], { cwd: root })

for (const project of projects.toSorted()) {
  test(`${project} type-checks`, async () => {
    await passes("tsc", ["-p", project, "--noEmit"])
  })
}

test("the linter finds nothing", async () => {
  await passes("oxlint", ["--type-aware"])
})

test("everything is formatted: npm run format", async () => {
  await passes("oxfmt", ["--check"])
})

/** Runs a tool of node_modules and fails with its whole output. */
async function passes(tool: string, args: readonly string[]): Promise<void> {
  const output = await new Promise<string | undefined>((settle) => {
    execFile(resolve(root, "node_modules/.bin", tool), args, { cwd: root, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      settle(error === null ? undefined : `${stdout}${stderr}`)
    })
  })
  if (output !== undefined) assert.fail(`${tool} ${args.join(" ")}\n${output}`)
}
