import type { Device } from "@nodoor/client"
import { markdownOf } from "@nodoor/client/text"
import { limits } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, settledOrOffline, withProfile } from "../context.ts"
import { fileAt } from "../file-content.ts"
import { findChat } from "../reference.ts"
import { jsonLine } from "../terminal.ts"
import { tellTransfer } from "../transfer-talk.ts"
import { json, text } from "./flags.ts"

/** An upload that brought nothing for so long goes on later. */
const stillMs = 15_000

interface Flags {
  readonly chat?: string
  readonly replyTo?: string
  readonly file?: string
  readonly json: boolean
  readonly markdown: boolean
}

export const send: Command<CliContext> = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Send a message, a photo or a file; - reads the text from standard input",
    customUsage: ['@bob "text"', '--chat CHAT "text"', "@bob -", '@bob --file PATH ["caption"]'],
    fullDescription:
      "Prints the message's id when the server has stored it. Without a connection the message is stored here and sent later; the exit code is then 5. " +
      "A file is sent as it is: what a camera wrote into a photo, such as the place, stays in it.",
  },
  parameters: {
    flags: {
      chat: {
        kind: "parsed",
        parse: text,
        brief: "Chat: @handle, an id or the beginning of one, or a title",
        optional: true,
        placeholder: "chat",
      },
      replyTo: { kind: "parsed", parse: text, brief: "Id of the message you reply to", optional: true, placeholder: "id" },
      file: { kind: "parsed", parse: text, brief: "Photo or file to send; the text is its caption", optional: true, placeholder: "path" },
      json,
      markdown: {
        kind: "boolean",
        brief: "The text is Markdown; without this, only *bold*, _italic_ and ~struck~ are formatted",
        default: false,
        withNegated: false,
      },
    },
    positional: {
      kind: "array",
      parameter: { brief: "Person (unless --chat is given), then the text", parse: text, placeholder: "argument" },
      minimum: 0,
      maximum: 2,
    },
  },
  async func(flags, ...words) {
    const [reference = "", given, tooMuch] = flags.chat === undefined ? words : [flags.chat, ...words]
    if (reference === "" || tooMuch !== undefined || (given === undefined && flags.file === undefined)) {
      throw new CliError("usage", "Give one chat and one text.", { next: 'nodoor send @bob "text"' })
    }
    const message = given === "-" ? (await this.terminal.readAll(limits.postBytes)).replace(/\r?\n$/, "") : (given ?? "")
    if (message.trim() === "" && flags.file === undefined) throw new CliError("usage", "The text is empty.")
    const text = flags.markdown || message === "" ? message : markdownOf(message)
    const answers = flags.replyTo === undefined ? {} : { inReplyTo: flags.replyTo }
    const file = flags.file === undefined ? undefined : await fileAt(flags.file)
    await withProfile(this, async ({ device }) => {
      const chat = await findChat(device, reference)
      const sent = file
        ? await device.files.send(chat.id, { ...file, caption: text, ...answers }).finally(() => file.close())
        : await device.send(chat.id, { text, ...answers })
      await this.terminal.print(flags.json ? jsonLine({ chat: chat.id, id: sent.id }) : sent.id)
      if (file) await uploaded(this, device, { chatId: chat.id, messageId: sent.id })
      await confirmed(device, chat.id)
      const [now] = await device.messagesById(chat.id, [sent.id])
      if (now?.status === "failed")
        throw new CliError("not_sent", now.failure?.message ?? "The message could not be sent.", { next: "send it again" })
    })
  },
})

/** Waits as long as the upload gets on. */
async function uploaded(
  { terminal }: CliContext,
  device: Device,
  { chatId, messageId }: { readonly chatId: string; readonly messageId: string },
): Promise<void> {
  const stop = tellTransfer(terminal, device, "up")
  let isMoving = false
  const stopListening = device.subscribe((event) => {
    if (event.type === "transfer" && event.transfer.messageId === messageId) isMoving = true
  })
  try {
    do isMoving = false
    while (!(await settledOrOffline(device, stillMs)) && isMoving && (await isQueued(device, chatId, messageId)))
  } finally {
    stop()
    stopListening()
  }
}

async function isQueued(device: Device, chatId: string, messageId: string): Promise<boolean> {
  return (await device.messagesById(chatId, [messageId]))[0]?.status === "queued"
}
