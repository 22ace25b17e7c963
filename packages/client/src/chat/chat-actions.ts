// Everything a person can do in a chat. Each action has a file in this folder; the content types are in content/.

import type { AccountId } from "@nodoor/keylog"
import type { Transactions } from "../core/transaction.ts"
import { deletion } from "../content/deletion.ts"
import { edit } from "../content/edit.ts"
import { type FileInput, file } from "../content/file.ts"
import { type FileAgainInput, fileAgain } from "../content/file-again.ts"
import { type ReactionInput, reaction } from "../content/reaction.ts"
import { type TextInput, text } from "../content/text.ts"
import type { ChatOptions } from "../store/chat/chats.ts"
import { setBlocked } from "./blocking.ts"
import { deleteChat } from "./delete-chat.ts"
import { deleteMessageForMe } from "./delete-message.ts"
import { type RetryParts, discard, retry } from "./failed-message.ts"
import { type FolderActions, folderActions } from "./folders.ts"
import { setOptions } from "./options.ts"
import { type ReadParts, markRead } from "./read-mark.ts"
import { accept } from "./request.ts"
import { starMessage } from "./star.ts"
import { type VerificationParts, acknowledgeIdentity, setVerified } from "./verification.ts"
import { type WriteParts, write } from "./write.ts"

export interface ChatActions extends FolderActions {
  /** `sendId`: the sender's own id for the message. Returns its MIMI id. */
  send(chatId: Uint8Array, message: TextInput & { readonly sendId: Uint8Array | undefined }): Promise<Uint8Array>
  /** The same for a photo or a file that is sealed and waits in the file store. */
  sendFile(chatId: Uint8Array, message: FileInput & { readonly sendId: Uint8Array | undefined }): Promise<Uint8Array>
  /** Asks its sender for a file that the server does not have any more. */
  askForFile(chatId: Uint8Array, messageId: Uint8Array): Promise<void>
  edit(chatId: Uint8Array, messageId: Uint8Array, markdown: string): Promise<void>
  deleteForAll(chatId: Uint8Array, messageId: Uint8Array): Promise<void>
  deleteForMe(chatId: Uint8Array, messageId: Uint8Array): Promise<void>
  react(chatId: Uint8Array, reaction: ReactionInput): Promise<void>
  setStarred(chatId: Uint8Array, messageId: Uint8Array, on: boolean): Promise<void>
  retry(chatId: Uint8Array, messageId: Uint8Array): Promise<void>
  discard(chatId: Uint8Array, messageId: Uint8Array): Promise<void>
  markRead(chatId: Uint8Array, messageId: Uint8Array): Promise<void>
  accept(chatId: Uint8Array): Promise<void>
  deleteChat(chatId: Uint8Array): Promise<void>
  setOptions(chatId: Uint8Array, options: ChatOptions): Promise<void>
  setBlocked(accountId: AccountId, blocked: boolean): Promise<void>
  setVerified(accountId: AccountId, verified: boolean): Promise<void>
  acknowledgeIdentity(accountId: AccountId): Promise<void>
}

export interface ChatActionParts extends WriteParts, RetryParts, ReadParts, VerificationParts {
  readonly own: WriteParts["own"]
  readonly sync: WriteParts["sync"]
  readonly trust: WriteParts["trust"]
  readonly transactions: Pick<Transactions, "run" | "runTogether" | "database">
}

export function chatActions(parts: ChatActionParts): ChatActions {
  return {
    ...folderActions(parts),
    send: async (chatId, { sendId, ...input }) => (await write(parts, chatId, { type: text, input, sendId })) ?? new Uint8Array(),
    sendFile: async (chatId, { sendId, ...input }) => (await write(parts, chatId, { type: file, input, sendId })) ?? new Uint8Array(),
    askForFile: async (chatId, messageId) => {
      const input: FileAgainInput = { messageId, expiresS: undefined }
      await write(parts, chatId, { type: fileAgain, input })
    },
    edit: async (chatId, messageId, markdown) => void (await write(parts, chatId, { type: edit, input: { messageId, markdown } })),
    deleteForAll: async (chatId, messageId) => void (await write(parts, chatId, { type: deletion, input: { messageId } })),
    deleteForMe: (chatId, messageId) => deleteMessageForMe(parts, chatId, messageId),
    react: async (chatId, input) => void (await write(parts, chatId, { type: reaction, input })),
    setStarred: (chatId, messageId, on) => starMessage(parts, { chatId, messageId }, on),
    retry: (chatId, messageId) => retry(parts, chatId, messageId),
    discard: (chatId, messageId) => discard(parts, chatId, messageId),
    markRead: (chatId, messageId) => markRead(parts, chatId, messageId),
    accept: (chatId) => accept(parts, chatId),
    deleteChat: (chatId) => deleteChat(parts, chatId),
    setOptions: (chatId, options) => setOptions(parts, chatId, options),
    setBlocked: (accountId, blocked) => setBlocked(parts, accountId, blocked),
    setVerified: (accountId, verified) => setVerified(parts, accountId, verified),
    acknowledgeIdentity: (accountId) => acknowledgeIdentity(parts, accountId),
  }
}
