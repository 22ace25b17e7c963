// `nodoor save`: the photo or file of a message, written to the disk.

import { type Command, buildCommand } from "@stricli/core"
import { join } from "node:path"
import { stat } from "node:fs/promises"
import { type CliContext, serverWaitMs, settledOrOffline, withProfile } from "../context.ts"
import { sizeText } from "../file-content.ts"
import { writeNewFile } from "../new-file.ts"
import { findChat } from "../reference.ts"
import { harmlessLine, jsonLine } from "../terminal.ts"
import { tellTransfer } from "../transfer-talk.ts"
import { chatArgument, json, text } from "./flags.ts"

interface Flags {
  readonly chat: string
  readonly out?: string
  readonly again: boolean
  readonly json: boolean
}

export const save: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Save the photo or file of a message",
    fullDescription:
      "`messages --json` prints the ids. The file gets the name that its sender gave it, made harmless, in this folder; --out names another folder or a new file. An existing file is never overwritten. A download that was interrupted goes on where it was. " +
      "The server keeps files for some weeks; --again asks the sender to send one again that it no longer has. What is saved can be anything, whatever its name says: do not run what you do not trust.",
  },
  parameters: {
    flags: {
      chat: { kind: "parsed", parse: text, brief: chatArgument.brief, placeholder: "chat" },
      out: { kind: "parsed", parse: text, brief: "Folder, or a new file", optional: true, placeholder: "path" },
      again: { kind: "boolean", brief: "Ask the sender to send it again", default: false, withNegated: false },
      json,
    },
    positional: { kind: "tuple", parameters: [{ brief: "Id of the message", parse: text, placeholder: "id" }] },
  },
  func(flags, messageId) {
    return withProfile(this, async ({ device }) => {
      await settledOrOffline(device, serverWaitMs)
      const chat = await findChat(device, flags.chat)
      if (flags.again) {
        await device.askForFile(chat.id, messageId)
        await settledOrOffline(device, serverWaitMs)
        this.terminal.talk("Asked. Try again once the sender's device was online.")
        return
      }
      const stop = tellTransfer(this.terminal, device, "down")
      try {
        const file = await device.files.open(chat.id, messageId)
        const path = await placeFor(flags.out, file.name)
        await writeNewFile(path, file.content())
        await this.terminal.print(
          flags.json
            ? jsonLine({ path, name: file.name, mediaType: file.mediaType, size: file.size })
            : `${harmlessLine(path)} (${sizeText(file.size)})`,
        )
      } finally {
        stop()
      }
    })
  },
})

/** An existing folder, or the file itself. */
async function placeFor(out: string | undefined, name: string): Promise<string> {
  if (out === undefined) return name
  const isFolder = (await stat(out).catch(() => undefined))?.isDirectory() === true
  return isFolder ? join(out, name) : out
}
