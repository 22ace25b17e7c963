// Loaded before the drill by `--prove` only: takes one check out of the source text that node is about to load, in this process alone.
// Nothing of it is in production code, and a text that is not there exactly once stops everything.

import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { resolve } from "node:path"
import { mutations } from "./mutations.ts"

const name = process.env["NODOOR_DRILL_MUTATION"]
const mutation = mutations.find((candidate) => candidate.name === name)
if (!mutation) throw new TypeError(`no mutation is called ${name}`)
const root = resolve(import.meta.dirname, "..")
const open = new Set(mutation.edits)

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context)
    const path = url.startsWith("file:") ? fileURLToPath(url) : ""
    const edits = [...open].filter(({ file }) => resolve(root, file) === path)
    if (edits.length === 0) return loaded
    let source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array)
    for (const edit of edits) {
      const parts = source.split(edit.text)
      if (parts.length !== 2) throw new TypeError(`${edit.file} has ${parts.length - 1} times: ${edit.text}`)
      source = parts.join(edit.replacement)
      open.delete(edit)
    }
    return { ...loaded, source }
  },
})

process.on("exit", () => {
  if (open.size === 0) return
  process.stderr.write(`never loaded: ${[...open].map(({ file }) => file).join(", ")}\n`)
  process.exitCode = 3
})
