import { type Command, buildCommand } from "@stricli/core"
import { type CliContext, withDeviceThenSend } from "../context.ts"
import { findChat } from "../reference.ts"
import { chatArgument, text } from "./flags.ts"

interface Flags {
  readonly chat: string
  readonly forAll: boolean
}

export const deleteMessage: Command<CliContext> = buildCommand<Flags, [string], CliContext>({
  docs: {
    brief: "Delete a message for you, on all your devices; nobody else is told",
    fullDescription: "`messages --json` prints the ids. With --for-all, a message of yours is deleted for everyone in the chat.",
  },
  parameters: {
    flags: {
      chat: { kind: "parsed", parse: text, brief: chatArgument.brief, placeholder: "chat" },
      forAll: { kind: "boolean", brief: "Delete a message of yours for everyone", default: false, withNegated: false },
    },
    positional: { kind: "tuple", parameters: [{ brief: "Id of the message", parse: text, placeholder: "id" }] },
  },
  func({ chat: reference, forAll }, messageId) {
    return withDeviceThenSend(this, async (device) => {
      const chat = await findChat(device, reference)
      await (forAll ? device.deleteForAll(chat.id, messageId) : device.deleteForMe(chat.id, messageId))
    })
  },
})
