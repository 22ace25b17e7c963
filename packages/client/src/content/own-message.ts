// Looking up the message that a person edits or deletes.

import { equal } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import { type StoredMessage, readMessage } from "../store/chat/messages.ts"
import { messageTexts } from "../texts/en.ts"
import type { Writing } from "./content-type.ts"

/** @throws ClientError `not_found`, `not_allowed` unless it is a text of this account */
export async function readOwnText(writing: Writing, messageId: Uint8Array): Promise<void> {
  if (!(await readOwn(writing, messageId)).hasText) throw new ClientError("not_allowed", messageTexts.notOwn)
}

/** @throws ClientError `not_found`, `not_allowed` unless it is something that this account wrote */
export async function readOwnContent(writing: Writing, messageId: Uint8Array): Promise<void> {
  const { hasText, hasFile } = await readOwn(writing, messageId)
  if (!hasText && !hasFile) throw new ClientError("not_allowed", messageTexts.notOwn)
}

async function readOwn({ tx, group, ownAccountId }: Writing, messageId: Uint8Array): Promise<StoredMessage> {
  const message = await readMessage(tx, group.chatId, messageId)
  if (!equal(message.accountId, ownAccountId)) throw new ClientError("not_allowed", messageTexts.notOwn)
  return message
}
