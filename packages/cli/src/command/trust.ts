// The device's own account and the trust in others': whoami, safety, verify.

import { type SafetyView, addressOf } from "@nodoor/client"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, withProfile } from "../context.ts"
import { asArgument, findAccount } from "../reference.ts"
import { columns, harmlessLine, jsonLine, minute } from "../terminal.ts"
import { sayCanary } from "./canary.ts"
import { handleArgument, json, text } from "./flags.ts"

interface JsonFlag {
  readonly json: boolean
}

export const whoami: Command<CliContext> = buildCommand<JsonFlag, [], CliContext>({
  docs: { brief: "Show the account and device of this profile" },
  parameters: { flags: { json } },
  func(flags) {
    return withProfile(this, async ({ device }) => {
      const { accountId: account, deviceId, handle, origin, name, serverUrl: server } = await device.account()
      if (flags.json) await this.terminal.print(jsonLine({ account, device: deviceId, handle: `@${handle}`, origin, name, server }))
      else {
        await this.terminal.print(
          columns([
            ["handle", `@${handle}`],
            ["name", harmlessLine(name)],
            ["server", server],
            ["account", account],
            ["device", deviceId],
          ]),
        )
      }
      await sayCanary(this, device)
    })
  },
})

export const safety: Command<CliContext> = buildCommand<JsonFlag & { readonly qr: boolean; readonly check: boolean }, [string], CliContext>(
  {
    docs: {
      brief: "Show the safety number with a person",
      fullDescription:
        "If you both see the same 60 digits, nobody sits between you. Compare them in person or on a call, then run: nodoor verify",
    },
    parameters: {
      flags: {
        json,
        qr: { kind: "boolean", brief: "Draw the QR code too", default: false, withNegated: false },
        check: { kind: "boolean", brief: "Check the person in the key log now", default: false, withNegated: false },
      },
      positional: { kind: "tuple", parameters: [handleArgument] },
    },
    func(flags, who) {
      return withProfile(this, async ({ device }) => {
        const { accountId } = await findAccount(device, who)
        if (flags.check) await device.checkTransparency(accountId)
        const { contact, digits, qr, verifiedAtMs, transparency } = await device.safety(accountId)
        if (flags.json) {
          await this.terminal.print(
            jsonLine({
              account: contact.accountId,
              handle: contact.handle && `@${contact.handle}`,
              mark: contact.mark,
              digits: digits.join(" "),
              qr,
              verified_at: verifiedAtMs,
              transparency,
            }),
          )
          return
        }
        await this.terminal.print(`${digits.slice(0, 6).join(" ")}\n${digits.slice(6).join(" ")}`)
        if (flags.qr) await this.terminal.printQr(qr)
        const since = verifiedAtMs === undefined ? "Not compared yet." : `Compared on ${minute(verifiedAtMs)}.`
        this.terminal.talk(`${since} Key transparency: ${transparencyText(transparency)}`)
        if (contact.identityChange !== undefined)
          this.terminal.talk(
            `${addressOf(contact)} has other keys since ${minute(contact.identityChange.atMs)}. Compare again before you rely on them.`,
          )
        if (verifiedAtMs === undefined)
          this.terminal.talk(
            `  next: compare with ${addressOf(contact)} by voice, then nodoor verify ${asArgument(contact)} --digits "WHAT THEY READ"`,
          )
      })
    },
  },
)

export const verify: Command<CliContext> = buildCommand<{ readonly digits?: string; readonly withdraw: boolean }, [string], CliContext>({
  docs: { brief: "Mark a person as verified, after comparing the safety number" },
  parameters: {
    flags: {
      digits: { kind: "parsed", parse: text, brief: "The 60 digits as the other person reads them", optional: true, placeholder: "digits" },
      withdraw: { kind: "boolean", brief: "Withdraw the verification", default: false, withNegated: false },
    },
    positional: { kind: "tuple", parameters: [handleArgument] },
  },
  func(flags, who) {
    return withProfile(this, async ({ device }) => {
      const person = await findAccount(device, who)
      const { accountId } = person
      const address = addressOf(person)
      if (!flags.withdraw) {
        const read = flags.digits?.replace(/[\s-]/g, "")
        if (read === undefined || !/^\d{60}$/.test(read)) {
          throw new CliError("usage", "Enter the 60 digits that the other person reads.", {
            next: `nodoor verify ${asArgument(person)} --digits "12345 …"`,
          })
        }
        if ((await device.safety(accountId)).digits.join("") !== read) {
          throw new CliError("digits_differ", `These digits differ from those of ${address}. Nothing was changed.`, {
            next: `nodoor safety ${asArgument(person)}, then compare again in person; don't send anything confidential until they match`,
          })
        }
      }
      await device.setVerified(accountId, !flags.withdraw)
      await this.terminal.print(flags.withdraw ? `${address} is no longer marked as verified` : `${address} is verified`)
      await confirmed(device)
    })
  },
})

type Transparency = SafetyView["transparency"]

function transparencyText(row: Transparency): string {
  switch (row.status) {
    case "not_checked":
      return `not checked. ${row.reason}`
    case "running":
      return "being checked"
    case "ok":
      return `checked on ${minute(row.atMs)}, witnessed by ${row.witnesses.length === 0 ? "nobody but the server" : row.witnesses.join(", ")}`
    case "unavailable":
      return `not checked: no answer on ${minute(row.atMs)}, which says nothing either way`
    case "failed":
      return `FAILED on ${minute(row.atMs)}; for details: nodoor alarms`
  }
}
