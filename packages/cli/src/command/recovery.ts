// The account's recovery key: its 24 words, whether words are the right ones, and an account that comes back by them. Words are never arguments,
// where others on the machine could read them.

import { type Command, type RouteMap, buildCommand, buildRouteMap } from "@stricli/core"
import { type WordsCheck, splitWords } from "@nodoor/client"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, withProfile } from "../context.ts"
import { harmlessLine, jsonLine } from "../terminal.ts"
import { handle, json, serverUrl, text } from "./flags.ts"

const inputBytes = 4_096
/** In the order in which they are written down. */
const perLine = 4
/** Of these the person is asked after they have seen the words. */
const askedCount = 3

const show: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: {
    brief: "Show the 24 words that bring this account back",
    fullDescription:
      "Whoever has these words can take the account over. Write them down on paper. Without them and without a device, nobody can bring the account back, the operator included. " +
      "On a terminal you are then asked for three of them; once they are right, nodoor doesn't remind you any more.",
  },
  parameters: { flags: { json } },
  func({ json: asJson }) {
    return withProfile(this, async ({ device }) => {
      const words = await device.recoveryWords()
      if (asJson) return await this.terminal.print(jsonLine({ words }))
      const lines: string[] = []
      for (let at = 0; at < words.length; at += perLine)
        lines.push(
          words
            .slice(at, at + perLine)
            .map((word, place) => `${String(at + place + 1).padStart(2)}. ${word.padEnd(10)}`)
            .join("")
            .trimEnd(),
        )
      await this.terminal.print(lines.join("\n"))
      if (!this.terminal.interactive || (await device.recovery()).status === "confirmed") return
      await device.confirmRecovery(await threeWords(this, words.length))
      this.terminal.talk("That is right.")
    })
  },
})

/** Asked for at places that nobody knows before. */
async function threeWords({ terminal }: CliContext, count: number): Promise<readonly { readonly at: number; readonly word: string }[]> {
  const places = new Set<number>()
  while (places.size < askedCount) places.add(crypto.getRandomValues(new Uint32Array(1)).reduce((_, value) => value % count, 0))
  const given: { readonly at: number; readonly word: string }[] = []
  for (const at of [...places].toSorted((a, b) => a - b)) given.push({ at, word: (await terminal.ask(`Word ${at + 1}: `)).trim() })
  return given
}

const check: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: {
    brief: "Check whether words are those of this account",
    fullDescription:
      "The words are read from standard input, or asked for. Exit code 0: they are right. 4: they are not; the output says which word is wrong and what it may have been.",
  },
  parameters: { flags: { json } },
  func({ json: asJson }) {
    return withProfile(this, async ({ device }) => {
      const found = await device.checkRecoveryWords(await readWords(this))
      if (asJson) await this.terminal.print(jsonLine(found))
      if (found.status !== "right") throw new CliError("words_wrong", sentence(found))
      if (!asJson) await this.terminal.print("These are the words of this account.")
    })
  },
})

function sentence(found: Exclude<WordsCheck, { readonly status: "right" }>): string {
  switch (found.status) {
    case "wrong_count":
      return `A recovery key has 24 words, and these are ${found.count}.`
    case "unknown_words":
      return found.wrong.map(({ at, nearest }) => `Word ${at + 1} is not in the list. Did you mean ${nearest.join(", ")}?`).join(" ")
    case "wrong_checksum":
      return "All of these are words of the list, but one is wrong, or two are in each other's place."
    case "other_account":
      return "These words belong to another account."
  }
}

interface UseFlags {
  readonly server: string
  readonly handle: string
  readonly deviceName: string
  readonly json: boolean
}

const use: Command<CliContext> = buildCommand<UseFlags, [], CliContext>({
  docs: {
    brief: "Bring an account back by its 24 words, into a new profile",
    fullDescription:
      "The words are read from standard input, or asked for. This profile becomes the account's only device: all other devices are out of it. Your contacts see that the account started over.",
  },
  parameters: {
    flags: {
      server: { kind: "parsed", parse: serverUrl, brief: "Address of the server, such as https://chat.example.org", placeholder: "url" },
      handle: { kind: "parsed", parse: handle, brief: "Handle of the account", placeholder: "handle" },
      deviceName: { kind: "parsed", parse: text, brief: "What you call this device", default: "Terminal", placeholder: "name" },
      json,
    },
  },
  async func(flags) {
    const recovery = { serverUrl: flags.server, handle: flags.handle, deviceName: flags.deviceName, words: await readWords(this) }
    const profile = await this.profiles.recover(this.profilePath, recovery, this.network)
    try {
      const { accountId, deviceId, handle: own, origin } = await profile.device.account()
      await this.terminal.print(
        flags.json ? jsonLine({ account: accountId, device: deviceId, handle: `@${own}`, origin }) : `@${own}  ${accountId}`,
      )
      await confirmed(profile.device)
      this.terminal.talk(`@${own} is back on ${harmlessLine(origin)}. All other devices of the account are out of it.`)
    } finally {
      await profile.close()
    }
  },
})

async function readWords({ terminal }: CliContext): Promise<readonly string[]> {
  return splitWords(terminal.interactive ? await terminal.ask("The 24 words, in their order: ") : await terminal.readAll(inputBytes))
}

export const recovery: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "The 24 words that bring this account back" },
  routes: { show, check, use },
})
