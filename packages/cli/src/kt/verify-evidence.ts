// nodoor kt verify-evidence: whether a file proves that an operator signed what contradicts itself. Needs no network.

import { type EvidenceVerdict, KeylogError, maxEvidenceBytes, parseEvidence, verifyEvidence } from "@nodoor/keylog"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { json, text } from "../command/flags.ts"
import type { CliContext } from "../context.ts"
import { columns, harmlessLine, jsonLine } from "../terminal.ts"
import { crypto } from "./crypto.ts"
import { readNamedFile } from "./log-files.ts"

export const verifyEvidenceFile: Command<CliContext> = buildCommand<{ readonly json: boolean }, [string], CliContext>({
  docs: {
    brief: "Check an evidence file offline",
    fullDescription:
      "Exit code 0: the file proves what it says, provided that the key it names is the log's. Compare that key with the one your own device shows. Exit code 4: it proves nothing.",
  },
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [{ brief: "The file", parse: text, placeholder: "file" }] } },
  async func(flags, path) {
    const file = await readNamedFile(path, maxEvidenceBytes)
    const { kind, origin, proves, key } = verdictOn(file)
    if (flags.json) await this.terminal.print(jsonLine({ kind, origin, key, proves }))
    else {
      await this.terminal.print(
        columns([
          ["proven", harmlessLine(proves)],
          ["log", harmlessLine(origin)],
          ["key", harmlessLine(key)],
        ]),
      )
    }
  },
})

/** @throws CliError `evidence_refused` */
function verdictOn(file: Uint8Array): EvidenceVerdict & { readonly key: string } {
  try {
    return { ...verifyEvidence(crypto, file), key: parseEvidence(file).logKey }
  } catch (error) {
    if (error instanceof KeylogError) throw new CliError("evidence_refused", `The file proves nothing: ${error.message}.`, { cause: error })
    throw error
  }
}
