// Loaded first by `--prove` only, in a child process and whatever that starts: takes one check out of the source text that node is about
// to load. Nothing of it is in production code, and a text that is not there exactly once stops everything.

import { appendFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"
import { resolve } from "node:path"
import type { Edit } from "./mutations/mutation.ts"

const allEdits = JSON.parse(process.env["NODOOR_DRILL_EDITS"] ?? "[]") as readonly Edit[]
/** Where it is noted which of the files to be changed were loaded, by any of the processes. */
const note = process.env["NODOOR_DRILL_LOADED"]
const root = resolve(import.meta.dirname, "..")

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context)
    const path = url.startsWith("file:") ? fileURLToPath(url) : ""
    const edits = allEdits.filter(({ file }) => resolve(root, file) === path)
    if (edits.length === 0) return loaded
    let source = typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source as Uint8Array)
    for (const edit of edits) {
      const parts = source.split(edit.text)
      if (parts.length !== 2) throw new TypeError(`${edit.file} has ${parts.length - 1} times: ${edit.text}`)
      source = parts.join(edit.replacement)
      if (note !== undefined) appendFileSync(note, `${edit.file}\n`)
    }
    return { ...loaded, source }
  },
})
