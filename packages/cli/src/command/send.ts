import { markdownOf } from "@nodoor/client/text"
import { limits } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, confirmed, withProfile } from "../context.ts"
import { findChat } from "../reference.ts"
import { jsonLine } from "../terminal.ts"
import { json, text } from "./flags.ts"

interface Flags {
  readonly chat?: string
  readonly replyTo?: string
  readonly json: boolean
  readonly markdown: boolean
}

export const send: Command<CliContext> = buildCommand<Flags, string[], CliContext>({
  docs: {
    brief: "Send a message; - reads it from standard input",
    customUsage: ['@bob "text"', '--chat CHAT "text"', "@bob -"],
    fullDescription:
      "Prints the message's id when the server has stored it. Without a connection the message is stored here and sent later; the exit code is then 5.",
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
      minimum: 1,
      maximum: 2,
    },
  },
  async func(flags, ...words) {
    const reference = flags.chat ?? words[0] ?? ""
    const rest = flags.chat === undefined ? words.slice(1) : words
    const [given, tooMuch] = rest
    if (given === undefined || tooMuch !== undefined) {
      throw new CliError("usage", "Give one chat and one text.", { next: 'nodoor send @bob "text"' })
    }
    const message = given === "-" ? (await this.terminal.readAll(limits.postBytes)).replace(/\r?\n$/, "") : given
    if (message.trim() === "") throw new CliError("usage", "The text is empty.")
    await withProfile(this, async ({ device }) => {
      const chat = await findChat(device, reference)
      const text = flags.markdown ? message : markdownOf(message)
      const sent = await device.send(chat.id, { text, ...(flags.replyTo === undefined ? {} : { inReplyTo: flags.replyTo }) })
      await this.terminal.print(flags.json ? jsonLine({ chat: chat.id, id: sent.id }) : sent.id)
      await confirmed(device, chat.id)
      const [now] = await device.messagesById(chat.id, [sent.id])
      if (now?.status === "failed")
        throw new CliError("not_sent", now.failure?.message ?? "The message could not be sent.", { next: "send it again" })
    })
  },
})
