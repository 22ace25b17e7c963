// Looking up the message that a person edits or deletes.

import { equal } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import { readMessage } from "../store/chat/messages.ts"
import { messageTexts } from "../texts/en.ts"
import type { Writing } from "./content-type.ts"

/** @throws ClientError `not_found`, `not_allowed` unless it is a text of this account */
export async function readOwnText({ tx, group, ownAccountId }: Writing, messageId: Uint8Array): Promise<void> {
  const message = await readMessage(tx, group.chatId, messageId)
  if (!equal(message.accountId, ownAccountId) || !message.hasText) throw new ClientError("not_allowed", messageTexts.notOwn)
}
