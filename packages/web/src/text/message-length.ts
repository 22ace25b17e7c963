// How much too long a text is for one message. Nothing is ever cut: the writer decides what to leave out.

import { countGraphemes } from "@nodoor/wire/graphemes"
import { markdownOf } from "./markdown.ts"
import { t } from "./catalogue.ts"

/** As much as people can read in one bubble. */
export const maxMessageCharacters = 20_000
/** As the client counts (its `textLimits`): signs of several letters weigh more than they look. */
export const maxMessageBytes = 131_072
export const maxDraftCharacters = 100_000
/** A code point has at most four bytes, and each may be escaped. */
const surelyFits = 16_000
/** Beyond this the exact number doesn't matter, and counting graphemes would make typing slow. */
const maxExact = 150_000

/** Characters too many, as people count them; 0 when the message fits. */
export function excessOf(typed: string): number {
  if (typed.length <= surelyFits) return 0
  const characters = countCharacters(typed)
  const bytes = new TextEncoder().encode(markdownOf(typed)).length
  const perCharacter = bytes / characters
  return Math.max(0, characters - maxMessageCharacters, Math.ceil((bytes - maxMessageBytes) / perCharacter))
}

/** What to say about a text that does not fit; undefined when it does. */
export function excessText(excess: number, typed: string): string | undefined {
  if (excess <= 0) return undefined
  return t.chat.composer.tooLong(excess, typed.length <= maxDraftCharacters)
}

function countCharacters(text: string): number {
  if (text.length > maxExact) return [...text].length
  return countGraphemes(text)
}
