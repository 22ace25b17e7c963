// The server keeps a file for some weeks only. Who opens it later asks its sender, whose device uploads the same sealed bytes under the same id once
// more, if it still has them, and says until when they are there. Nothing else of the message changes.

import { type CborValue, CodecError, decodeCbor, encodeCbor, equal } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import { findMessage } from "../store/chat/messages.ts"
import { findPart, replacePartData } from "../store/chat/parts.ts"
import { setWantedAgain } from "../store/chat/sealed-files.ts"
import { fileTexts } from "../texts/en-file.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { decodeFile, encodeFile, file } from "./file.ts"

/** Whatever many members ask, an upload costs its sender something. */
const askedEveryMs = 3_600_000

export interface FileAgainInput {
  readonly messageId: Uint8Array
  /** Until when the server has it, in Unix seconds; undefined to ask for it. */
  readonly expiresS: number | undefined
}

export const fileAgain: ContentType<FileAgainInput, never> = {
  name: "file-again",
  isSilent: true,
  compose: async (writing, { messageId, expiresS }) => {
    const { tx, group, ownAccountId } = writing
    const message = await findMessage(tx, group.chatId, messageId)
    const isOwn = message !== undefined && equal(message.accountId, ownAccountId)
    if (!message?.hasFile || isOwn === (expiresS === undefined)) throw new ClientError("not_allowed", fileTexts.none)
    if (expiresS !== undefined) await setExpiry(writing, messageId, expiresS)
    return await writing.queue({ part: singlePart(mimeTypes.fileAgain, encodeCbor([expiresS ?? null])), inReplyTo: messageId })
  },
  accepts: ({ part, replaces, inReplyTo }) =>
    replaces === undefined && inReplyTo !== undefined && contentOf(part, mimeTypes.fileAgain) !== undefined,
  receive: async (arrival) => {
    const { tx, chat, group, sender, receivedMs, inReplyTo: messageId } = arrival
    const told = read(contentOf(arrival.part, mimeTypes.fileAgain) ?? new Uint8Array())
    const message = messageId && (await findMessage(tx, chat.chatId, messageId))
    if (told === undefined || messageId === undefined || !message?.hasFile) return
    if (told.expiresS !== undefined) {
      // Only who sent it knows.
      if (equal(message.accountId, sender.accountId)) await setExpiry({ tx, group }, messageId, told.expiresS)
      return
    }
    // Only a device that uploaded it has what it takes.
    if (await setWantedAgain(tx, { chatId: chat.chatId, messageId }, receivedMs - askedEveryMs)) arrival.filesWanted()
  },
}

async function setExpiry(
  { tx, group }: Pick<Parameters<NonNullable<typeof fileAgain.compose>>[0], "tx" | "group">,
  messageId: Uint8Array,
  expiresS: number,
): Promise<void> {
  const name = { chatId: group.chatId, messageId }
  const part = await findPart(tx, name, file.name)
  const data = part && decodeFile(part)
  if (data) replacePartData(tx, name, { kind: file.name, data: encodeFile({ ...data, expiresS }) })
}

function read(encoded: Uint8Array): { readonly expiresS: number | undefined } | undefined {
  try {
    const value = decodeCbor(encoded, { maxBytes: 16 })
    if (!Array.isArray(value) || value.length !== 1) return undefined
    const [expiresS] = value as CborValue[]
    if (expiresS === null) return { expiresS: undefined }
    return typeof expiresS === "number" && Number.isInteger(expiresS) && expiresS > 0 && expiresS <= 0xffff_ffff ? { expiresS } : undefined
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
