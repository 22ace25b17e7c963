// Reacting to a message with an emoji. To take a reaction back, a message names the one that carried it.

import { toUtf8 } from "@nodoor/bytes"
import { countGraphemes } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import { textLimits } from "../core/text-limits.ts"
import { findMessage, readMessage } from "../store/chat/messages.ts"
import { countReactions, deleteReaction, findReaction, insertReaction, withdrawReaction } from "../store/chat/reactions.ts"
import { messageTexts } from "../texts/en.ts"
import { nullPart, reactionPart, textOf } from "./body.ts"
import type { ContentType } from "./content-type.ts"
import { dispositions } from "./mimi/content.ts"

export interface ReactionInput {
  /** The message to react to. */
  readonly messageId: Uint8Array
  readonly emoji: string
  /** False takes the reaction back. */
  readonly on: boolean
}

export const reaction: ContentType<ReactionInput, never> = {
  name: "reaction",
  compose: async (writing, { messageId: targetId, emoji, on }) => {
    if (!isReaction(emoji)) throw new ClientError("invalid_input", messageTexts.notAReaction)
    const { tx, group, ownAccountId: accountId } = writing
    const { chatId } = group
    if ((await readMessage(tx, chatId, targetId)).kind === "deleted") throw new ClientError("not_allowed", messageTexts.deleted)
    const present = await findReaction(tx, { chatId, targetId, accountId, emoji })
    if (on && !present && (await countReactions(tx, { chatId, targetId, accountId })) >= textLimits.reactionsPerAccount)
      throw new ClientError("not_allowed", messageTexts.tooManyReactions(textLimits.reactionsPerAccount))
    if (on === (present !== undefined)) return undefined
    if (present) {
      deleteReaction(tx, { chatId, targetId, accountId, emoji })
      return await writing.queue({ part: nullPart(dispositions.reaction), inReplyTo: targetId, replaces: present })
    }
    const messageId = await writing.queue({ part: reactionPart(emoji), inReplyTo: targetId })
    insertReaction(tx, { chatId, targetId, accountId, emoji, messageId })
    return messageId
  },
  accepts: ({ part, replaces }) => part.disposition === dispositions.reaction && (!replaces || part.cardinality === "null"),
  receive: async ({ tx, chat, sender, part, replaces, inReplyTo: targetId, messageId }) => {
    const { chatId } = chat
    const { accountId } = sender
    if (replaces) return await withdrawReaction(tx, { chatId, messageId: replaces, accountId })
    const emoji = textOf(part)
    if (!targetId || !emoji || !isReaction(emoji)) return
    // The message may have been deleted while the reaction was on its way.
    if ((await findMessage(tx, chatId, targetId))?.kind === "deleted") return
    if ((await countReactions(tx, { chatId, targetId, accountId })) >= textLimits.reactionsPerAccount) return
    insertReaction(tx, { chatId, targetId, accountId, emoji, messageId })
  },
}

/** Flags and keys are made of characters that are no pictures by themselves. */
const isPicture = /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|^[0-9#*]\ufe0f?\u20e3$/u
/** Words, what turns the direction of a line, and marks that could be piled up on it. */
const hasMore = /[\p{L}\p{Cc}\p{Bidi_Control}]|(?![\ufe0f\u20e3])\p{M}/u

/** One emoji, also of a later Unicode than this device knows. */
function isReaction(emoji: string): boolean {
  if (toUtf8(emoji).length > textLimits.emojiBytes) return false
  return countGraphemes(emoji, 1) === 1 && isPicture.test(emoji) && !hasMore.test(emoji)
}
