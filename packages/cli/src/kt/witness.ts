// nodoor kt witness: signs each checkpoint of a friend's log that grew out of the one before, and never another.

import { KeylogError, type NoteKey, formatEvidence, noteKeyTypes, parseVerifierKey } from "@nodoor/keylog"
import { type Command, buildCommand } from "@stricli/core"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { CliError } from "../cli-error.ts"
import { text } from "../command/flags.ts"
import type { CliContext } from "../context.ts"
import { type Witness, addCheckpoint, maxAddCheckpointBytes } from "./add-checkpoint.ts"
import { cosignerKey } from "./cosigner-key.ts"
import { crypto } from "./crypto.ts"
import { type ListenAddress, listenFlag } from "./flags.ts"
import { type RunningService, serve } from "./http-service.ts"
import { openWitnessState } from "./witness-state.ts"

interface Flags {
  readonly dir: string
  readonly name?: string
  readonly log?: readonly string[]
  readonly listen: ListenAddress
}

/** Files of evidence a witness keeps; one is enough to convict, and nobody fills the disk. */
const maxEvidenceFiles = 16

export const witness: Command<CliContext> = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Run a witness for key logs (c2sp.org/tlog-witness)",
    fullDescription:
      "Keeps its key and what it signed in --dir. Never delete that folder, and never restore it from a backup. Witnesses the logs given with --log and listed in the file `logs`, one verifier key per line. Prints its own verifier key, which the log's operator adds to the policy. Runs until you stop it.",
  },
  parameters: {
    flags: {
      dir: { kind: "parsed", parse: text, brief: "Folder for the key and the state", placeholder: "folder" },
      name: {
        kind: "parsed",
        parse: text,
        brief: "Name of a new key: one of your host names and a word",
        optional: true,
        placeholder: "witness.example/anna",
      },
      log: {
        kind: "parsed",
        parse: text,
        brief: "Verifier key of a log (may be repeated)",
        optional: true,
        variadic: true,
        placeholder: "key",
      },
      listen: listenFlag,
    },
  },
  async func(flags) {
    const running = await startWitness(flags, this.terminal.talk)
    await this.terminal.print(running.verifierKey)
    this.terminal.talk(`Witnessing at ${running.url}. Give the line above and this service's public address to the log's operator.`)
    await stopped()
    await running.close()
  },
})

/** A witness that runs until closed. @throws CliError */
export async function startWitness(
  options: Omit<Flags, "log"> & { readonly log?: readonly string[] },
  talk: (line: string) => void,
): Promise<RunningService & { readonly verifierKey: string }> {
  const cosigner = await cosignerKey(options.dir, options.name)
  const logs = trustedLogs([...(options.log ?? []), ...(await readLogs(options.dir))])
  const state = openWitnessState(options.dir)
  const running = await serve(options.listen, witnessService({ cosigner, logs, state }, options.dir, talk))
  return {
    ...running,
    verifierKey: cosigner.verifierKey,
    close: async () => {
      await running.close()
      state.close()
    },
  }
}

function witnessService(witness: Witness, folder: string, talk: (line: string) => void): Parameters<typeof serve>[1] {
  return {
    maxBodyBytes: maxAddCheckpointBytes,
    answer: ({ method, path, body }) => {
      if (path !== "/add-checkpoint") return { status: 404, body: "POST add-checkpoint\n" }
      if (method !== "POST") return { status: 405, body: "POST add-checkpoint\n" }
      const { evidence, ...answer } = addCheckpoint(witness, body, Date.now())
      if (evidence !== undefined) keepEvidence(folder, formatEvidence(evidence), talk)
      return answer
    },
  }
}

function keepEvidence(folder: string, evidence: Uint8Array, talk: (line: string) => void): void {
  const place = join(folder, "evidence")
  mkdirSync(place, { recursive: true, mode: 0o700 })
  if (readdirSync(place).length >= maxEvidenceFiles) return
  const path = join(place, `${Buffer.from(crypto.sha256(evidence)).toString("hex").slice(0, 16)}.txt`)
  writeFileSync(path, evidence)
  talk(`ALARM: a log signed two trees of one size. Evidence: ${path}`)
}

async function readLogs(folder: string): Promise<string[]> {
  const content = await readFile(join(folder, "logs"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return ""
    throw new CliError("state_damaged", "The file `logs` cannot be read.", { cause: error })
  })
  return content.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
}

function trustedLogs(verifierKeys: readonly string[]): Map<string, NoteKey[]> {
  const logs = new Map<string, NoteKey[]>()
  for (const line of verifierKeys) {
    const key = logKey(line)
    logs.set(key.name, [...(logs.get(key.name) ?? []), key])
  }
  if (logs.size === 0) throw new CliError("usage", "A witness needs at least one log.", { next: "--log KEY, or lines in the file `logs`" })
  return logs
}

function logKey(line: string): NoteKey {
  try {
    const key = parseVerifierKey(crypto, line)
    if (key.type === noteKeyTypes.ed25519) return key
  } catch (error) {
    if (!(error instanceof KeylogError)) throw error
  }
  throw new CliError("usage", `${JSON.stringify(line)} is not a verifier key.`, { next: "ask the log's operator for it" })
}

/** Resolves when the process is asked to end. */
export function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve())
  })
}
