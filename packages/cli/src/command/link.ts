// Linking: `nodoor link` on the new device, `nodoor devices link` on one that the account has.

import { ClientError, type Device, type LinkView, clientErrorCodes, readCode } from "@nodoor/client"
import { type Command, buildCommand } from "@stricli/core"
import { hostname } from "node:os"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, serverWaitMs, settledOrOffline, withProfile } from "../context.ts"
import { counted, harmlessLine, jsonLine } from "../terminal.ts"
import { json, serverUrl, text } from "./flags.ts"

const codeFlag = {
  kind: "parsed",
  parse: text,
  brief: "The code that the other device shows, or its link; - asks for it. Without it, this device shows one",
  optional: true,
  placeholder: "code",
} as const

/** Long enough for a large history; a device that is linked goes on with it whenever it runs. */
const historyMs = 120_000

async function askedCode(context: CliContext, code: string | undefined): Promise<string | undefined> {
  if (code !== "-") return code
  const typed = context.terminal.interactive
    ? await context.terminal.ask("Code on the other device: ")
    : await context.terminal.readAll(4_096)
  return typed.trim()
}

async function showCode({ terminal }: CliContext, { code, link }: LinkView): Promise<void> {
  if (link !== undefined) await terminal.printQr(link)
  await terminal.print(code ?? "")
  terminal.talk("Scan this, or type it on the other device, within two minutes. It works once.")
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0")
}

interface NewFlags {
  readonly server?: string
  readonly code?: string
  readonly name?: string
  readonly json: boolean
}

export const link: Command<CliContext> = buildCommand<NewFlags, [], CliContext>({
  docs: {
    brief: "Link this terminal to an account that you have on another device",
    fullDescription:
      "Shows a code for the other device, or takes the one that it shows with --code. Then a number is shown here, which you choose on the other device. " +
      "It signs this device into your account, adds it to your chats and hands over the history, end-to-end encrypted.",
  },
  parameters: {
    flags: {
      server: {
        kind: "parsed",
        parse: serverUrl,
        brief: "Address of the server; not needed with the other device's link",
        optional: true,
        placeholder: "url",
      },
      code: codeFlag,
      name: { kind: "parsed", parse: text, brief: "What your devices call this one", optional: true, placeholder: "name" },
      json,
    },
  },
  async func({ server, name = `Terminal on ${hostname()}`, json: asJson, ...flags }) {
    const code = await askedCode(this, flags.code)
    const address = server ?? (code === undefined ? undefined : readCode(code).serverUrl)
    if (address === undefined) throw new CliError("usage", "Which server is the account on?", { next: "nodoor link --server URL" })
    const hears = (view: LinkView): void => {
      if (view.step === "showing") void showCode(this, view)
      if (view.number !== undefined) this.terminal.talk(`Choose this number on the other device: ${twoDigits(view.number)}`)
      if (view.step === "adding") this.terminal.talk("Confirmed. The account takes this device in …")
    }
    const options = { serverUrl: address, deviceName: name, how: code === undefined ? { show: true as const } : { code } }
    const profile = await this.profiles.link(this.profilePath, options, { network: this.network, hears })
    try {
      const { accountId, deviceId, handle, origin } = await profile.device.account()
      await this.terminal.print(
        asJson ? jsonLine({ account: accountId, device: deviceId, handle: `@${handle}`, origin }) : `@${handle}  ${accountId}`,
      )
      await takeHistory(this, profile.device)
    } finally {
      await profile.close()
    }
  },
})

/** Until the history is here, or the other device gives no more of it for now. */
async function takeHistory({ terminal }: CliContext, device: Device): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<LinkView | "later">()
  const timer = setTimeout(() => resolve("later"), historyMs)
  const stop = device.subscribe((event) => {
    if (event.type === "link" && (event.link.step === "done" || event.link.step === "failed")) resolve(event.link)
  })
  const end = await promise
  stop()
  clearTimeout(timer)
  if (end === "later" || end.step === "failed")
    terminal.talk("The history is not all here yet. It goes on with the next command: nodoor receive")
  await settledOrOffline(device, serverWaitMs)
  const chats = (await device.chats()).length
  terminal.talk(`Linked, with ${counted(chats, "chat")}.`)
  terminal.talk("  next: nodoor chats")
}

interface OldFlags {
  readonly code?: string
}

export const linkDevice: Command<CliContext> = buildCommand<OldFlags, [], CliContext>({
  docs: {
    brief: "Let another device into this account",
    fullDescription:
      "Shows a code for the new device, or takes the one that it shows with --code. Then you choose the number that the new device shows.",
  },
  parameters: { flags: { code: codeFlag } },
  async func(flags) {
    if (!this.terminal.interactive)
      throw new CliError("usage", "A person has to compare the number on the new device, so this needs a terminal.")
    const code = await askedCode(this, flags.code)
    await withProfile(this, async ({ device }) => {
      await settledOrOffline(device, serverWaitMs)
      const views = viewsOf(device)
      const first = await device.startLink(code === undefined ? { show: true } : { code })
      if (first.step === "showing") await showCode(this, first)
      for (;;) {
        const view = await views.next()
        if (view.step === "confirming") await answer(this, device, view)
        if (view.step === "adding") this.terminal.talk("The account takes it in …")
        if (view.step === "failed") {
          const { code = "link_failed", message = "The device was not linked." } = view.failure ?? {}
          throw new ClientError(clientErrorCodes.find((one) => one === code) ?? "link_failed", message)
        }
        if (view.step === "done") break
      }
      views.stop()
      await confirmed(device)
      this.terminal.talk("Linked. It is in your chats and has the history.")
    })
  },
})

async function answer({ terminal }: CliContext, device: Device, { peer, numbers = [] }: LinkView): Promise<void> {
  terminal.talk(`A device wants into your account: ${harmlessLine(peer?.name ?? "?")} (${harmlessLine(peer?.deviceClass ?? "?")}).`)
  const asked = await terminal.ask(`Which number does it show? ${numbers.map(twoDigits).join(", ")}, or n for none: `)
  const chosen = /^\s*\d{1,2}\s*$/.test(asked) ? Number(asked) : undefined
  await device.answerLink(chosen === undefined ? { deny: true } : { number: chosen })
}

/** What the device tells about linking, one after the other. */
function viewsOf(device: Device): { next(): Promise<LinkView>; stop(): void } {
  const heard: LinkView[] = []
  let wake = (): void => {}
  const stop = device.subscribe((event) => {
    if (event.type !== "link") return
    heard.push(event.link)
    wake()
  })
  return {
    stop,
    next: async () => {
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return heard.shift() as LinkView
    },
  }
}
