// What of the engine reaches a browser, in bytes of gzip: the script of engine and provider, and libsodium's WebAssembly beside it.

import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"

export interface BundleSize {
  readonly scriptBytes: number
  readonly wasmBytes: number
}

export async function bundleSize(): Promise<BundleSize> {
  const entry = "\0entry"
  const modules = ["@nodoor/mls", "@nodoor/mls/browser"].map((name) => fileURLToPath(import.meta.resolve(name)))
  const build = await rolldown({
    input: entry,
    platform: "browser",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? modules.map((path) => `export * from ${JSON.stringify(path)}`).join("\n") : undefined),
      },
    ],
  })
  const { output } = await build.generate({ format: "esm", minify: true, codeSplitting: false })
  await build.close()
  const compressed = (bytes: string | Uint8Array): number => gzipSync(bytes, { level: 9 }).length
  const wasm = readFileSync(new URL("libsodium.wasm", import.meta.resolve("@nodoor/mls/browser")))
  return { scriptBytes: compressed(output[0].code), wasmBytes: compressed(wasm) }
}
