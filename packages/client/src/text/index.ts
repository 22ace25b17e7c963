// A message's text, for everybody who shows or writes one: `@nodoor/client/text`.

export { type Inline, parseInline } from "./inline.ts"
export { type Block, type ListItem, parseMarkdown } from "./markdown.ts"
export { plainText, shownText } from "./plain-text.ts"
export { markdownOf, typedOf } from "./typed.ts"
