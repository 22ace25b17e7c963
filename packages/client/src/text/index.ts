// Text as people write, read and pass it on, for every interface: `@nodoor/client/text`.

export { type Inline, parseInline } from "./inline.ts"
export { type Block, type ListItem, parseMarkdown } from "./markdown.ts"
export { type Mention } from "./mention.ts"
export { mentionedIn } from "./mentioned.ts"
export { plainText, shownText } from "./plain-text.ts"
export { markdownOf, typedOf } from "./typed.ts"
export { type SharedLink, linkPath, sharedLink } from "./shared-link.ts"
