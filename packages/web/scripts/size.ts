// What a first visit to each page loads, as it goes over the wire: `node packages/web/scripts/size.ts` after a build. Fails above the limits.

import { globSync, readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import process from "node:process"
import { gzipSync } from "node:zlib"

/** JavaScript of the page, gzip, before the worker: what stands between a stranger and the first picture. */
export const maxPageScriptBytes = 150_000
/** The same for the operator's console. */
export const maxConsoleScriptBytes = 100_000

export interface Size {
  readonly file: string
  /**
   * `page`: what the messenger's page names, and what both pages load. `console`: loaded by the operator's console only. `later`: loaded when
   * somebody first needs it, such as the list of emoji.
   */
  readonly part: "page" | "later" | "console" | "worker" | "webassembly" | "style" | "font" | "other"
  readonly bytes: number
  readonly gzipBytes: number
}

/** Sizes of the built assets, largest first. */
export function assetSizes(dist: string): readonly Size[] {
  const messenger = scriptsOf(dist, "index.html")
  const consoleOnly = scriptsOf(dist, "operator.html").filter((file) => !messenger.includes(file))
  return globSync("{index.html,operator.html,assets/*}", { cwd: dist })
    .map((file): Size => {
      const content = readFileSync(resolve(dist, file))
      return {
        file,
        part: consoleOnly.includes(file) ? "console" : partOf(file, messenger),
        bytes: content.length,
        gzipBytes: gzipSync(content).length,
      }
    })
    .toSorted((a, b) => b.gzipBytes - a.gzipBytes)
}

export function pageScriptBytes(sizes: readonly Size[]): number {
  return sizes.filter((size) => size.part === "page").reduce((sum, size) => sum + size.gzipBytes, 0)
}

/** What the console loads: its own scripts and those of both pages. */
export function consoleScriptBytes(dist: string, sizes: readonly Size[]): number {
  const loaded = scriptsOf(dist, "operator.html")
  return sizes.filter(({ file }) => loaded.includes(file)).reduce((sum, size) => sum + size.gzipBytes, 0)
}

/** The scripts that a page names: its own and those that it imports. */
function scriptsOf(dist: string, page: string): readonly string[] {
  return Array.from(
    readFileSync(resolve(dist, page), "utf8").matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g),
    ([, file]) => file as string,
  )
}

function partOf(file: string, messenger: readonly string[]): Size["part"] {
  const name = basename(file)
  if (name.endsWith(".wasm")) return "webassembly"
  if (name.endsWith(".css")) return "style"
  if (name.endsWith(".woff2")) return "font"
  if (!name.endsWith(".js")) return "other"
  if (name.startsWith("worker-")) return "worker"
  return messenger.includes(file) ? "page" : "later"
}

if (import.meta.main) {
  const dist = resolve(import.meta.dirname, "../dist")
  const sizes = assetSizes(dist)
  for (const size of sizes)
    process.stdout.write(
      `${size.part.padEnd(12)} ${String(size.bytes).padStart(9)} B ${String(size.gzipBytes).padStart(9)} B gzip  ${size.file}\n`,
    )
  const bytes = pageScriptBytes(sizes)
  const consoleBytes = consoleScriptBytes(dist, sizes)
  process.stdout.write(`page script  ${bytes} B gzip of ${maxPageScriptBytes}\n`)
  process.stdout.write(`console      ${consoleBytes} B gzip of ${maxConsoleScriptBytes}\n`)
  if (sizes.length === 0 || bytes > maxPageScriptBytes || consoleBytes > maxConsoleScriptBytes) process.exitCode = 1
}
