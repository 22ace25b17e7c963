// The functions for a message's text. Every interface uses the same ones.

export { type Block, type Inline, markdownOf, parseInline, parseMarkdown, plainText, shownText, typedOf } from "@nodoor/client/text"
