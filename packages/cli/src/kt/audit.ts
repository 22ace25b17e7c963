// nodoor kt audit: replays a log, signs what holds, mirrors it, and raises the alarm for those who asked to be watched over.

import { KeylogError, alarmLevel, formatVerifierKey } from "@nodoor/keylog"
import { type Command, buildCommand } from "@stricli/core"
import { spawn } from "node:child_process"
import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { CliError } from "../cli-error.ts"
import { json, seconds, text } from "../command/flags.ts"
import type { CliContext, OpenNetwork } from "../context.ts"
import { harmlessLine, jsonLine } from "../terminal.ts"
import { readMirrored } from "./audit-mirror.ts"
import { AuditRun } from "./audit-run.ts"
import { cosignerKey } from "./cosigner-key.ts"
import { type ListenAddress, addressArgument, listenFlag, pinFlag } from "./flags.ts"
import { type RunningService, serve } from "./http-service.ts"
import { logFiles } from "./log-files.ts"
import { pinText } from "./log-pin.ts"
import { StaticLog } from "./static-log.ts"
import { readWatchTokens } from "./watch-tokens.ts"

interface Flags {
  readonly dir: string
  readonly name?: string
  readonly pin?: string
  readonly every?: number
  readonly listen?: ListenAddress
  readonly tokens?: string
  readonly alarm?: string
  readonly json: boolean
}

export const audit: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Audit a log: replay it, sign it, mirror it, watch tokens",
    fullDescription:
      "Exits with 4 at the first failed check and signs nothing after it; the evidence is in --dir/evidence. Without --every it looks once. With --listen it serves the mirror and its signature, and the log's operator fetches the signature there.",
  },
  parameters: {
    flags: {
      dir: { kind: "parsed", parse: text, brief: "Folder for the key, the mirror and the findings", placeholder: "folder" },
      name: {
        kind: "parsed",
        parse: text,
        brief: "Name of a new key: one of your host names and a word",
        optional: true,
        placeholder: "auditor.example/anna",
      },
      pin: pinFlag,
      every: { kind: "parsed", parse: seconds, brief: "Look again after this many seconds", optional: true, placeholder: "seconds" },
      listen: { ...listenFlag, optional: true },
      tokens: { kind: "parsed", parse: text, brief: "Folder of watch tokens, read again each time", optional: true, placeholder: "folder" },
      alarm: {
        kind: "parsed",
        parse: text,
        brief: "Program that gets each finding as one line of JSON on standard input",
        optional: true,
        placeholder: "program",
      },
      json,
    },
    positional: { kind: "tuple", parameters: [addressArgument] },
  },
  async func(flags, address) {
    const program = await openAudit(address, { ...flags, network: this.network })
    this.terminal.talk(`Auditing as ${program.verifierKey}`)
    let said: number | undefined
    try {
      for (;;) {
        try {
          const round = await program.round(Date.now())
          if (flags.json) await this.terminal.print(jsonLine(round))
          else if (round.size !== said) this.terminal.talk(`size ${round.size}, epoch ${round.epoch}, ${round.keys} keys: everything holds`)
          said = round.size
        } catch (error) {
          if (flags.every === undefined || !(error instanceof Error) || !mayPass(error)) throw error
          this.terminal.talk(`could not check: ${harmlessLine(error.message)}`)
        }
        if (flags.every === undefined) return
        await setTimeout(flags.every * 1000)
      }
    } finally {
      await program.close()
    }
  },
})

export interface AuditProgram {
  readonly verifierKey: string
  /** Where the mirror is served, if it is. */
  readonly url: string | undefined
  /** Looks once. @throws KeylogError when the log failed its check; CliError when it could not be read */
  round(
    nowMs: number,
  ): Promise<{ readonly size: number; readonly epoch: number; readonly keys: number; readonly findings: readonly AuditAlarm[] }>
  close(): Promise<void>
}

/** What an alarm says. `token`: the file name of the token whose place was filled. */
export interface AuditAlarm {
  readonly code: string
  /** Entry of the log at which it shows; undefined: before the token was read. */
  readonly entry?: number
  readonly what: string
  readonly token?: string
}

/** An auditor that has read back its mirror. @throws CliError */
export async function openAudit(
  address: string,
  flags: Omit<Flags, "json" | "every"> & { readonly network: OpenNetwork },
): Promise<AuditProgram> {
  const cosigner = await cosignerKey(flags.dir, flags.name)
  const run = new AuditRun({ source: new StaticLog(logFiles(address, flags.network)), folder: flags.dir, cosigner })
  await run.resume()
  const service = flags.listen === undefined ? undefined : await serveMirror(flags.listen, run.mirrorFolder)
  /** Places that were raised, so that none is raised twice in one run. */
  const raised = new Set<string>()
  return {
    verifierKey: formatVerifierKey(cosigner.key),
    url: service?.url,
    close: async () => service?.close(),
    round: async (nowMs) => {
      const { size, epoch, keyCount, findings } = await run.round(nowMs, flags.pin)
      const alarms: AuditAlarm[] = findings
        .filter(({ code }) => code === "notice_missing")
        .map(({ code, index, what }) => ({ code, entry: index, what }))
      alarms.push(...(await watchedAlarms(run, flags.tokens, raised)))
      for (const alarm of alarms) await raise(flags, alarm)
      return { size, epoch, keys: keyCount, findings: alarms }
    },
  }
}

/** The places of the tokens that the map holds now. */
async function watchedAlarms(run: AuditRun, folder: string | undefined, raised: Set<string>): Promise<AuditAlarm[]> {
  const { pin } = run.auditor
  if (folder === undefined || pin === undefined) return []
  const alarms: AuditAlarm[] = []
  for (const [token, { indices }] of await readWatchTokens(folder, pinText(pin))) {
    for (const filled of run.auditor.watch(indices)) {
      const what = Buffer.from(filled).toString("hex")
      if (raised.has(`${token} ${what}`)) continue
      raised.add(`${token} ${what}`)
      alarms.push({ code: "watched_index", what, token })
    }
  }
  return alarms
}

async function raise({ dir, alarm: program }: Pick<Flags, "dir" | "alarm">, alarm: AuditAlarm): Promise<void> {
  const line = `${jsonLine(alarm)}\n`
  await appendFile(join(dir, "findings.jsonl"), line, { mode: 0o600 })
  if (program === undefined) return
  await new Promise<void>((resolve) => {
    const child = spawn(program, [], { stdio: ["pipe", "inherit", "inherit"] })
    child.on("error", () => resolve())
    child.on("exit", () => resolve())
    child.stdin.on("error", () => {})
    child.stdin.end(line)
  })
}

function serveMirror(listen: ListenAddress, folder: string): Promise<RunningService> {
  return serve(listen, {
    maxBodyBytes: 0,
    answer: ({ method, path }) => {
      if (method !== "GET" && method !== "HEAD") return { status: 405, body: "GET\n" }
      const file = readMirrored(folder, path.slice(1))
      return file === undefined ? { status: 404, body: "not here\n" } : { status: 200, body: file.bytes, contentType: file.contentType }
    },
  })
}

/** Whether nothing was checked, and looking again later may help. What was checked and wrong stays wrong. */
function mayPass(error: Error): boolean {
  if (error instanceof KeylogError) return alarmLevel(error.code) === "unchecked"
  return error instanceof CliError && (error.code === "log_unreachable" || error.code === "log_incomplete")
}
