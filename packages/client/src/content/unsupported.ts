// Content of a kind that this version does not show. It has its place in the chat, so that nothing is passed over in silence.

import { cutToGraphemes } from "@nodoor/wire"
import type { ContentType, NewContent } from "./content-type.ts"

/** Something of a kind this version does not show. */
export interface UnsupportedContent {
  readonly type: "unsupported"
  readonly contentType: string
}

const shownCharacters = 100

/** Takes what no type of the table accepts. */
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
