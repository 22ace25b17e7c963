import { readFileSync } from "node:fs"
import type * as OpenMls from "openmls-wasm"
// @ts-expect-error the package describes its entry only, which expects a bundler; this is what the entry exports again
import * as untyped from "openmls-wasm/openmls_wasm_bg.js"

interface Bindings {
  __wbg_set_wasm(exports: unknown): void
}
interface Instantiate {
  instantiate(wasm: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: { __wbindgen_start(): void } } }>
}

/** openmls-wasm, instantiated by hand. */
export async function loadOpenMls(): Promise<typeof OpenMls> {
  const bindings = untyped as unknown as Bindings & typeof OpenMls
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Instantiate }
  const wasm = readFileSync(new URL(import.meta.resolve("openmls-wasm/openmls_wasm_bg.wasm")))
  const { instance } = await WebAssembly.instantiate(wasm, { "./openmls_wasm_bg.js": bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return bindings
}
