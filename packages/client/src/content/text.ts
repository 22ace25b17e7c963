// What people write: Markdown.

import type { ContentType } from "./content-type.ts"

/** GFM-MIMI Markdown as sent. `@nodoor/client/text` makes a tree of it to draw, or the plain words. */
export interface TextContent {
  readonly type: "text"
  readonly markdown: string
}

export const text: ContentType<TextContent> = {
  name: "text",
  view: (part) => ({ type: "text", markdown: part.text }),
}
