// `npm start`: builds the web app if it is missing or older than its sources, then runs the server in this process.

import { spawnSync } from "node:child_process"
import { existsSync, globSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, resolve } from "node:path"
import process from "node:process"

const root = resolve(import.meta.dirname, "..")
const web = resolve(root, "packages/web")
/** What the bundle is made of. */
const sources = [
  "packages/{bytes,keylog,wire,mls,media,client,web}/src/**/*",
  "packages/web/{index.html,operator.html,vite.config.ts,public/**/*}",
  "package-lock.json",
]

if (isStale()) build()
await import("../packages/server/src/main.ts")

function isStale(): boolean {
  const page = resolve(web, "dist/index.html")
  if (!existsSync(page)) return true
  const builtMs = statSync(page).mtimeMs
  return globSync(sources, { cwd: root }).some((path) => !path.endsWith(".test.ts") && statSync(resolve(root, path)).mtimeMs > builtMs)
}

function build(): void {
  process.stderr.write("building the web app\n")
  const vite = resolve(dirname(createRequire(resolve(web, "package.json")).resolve("vite/package.json")), "bin/vite.js")
  const done = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: web, stdio: ["ignore", 2, 2] })
  if (done.status !== 0) process.stderr.write("the web app could not be built; the server starts without it, for the CLI and bots\n")
}
