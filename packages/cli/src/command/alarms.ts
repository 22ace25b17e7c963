// What the device warns about, and what its person does about it.

import { type AlarmView, ClientError, type Device } from "@nodoor/client"
import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, withProfile, withSyncedDevice } from "../context.ts"
import { writeNewFile } from "../new-file.ts"
import { readNamedFile } from "../kt/log-files.ts"
import { columns, harmlessLine, jsonLine, minute } from "../terminal.ts"
import { sayCanary } from "./canary.ts"
import { json, text } from "./flags.ts"

const idArgument = { brief: "Id of the alarm, or the beginning of it", parse: text, placeholder: "id" } as const

const list: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: { brief: "List this device's alarms" },
  parameters: { flags: { json } },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const found = await device.alarms()
      if (found.length === 0) this.terminal.talk("No alarms.")
      for (const alarm of found) await this.terminal.print(flags.json ? jsonLine(alarm) : line(alarm))
      await sayCanary(this, device)
    })
  },
})

const acknowledge: Command<CliContext> = buildCommand<Record<never, never>, [string], CliContext>({
  docs: {
    brief: "Mark an alarm as read",
    fullDescription:
      "Checks the key log again. If it verifies, what was stopped continues. If not, nothing changes and the exit code is 4 or 5.",
  },
  parameters: { positional: { kind: "tuple", parameters: [idArgument] } },
  func(_flags, id) {
    return withSyncedDevice(this, async (device) => {
      await device.acknowledgeAlarm((await find(device, id)).id)
      await confirmed(device)
    })
  },
})

const kinds = {
  proof: "This is a proof. Anybody can check it: nodoor kt verify-evidence FILE",
  commit: "Members of the chat can check it: nodoor alarms check FILE",
  record: "This is a record of what this device saw. It is not a proof by itself.",
} as const

const evidence: Command<CliContext> = buildCommand<{ readonly out?: string }, [string], CliContext>({
  docs: {
    brief: "Save the evidence of an alarm to show to others",
    fullDescription: "Anybody can check a proof with: nodoor kt verify-evidence FILE",
  },
  parameters: {
    flags: {
      out: { kind: "parsed", parse: text, brief: "Write to a new file instead of standard output", optional: true, placeholder: "file" },
    },
    positional: { kind: "tuple", parameters: [idArgument] },
  },
  func(flags, id) {
    return withProfile(this, async ({ device }) => {
      const file = await device.exportEvidence((await find(device, id)).id)
      if (flags.out === undefined) await this.terminal.print(file.text.trimEnd())
      else await writeNewFile(flags.out, file.text)
      this.terminal.talk(kinds[file.kind])
    })
  },
})

/** Of the files that this reads, the longest holds a commit. */
const evidenceMaxBytes = 32_000_000

const check: Command<CliContext> = buildCommand<{ readonly json: boolean }, [string], CliContext>({
  docs: {
    brief: "Check evidence about a member who broke a chat",
    fullDescription:
      "Exit code 0: this device finds the same. Exit code 4: it does not, or cannot tell because it was not in the chat then or no longer has the keys of that time.",
  },
  parameters: { flags: { json }, positional: { kind: "tuple", parameters: [{ brief: "The file", parse: text, placeholder: "file" }] } },
  func(flags, path) {
    return withProfile(this, async ({ device }) => {
      const verdict = await device.checkEvidence(new TextDecoder().decode(await readNamedFile(path, evidenceMaxBytes)))
      if (verdict.status === "unproven") throw new CliError("evidence_refused", "The file proves nothing against anybody.")
      if (verdict.status === "not_checked")
        throw new CliError(
          "evidence_refused",
          "The file was not checked: this device was not in the chat then, or no longer has the keys of that time. Others who were can check it.",
        )
      if (flags.json) return await this.terminal.print(jsonLine(verdict))
      const chat = await device.chat(verdict.chatId)
      await this.terminal.print(
        columns([
          ["proven", `A device broke this chat (${verdict.code}).`],
          ["chat", harmlessLine(chat.title)],
          ["account", verdict.accountId],
          ["device", verdict.deviceId],
          ...(verdict.adderAccountId === undefined ? [] : [["or who added it", verdict.adderAccountId] as const]),
        ]),
      )
    })
  },
})

export const alarms: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Show this device's alarms and answer them" },
  routes: { list, acknowledge, evidence, check },
  defaultCommand: "list",
})

function line({ id, level, code, text: said, atMs, acknowledgedAtMs }: AlarmView): string {
  const read = acknowledgedAtMs === undefined ? "" : "  (read)"
  return `${id.slice(0, 12)}  ${minute(atMs)}  ${level === "red" ? "ALARM" : level}  ${harmlessLine(said)} (${code})${read}`
}

async function find(device: Device, id: string): Promise<AlarmView> {
  const found = (await device.alarms()).filter((alarm) => alarm.id.startsWith(id.toLowerCase()))
  const [only, another] = found
  if (only === undefined || id === "") throw new ClientError("not_found", `There is no alarm ${harmlessLine(id)}.`)
  if (another !== undefined)
    throw new CliError("ambiguous", `${found.length} alarms begin with ${harmlessLine(id)}.`, { next: "nodoor alarms" })
  return only
}
