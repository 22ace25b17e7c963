// The shipped bundle: small before the worker, the same bytes wherever it is built, and nothing in it that the policy forbids.

import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import process from "node:process"
import { test } from "node:test"
import { assetSizes, consoleScriptBytes, maxConsoleScriptBytes, maxPageScriptBytes, pageScriptBytes } from "../packages/web/scripts/size.ts"

const web = resolve(import.meta.dirname, "../packages/web")
const dist = resolve(web, "dist")

test("a first visit loads at most 150 kB of JavaScript before the worker", (t) => {
  const sizes = assetSizes(dist)
  const bytes = pageScriptBytes(sizes)
  t.diagnostic(`${bytes} bytes gzip`)
  assert.ok(bytes > 10_000 && bytes <= maxPageScriptBytes, `${bytes} bytes`)
})

test("the operator's console loads at most 100 kB of JavaScript, and the messenger none of it", (t) => {
  const sizes = assetSizes(dist)
  const bytes = consoleScriptBytes(dist, sizes)
  t.diagnostic(`${bytes} bytes gzip`)
  assert.ok(bytes > 10_000 && bytes <= maxConsoleScriptBytes, `${bytes} bytes`)
  const own = sizes.filter(({ part }) => part === "console").map(({ file }) => file)
  assert.equal(own.length, 1)
  for (const file of own) assert.ok(!readFileSync(join(dist, "index.html"), "utf8").includes(file))
})

test("the pages hold no inline script or style, and nothing of the made-up device and server or of the development server", () => {
  for (const name of ["index.html", "operator.html"]) {
    const page = readFileSync(join(dist, name), "utf8")
    assert.doesNotMatch(page, /<script(?![^>]* src=)/)
    assert.doesNotMatch(page, /<style|style=|@vite/)
  }
  for (const file of globSync("assets/*.js", { cwd: dist }))
    assert.doesNotMatch(
      readFileSync(join(dist, file), "utf8"),
      /Mira Lindqvist|Ines Calloway|@vite|vite-hmr|import\.meta\.(?:hot|env)|NODOOR_TRACE|script-src[^"]*unsafe-inline/,
      file,
    )
})

test("the icons are the committed sprite, byte for byte", () => {
  const [shipped, ...others] = globSync("assets/sprite-*.svg", { cwd: dist })
  assert.ok(shipped !== undefined && others.length === 0)
  assert.ok(readFileSync(join(dist, shipped)).equals(readFileSync(join(web, "src/icon/sprite.svg"))))
})

test("another time zone, language, user and folder give the same bytes", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-bundle-"))
  try {
    build(join(folder, "one"), { TZ: "UTC", LANG: "C", USER: "somebody" })
    build(join(folder, "two/of them"), { TZ: "Pacific/Chatham", LANG: "tr_TR.UTF-8", USER: "somebody-else" })
    assert.ok(Object.keys(hashes(join(folder, "one"))).length > 5)
    assert.deepEqual(hashes(join(folder, "one")), hashes(join(folder, "two/of them")))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

function build(folder: string, env: Readonly<Record<string, string>>): void {
  const vite = resolve(dirname(createRequire(resolve(web, "package.json")).resolve("vite/package.json")), "bin/vite.js")
  const done = spawnSync(process.execPath, [vite, "build", "--logLevel", "error", "--emptyOutDir", "--outDir", folder], {
    cwd: web,
    env: { PATH: process.env["PATH"], HOME: tmpdir(), ...env },
    stdio: ["ignore", 2, 2],
  })
  assert.equal(done.status, 0)
}

function hashes(folder: string): Readonly<Record<string, string>> {
  const files = globSync("**/*", { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile())
  return Object.fromEntries(
    files.toSorted().map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    ]),
  )
}
