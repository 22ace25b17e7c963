import { type Command, buildCommand } from "@stricli/core"
import { readFile } from "node:fs/promises"
import { sharedLink } from "@nodoor/client/text"
import { CliError } from "../cli-error.ts"
import { type CliContext, type CliRegistration, confirmed } from "../context.ts"
import { counted, harmlessLine, jsonLine } from "../terminal.ts"
import { handle, json, serverUrl, text } from "./flags.ts"

interface Flags {
  readonly server: string
  readonly handle: string
  readonly name: string
  readonly holderName?: string
  readonly email?: string
  readonly emailCodeFile?: string
  readonly invite?: string
  readonly json: boolean
}

const codeFileBytes = 64

export const register: Command<CliContext> = buildCommand<Flags, [], CliContext>({
  docs: {
    brief: "Create an account and this device's keys",
    fullDescription:
      "The server stores your handle, the account holder's name and, if you give one, your e-mail address. These, the creation date, the four weeks in which you were last seen and recent IP addresses are all that it can disclose about you. " +
      "Your contacts see your handle and --name, which is sent to them end-to-end encrypted. The account holder's name is the same unless you set --holder-name, which your contacts never see. " +
      "Keys are made on this device and never leave the profile.",
  },
  parameters: {
    flags: {
      server: { kind: "parsed", parse: serverUrl, brief: "Address of the server, such as https://chat.example.org", placeholder: "url" },
      handle: { kind: "parsed", parse: handle, brief: "3 to 32 of a-z 0-9 . _ -; public on the server", placeholder: "handle" },
      name: { kind: "parsed", parse: text, brief: "Name your contacts see", placeholder: "name" },
      holderName: {
        kind: "parsed",
        parse: text,
        brief: "Name of the account holder, if different; the operator can read it",
        optional: true,
        placeholder: "name",
      },
      email: { kind: "parsed", parse: text, brief: "E-mail address; the operator can read it", optional: true, placeholder: "address" },
      emailCodeFile: {
        kind: "parsed",
        parse: text,
        brief: "File with the code from the e-mail; - reads standard input",
        optional: true,
        placeholder: "file",
      },
      invite: { kind: "parsed", parse: text, brief: "Invite link or code from the operator", optional: true, placeholder: "code" },
      json,
    },
  },
  async func(flags) {
    const { email, invite, holderName } = flags
    const emailCode = email === undefined ? undefined : await readEmailCode(this, flags, email)
    const registration: CliRegistration = {
      serverUrl: flags.server,
      handle: flags.handle.replace(/^@/, ""),
      name: flags.name,
      ...(holderName === undefined ? {} : { holderName }),
      ...(email === undefined ? {} : { email }),
      ...(emailCode === undefined ? {} : { emailCode }),
      ...(invite === undefined ? {} : { invite: inviteCode(invite, flags.server) }),
    }
    const profile = await this.profiles.register(this.profilePath, registration, this.network)
    try {
      const account = await profile.device.account()
      const { accountId, deviceId, handle: own, origin, server } = account
      await this.terminal.print(
        flags.json ? jsonLine({ account: accountId, device: deviceId, handle: `@${own}`, origin }) : `@${own}  ${accountId}`,
      )
      // Others can write first only once the server has this device's KeyPackages (RFC 9420 §10).
      await confirmed(profile.device)
      this.terminal.talk(
        `Registered on ${harmlessLine(origin)}, which ${server.ipDays === 0 ? "keeps no IP addresses" : `keeps IP addresses for ${counted(server.ipDays, "day")}`}. Keys are in ${this.profilePath}.`,
      )
      this.terminal.talk('  next: nodoor send @HANDLE "TEXT"')
    } finally {
      await profile.close()
    }
  },
})

/** The code that proves the address: from the file, or asked of the person. Never an argument, where others could read it. */
async function readEmailCode(context: CliContext, flags: Flags, email: string): Promise<string> {
  if (flags.emailCodeFile !== undefined) {
    const input = flags.emailCodeFile === "-" ? await context.terminal.readAll(codeFileBytes) : await readCodeFile(flags.emailCodeFile)
    return emailCode(input)
  }
  await context.profiles.sendEmailCode(flags.server, email, context.network)
  if (!context.terminal.interactive) {
    throw new CliError("email_code_needed", "The server sent a code to your e-mail address.", {
      next: "run the same command with --email-code-file FILE (or - for standard input)",
    })
  }
  return emailCode(await context.terminal.ask("Code from the e-mail: "))
}

async function readCodeFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).slice(0, codeFileBytes)
  } catch (error) {
    throw new CliError("usage", `The file ${path} cannot be read.`, { cause: error })
  }
}

function emailCode(input: string): string {
  const digits = input.replace(/[\s-]/g, "")
  if (!/^\d{8}$/.test(digits)) throw new CliError("usage", "The code from the e-mail has 8 digits.")
  return digits
}

/** The code itself, also out of a link `https://host/i/CODE` as it was passed on. An invite of another server lets nobody in here. */
function inviteCode(input: string, server: string): string {
  const link = input.includes("/") ? sharedLink(input, server) : undefined
  if (link?.type === "elsewhere")
    throw new CliError("usage", `The invite is for another server, ${link.host}.`, { next: "use that server's address with --server" })
  return (link?.type === "invite" || link?.type === "person" ? link.invite : undefined) ?? input.trim()
}
