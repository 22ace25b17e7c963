// The functions for a message's text. Every interface uses the same ones.

export {
  type Block,
  type Inline,
  type Mention,
  markdownOf,
  mentionedIn,
  parseInline,
  parseMarkdown,
  plainText,
  shownText,
  typedOf,
} from "@nodoor/client/text"
