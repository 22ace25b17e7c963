// What the page needs of a message's text; it is the same for every interface.

export { type Block, type Inline, markdownOf, parseInline, parseMarkdown, plainText, shownText, typedOf } from "@nodoor/client/text"
