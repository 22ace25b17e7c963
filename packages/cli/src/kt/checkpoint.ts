// nodoor kt checkpoint: the log's present head, checked from its static files as a device checks it.

import { type HeadState, type WitnessStatement, verifyConsistency } from "@nodoor/keylog"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { json } from "../command/flags.ts"
import type { CliContext } from "../context.ts"
import { columns, duration, jsonLine, minute } from "../terminal.ts"
import { crypto } from "./crypto.ts"
import { addressArgument, atFlag, pinFlag } from "./flags.ts"
import { logFiles } from "./log-files.ts"
import { checkLog, pinText } from "./log-pin.ts"
import { StaticLog } from "./static-log.ts"

interface Flags {
  readonly pin?: string
  readonly at?: number
  readonly json: boolean
}

export const checkpoint: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Show and check the current head of a log",
    fullDescription:
      "Reads static files only, so the server learns only that somebody asked. Without --pin, the log that answers is taken to be the right one. Compare the pin it prints with somebody else's.",
  },
  parameters: { flags: { pin: pinFlag, at: atFlag, json }, positional: { kind: "tuple", parameters: [addressArgument] } },
  async func(flags, address) {
    const log = new StaticLog(logFiles(address, this.network))
    const { pin, head } = await checkLog(log, { expectedPin: flags.pin, nowMs: Date.now() })
    const earlier = flags.at === undefined ? undefined : { size: flags.at, root: await earlierRoot(log, head.head, flags.at) }
    const facts = headFacts(head.head, head.statement)
    if (flags.json)
      await this.terminal.print(
        jsonLine({ pin: pinText(pin), ...facts, reset_delay_ms: pin.resetDelayMs, ...(earlier && { at: earlier }) }),
      )
    else {
      await this.terminal.print(
        columns([
          ["origin", facts.origin],
          ["pin", pinText(pin)],
          ["size", String(facts.size)],
          ["root", facts.root],
          ["epoch", `${facts.epoch} of ${minute(facts.time_ms)}`],
          ["keys", String(facts.keys)],
          ["witnessed", statementText(head.statement)],
          ["reset delay", duration(pin.resetDelayMs)],
          ...(earlier === undefined ? [] : [[`root at ${earlier.size}`, earlier.root]]),
        ]),
      )
    }
  },
})

/** Base64. Of tiles that do not hang together, none. @throws CliError `usage`, `log_incomplete`; KeylogError with the rule that does not hold */
async function earlierRoot(log: StaticLog, { size, root }: HeadState, at: number): Promise<string> {
  if (at > size) throw new CliError("usage", `The log has ${size} entries. --at can't be larger.`)
  const older = await log.ask(size, (tree) => tree.head(at))
  const proof = await log.ask(size, (tree) => tree.consistencyProof({ older: at }))
  verifyConsistency(crypto, { older, newer: { size, root }, proof })
  return Buffer.from(older.root).toString("base64")
}

/** A head as scripts read it. */
export function headFacts(
  head: HeadState,
  statement: WitnessStatement,
): {
  readonly origin: string
  readonly size: number
  readonly root: string
  readonly epoch: number
  readonly time_ms: number
  readonly keys: number
  readonly tier: WitnessStatement["tier"]
  readonly witnesses: readonly string[]
  readonly auditors: readonly string[]
} {
  return {
    origin: head.origin,
    size: head.size,
    root: Buffer.from(head.root).toString("base64"),
    epoch: head.epoch,
    time_ms: head.epochTimeMs,
    keys: head.keyCount,
    tier: statement.tier,
    witnesses: statement.witnesses.map(({ key }) => key.name),
    auditors: statement.auditors.map(({ key }) => key.name),
  }
}

function statementText({ tier, witnesses, auditors }: WitnessStatement): string {
  if (tier === "solo") return "not independently witnessed"
  const audited = auditors.length === 0 ? "" : `, audited by ${auditors.map(({ key }) => key.name).join(", ")}`
  return `by ${witnesses.map(({ key }) => key.name).join(", ")}${audited}`
}
