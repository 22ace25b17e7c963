// `npm run build`: builds the web app from nothing and measures what a first visit loads. Fails when the page's JavaScript exceeds its
// budget. The worker's code is listed beside it: it loads after the first paint.

import { readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { build } from "vite"
import { filesOf, root } from "./repository.ts"

/** JavaScript of the page, gzip: what a slow phone loads and compiles before anything shows. */
const pageBudgetBytes = 150_000

const web = resolve(root, "packages/web")
await build({ root: web, configFile: resolve(web, "vite.config.ts"), logLevel: "warn" })

const dist = resolve(web, "dist")
const page = readFileSync(resolve(dist, "index.html"), "utf8")
const loaded = new Set<string>()
for (const [, path = ""] of page.matchAll(/<(?:script|link)[^>]+(?:src|href)="\/(assets\/[^"]+\.js)"/g)) follow(path)

let pageBytes = 0
for (const path of filesOf(["packages/web/dist/**/*.{js,css,wasm,woff2}"], { built: true })) {
  const content = readFileSync(resolve(root, path))
  const sizeBytes = gzipSync(content, { level: 9 }).length
  const isPage = loaded.has(path.replace("packages/web/dist/", ""))
  if (isPage) pageBytes += sizeBytes
  process.stdout.write(`${String(sizeBytes).padStart(9)} bytes gzip  ${basename(path)}${isPage ? "  (first load)" : ""}\n`)
}
process.stdout.write(`first load: ${pageBytes} of at most ${pageBudgetBytes} bytes of JavaScript\n`)
if (loaded.size === 0 || pageBytes > pageBudgetBytes) process.exitCode = 1

/** Takes in a script and everything it imports statically. */
function follow(path: string): void {
  if (loaded.has(path)) return
  loaded.add(path)
  const code = readFileSync(resolve(dist, path), "utf8")
  for (const [, specifier = ""] of code.matchAll(/\b(?:import|from)\s*"\.\/([^"]+\.js)"/g)) follow(`assets/${specifier}`)
}
