// openmls-wasm 0.1.0, as far as it goes: a founder can add one member at a time, members cannot process an add, and nobody can
// commit anything else. So only its messages, its joining, and the founder's add can be measured; all state is in its memory.

import { readFileSync } from "node:fs"
import type * as OpenMls from "openmls-wasm"
// @ts-expect-error the package describes its entry only, which expects a bundler; this is what the entry exports again
import * as untyped from "openmls-wasm/openmls_wasm_bg.js"
import { type Contender, type Prepared, plaintext64 } from "./contender.ts"

interface Bindings {
  __wbg_set_wasm(exports: unknown): void
}
interface Instantiate {
  instantiate(wasm: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: { __wbindgen_start(): void } } }>
}

let loaded: Promise<typeof OpenMls> | undefined

/** Once only: the bindings keep the instance in a variable of their module. */
function load(): Promise<typeof OpenMls> {
  return (loaded ??= instantiate())
}

async function instantiate(): Promise<typeof OpenMls> {
  const bindings = untyped as unknown as Bindings & typeof OpenMls
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: Instantiate }
  const wasm = readFileSync(new URL(import.meta.resolve("openmls-wasm/openmls_wasm_bg.wasm")))
  const { instance } = await WebAssembly.instantiate(wasm, { "./openmls_wasm_bg.js": bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return bindings
}

export async function openMls(): Promise<Contender> {
  const openmls = await load()
  return {
    name: "openmls-wasm 0.1.0, X25519",
    async prepare(size: number): Promise<Prepared | undefined> {
      // One add of each member by itself, each a commit: beyond this it takes longer than all the rest of the benchmark.
      if (size > 256) return undefined
      const provider = new openmls.Provider()
      const founder = new openmls.Identity(provider, "founder")
      const group = openmls.Group.create_new(provider, founder, "bench")
      let last: { readonly welcome: Uint8Array; readonly commitBytes: number } | undefined
      for (let i = 1; i < size; i++) {
        const member = new openmls.Identity(provider, `member ${i}`)
        const added = group.propose_and_commit_add(provider, founder, member.key_package(provider))
        last = { welcome: added.welcome, commitBytes: added.commit.length }
        group.merge_pending_commit(provider)
      }
      if (last === undefined) return undefined
      const joined = openmls.Group.join(provider, last.welcome, group.export_ratchet_tree())
      let incoming = group.create_message(provider, founder, plaintext64)
      const applicationBytes = incoming.length
      joined.process_message(provider, incoming)
      const waiting: Uint8Array[] = []
      return {
        encrypt: {
          run() {
            waiting.push(group.create_message(provider, founder, plaintext64))
          },
        },
        decrypt: {
          before() {
            incoming = waiting.shift() ?? group.create_message(provider, founder, plaintext64)
          },
          run: () => joined.process_message(provider, incoming),
        },
        bytes: { application: applicationBytes, commit: last.commitBytes, welcome: last.welcome.length },
      }
    },
  }
}
