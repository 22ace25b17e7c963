// Content of a kind that this version does not show: it has its place in the chat, so that nothing is passed over in silence.

import type { ContentType } from "./content-type.ts"

/** Something of a kind this version does not show. */
export interface UnsupportedContent {
  readonly type: "unsupported"
  readonly contentType: string
}

export const unsupported: ContentType<UnsupportedContent> = {
  name: "unsupported",
  view: (part) => ({ type: "unsupported", contentType: part.text }),
}
