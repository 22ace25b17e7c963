// What a first visit loads, as it goes over the wire: `node packages/web/scripts/size.ts` after a build. Fails above the limit.

import { globSync, readFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import process from "node:process"
import { gzipSync } from "node:zlib"

/** JavaScript of the page, gzip, before the worker: what stands between a stranger and the first picture. */
export const maxPageScriptBytes = 150_000

export interface Size {
  readonly file: string
  readonly part: "page" | "worker" | "webassembly" | "style" | "font" | "other"
  readonly bytes: number
  readonly gzipBytes: number
}

/** Sizes of the built assets, largest first. */
export function assetSizes(dist: string): readonly Size[] {
  return globSync("{index.html,assets/*}", { cwd: dist })
    .map((file): Size => {
      const content = readFileSync(resolve(dist, file))
      return { file, part: partOf(basename(file)), bytes: content.length, gzipBytes: gzipSync(content).length }
    })
    .toSorted((a, b) => b.gzipBytes - a.gzipBytes)
}

export function pageScriptBytes(sizes: readonly Size[]): number {
  return sizes.filter((size) => size.part === "page").reduce((sum, size) => sum + size.gzipBytes, 0)
}

function partOf(name: string): Size["part"] {
  if (name.endsWith(".wasm")) return "webassembly"
  if (name.endsWith(".css")) return "style"
  if (name.endsWith(".woff2")) return "font"
  if (!name.endsWith(".js")) return "other"
  return name.startsWith("worker-") ? "worker" : "page"
}

if (import.meta.main) {
  const sizes = assetSizes(resolve(import.meta.dirname, "../dist"))
  for (const size of sizes)
    process.stdout.write(
      `${size.part.padEnd(12)} ${String(size.bytes).padStart(9)} B ${String(size.gzipBytes).padStart(9)} B gzip  ${size.file}\n`,
    )
  const bytes = pageScriptBytes(sizes)
  process.stdout.write(`page script  ${bytes} B gzip of ${maxPageScriptBytes}\n`)
  if (sizes.length === 0 || bytes > maxPageScriptBytes) process.exitCode = 1
}
