// Photos and files as streams, for a caller in the same program.

import type { ChatActions } from "../chat/chat-actions.ts"
import { asClientError } from "../core/client-error.ts"
import type { DeviceFiles } from "../media/device-files.ts"
import { type FileSendingParts, sendFile } from "../media/file-sending.ts"
import { hexId } from "../view/hex-id.ts"
import type { MessageView } from "../view/message-view.ts"
import type { FileCalls } from "./file-calls.ts"

export type FileParts = Omit<FileSendingParts, "shelf" | "mediaCrypto"> & {
  readonly files: Pick<DeviceFiles, "shelf" | "mediaCrypto" | "downloads">
}

interface CallParts {
  readonly inChats: Pick<ChatActions, "sendFile">
  view(chatId: Uint8Array, messageId: Uint8Array): Promise<MessageView>
  /** @throws ClientError if the device cannot do it now */
  check(needs: "account" | "store"): void
}

export function fileCalls(parts: FileParts, { inChats, view, check }: CallParts): FileCalls {
  async function call<T>(needs: "account" | "store", work: () => Promise<T>): Promise<T> {
    try {
      check(needs)
      return await work()
    } catch (error) {
      throw asClientError(error)
    }
  }
  return {
    send: (chat, { id, inReplyTo, ...file }) =>
      call("account", async () => {
        const chatId = hexId(chat)
        const named = { ...file, sendId: id === undefined ? undefined : hexId(id) }
        const outgoing = { ...named, inReplyTo: inReplyTo === undefined ? undefined : hexId(inReplyTo) }
        const messageId = await sendFile(
          { ...parts, shelf: parts.files.shelf, mediaCrypto: parts.files.mediaCrypto },
          { chatId, file: outgoing },
          (message) => inChats.sendFile(chatId, message),
        )
        return await view(chatId, messageId)
      }),
    open: (chatId, messageId) =>
      call("store", async () => {
        const { file, content } = await parts.files.downloads.open({ chatId: hexId(chatId), messageId: hexId(messageId) })
        return { name: file.name, mediaType: file.mediaType, size: file.size, content }
      }),
  }
}
