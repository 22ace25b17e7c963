// Content that this version cannot show. It gets a place in the chat, so that the person knows something arrived.

import { cutToGraphemes } from "@nodoor/wire"
import type { ContentType, NewContent } from "./content-type.ts"

/** Content of a kind that this version cannot show. */
export interface UnsupportedContent {
  readonly type: "unsupported"
  readonly contentType: string
}

const shownCharacters = 100

/** Receives what no type in the table accepts. */
export const unsupported: ContentType<never, UnsupportedContent> = {
  name: "unsupported",
  receive: async ({ part, insert }) => {
    const hasType = part.cardinality === "single" || part.cardinality === "external"
    await insert(unsupportedContent(hasType ? part.contentType : part.cardinality))
  },
  view: (part) => ({ type: "unsupported", contentType: part.text }),
}

export function unsupportedContent(contentType: string): NewContent {
  return { parts: [{ kind: unsupported.name, text: cutToGraphemes(contentType, shownCharacters) }] }
}
