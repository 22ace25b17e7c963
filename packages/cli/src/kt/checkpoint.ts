// nodoor kt checkpoint: the log's present head, checked from its static files as a device checks it.

import type { HeadState, WitnessStatement } from "@nodoor/keylog"
import { type Command, buildCommand } from "@stricli/core"
import { json } from "../command/flags.ts"
import type { CliContext } from "../context.ts"
import { columns, jsonLine, minute } from "../terminal.ts"
import { addressArgument, pinFlag } from "./flags.ts"
import { logFiles } from "./log-files.ts"
import { checkLog, pinText } from "./log-pin.ts"
import { StaticLog } from "./static-log.ts"

interface Flags {
  readonly pin?: string
  readonly json: boolean
}

export const checkpoint: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Show and check the present head of a log",
    fullDescription:
      "Reads static files only: the server learns nothing but that somebody asked. Without --pin the log that answers is believed to be the right one; compare the pin it prints with somebody else's.",
  },
  parameters: { flags: { pin: pinFlag, json }, positional: { kind: "tuple", parameters: [addressArgument] } },
  async func(flags, address) {
    const { pin, head } = await checkLog(new StaticLog(logFiles(address)), { expectedPin: flags.pin, nowMs: Date.now() })
    const facts = headFacts(head.head, head.statement)
    if (flags.json)
      await this.terminal.print(jsonLine({ pin: pinText(pin), ...facts, witnesses: facts.witnesses, auditors: facts.auditors }))
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
        ]),
      )
    }
  },
})

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
