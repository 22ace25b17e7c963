// Passing a message on to other chats, and keeping messages in a list of one's own.

import { type MessageView, ClientError } from "@nodoor/client"
import { mentionedIn, markdownOf, shownText, typedOf } from "@nodoor/client/text"
import { isolated } from "@nodoor/wire"
import { type Command, buildCommand } from "@stricli/core"
import { CliError } from "../cli-error.ts"
import { type CliContext, withDeviceThenSend, withSyncedDevice } from "../context.ts"
import { findChat } from "../reference.ts"
import { columns, harmlessLine, jsonLine, minute } from "../terminal.ts"
import { chatArgument, json, text } from "./flags.ts"

const chatFlag = { kind: "parsed", parse: text, brief: chatArgument.brief, placeholder: "chat" } as const
const idArgument = { brief: "Id of the message", parse: text, placeholder: "id" } as const

export const forward: Command<CliContext> = buildCommand<{ readonly chat: string }, [string, ...string[]], CliContext>({
  docs: {
    brief: "Send a message of one chat to others; they see that it was forwarded, but not who wrote it or where",
    fullDescription: "`messages --json` prints the ids. A message of yours is sent again as yours.",
  },
  parameters: {
    flags: { chat: chatFlag },
    positional: {
      kind: "array",
      parameter: { brief: "Id of the message, then the chats to send it to", parse: text, placeholder: "id chat" },
    },
  },
  func({ chat: reference }, messageId, ...targets) {
    if (targets.length === 0) throw new CliError("usage", "Say to which chats: nodoor forward --chat CHAT ID CHAT…")
    return withDeviceThenSend(this, async (device) => {
      const { id } = await findChat(device, reference)
      const [message] = await device.messagesById(id, [messageId])
      if (message?.content.type !== "text") throw new ClientError("not_found", "There is no text message with this id.")
      const { markdown } = message.content
      const words = mentionedIn(markdown).length > 0 ? markdownOf(typedOf(markdown)) : markdown
      const chats = []
      for (const target of targets) chats.push(await findChat(device, target))
      for (const chat of chats) await device.send(chat.id, { text: words, ...(!message.sender.own && { forwarded: true }) })
    })
  },
})

export const star: Command<CliContext> = buildCommand<{ readonly chat: string; readonly undo: boolean }, [string], CliContext>({
  docs: { brief: "Star a message: it is in your list of starred messages, on all your devices" },
  parameters: {
    flags: { chat: chatFlag, undo: { kind: "boolean", brief: "Take the star away", default: false, withNegated: false } },
    positional: { kind: "tuple", parameters: [idArgument] },
  },
  func({ chat: reference, undo }, messageId) {
    return withDeviceThenSend(this, async (device) => device.setStarred((await findChat(device, reference)).id, messageId, !undo))
  },
})

export const starred: Command<CliContext> = buildCommand<{ readonly json: boolean }, [], CliContext>({
  docs: { brief: "List the messages that you starred, the latest first" },
  parameters: { flags: { json } },
  func(flags) {
    return withSyncedDevice(this, async (device) => {
      const found = await device.starred()
      const titles = new Map((await device.chats()).map(({ id, title }) => [id, title]))
      if (found.length === 0) this.terminal.talk("No starred messages.\n  next: nodoor star --chat CHAT ID")
      if (flags.json) for (const message of found) await this.terminal.print(jsonLine(asJson(message)))
      else if (found.length > 0)
        await this.terminal.print(
          columns(
            found.map((message) => [
              minute(message.timeMs),
              isolated(harmlessLine(titles.get(message.chatId) ?? "")),
              isolated(harmlessLine(message.sender.name)),
              harmlessLine(wordsOf(message)),
            ]),
          ),
        )
    })
  },
})

function wordsOf({ content }: MessageView): string {
  return content.type === "text" ? shownText(content.markdown) : ""
}

function asJson(message: MessageView): object {
  const { id, chatId, sender, timeMs } = message
  return { id, chat: chatId, from: sender.accountId, name: sender.name, time: timeMs, text: wordsOf(message) }
}
