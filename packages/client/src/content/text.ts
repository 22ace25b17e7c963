// What people write: Markdown. A reply is a text that names the message it answers.

import { encodeCbor, equal, toUtf8 } from "@nodoor/bytes"
import { showsNothing } from "@nodoor/wire"
import { ClientError } from "../core/client-error.ts"
import { textLimits } from "../core/text-limits.ts"
import { messageTexts } from "../texts/en.ts"
import { markdownPart, textOf } from "./body.ts"
import type { ContentType, NewContent } from "./content-type.ts"
import { unsupportedContent } from "./unsupported.ts"

export interface TextInput {
  readonly markdown: string
  readonly inReplyTo: Uint8Array | undefined
  /** Somebody wrote it elsewhere: the others are told that, and neither who nor where. */
  readonly forwarded?: boolean | undefined
}

/** GFM-MIMI Markdown as sent. `@nodoor/client/text` makes a tree of it to draw, or the plain words. */
export interface TextContent {
  readonly type: "text"
  readonly markdown: string
  /** Its sender passed it on: they say that somebody else wrote it. */
  readonly forwarded?: true
}

/** In the store, beside the words. */
const forwardedMark = encodeCbor({ forwarded: true })

export const text: ContentType<TextInput, TextContent> = {
  name: "text",
  isMessage: true,
  compose: async (writing, { markdown, inReplyTo, forwarded }) => {
    const checked = checkedText(markdown)
    return await writing.say({ part: markdownPart(checked), inReplyTo, forwarded }, textContent(checked, { forwarded }), {
      keepsDraft: forwarded === true,
    })
  },
  accepts: ({ part, replaces }) => replaces === undefined && textOf(part) !== undefined,
  receive: async (arrival) => {
    const markdown = textOf(arrival.part) ?? ""
    // Invisible text is shown as a message that cannot be displayed, so that the person knows something arrived.
    await arrival.insert(showsNothing(markdown) ? unsupportedContent("empty") : textContent(markdown, arrival))
  },
  view: (part) => ({ type: "text", markdown: part.text, ...(part.data && equal(part.data, forwardedMark) && { forwarded: true }) }),
  again: ({ text: markdown, data }) => {
    if (showsNothing(markdown) || toUtf8(markdown).length > textLimits.messageBytes) return undefined
    return textContent(markdown, { forwarded: data !== undefined && equal(data, forwardedMark) }).parts[0]
  },
}

export function textContent(markdown: string, { forwarded = false }: { readonly forwarded?: boolean | undefined } = {}): NewContent {
  return { parts: [{ kind: text.name, text: markdown, ...(forwarded && { data: forwardedMark }) }], searched: markdown }
}

/** @throws ClientError `invalid_input` */
export function checkedText(markdown: string): string {
  if (showsNothing(markdown)) throw new ClientError("invalid_input", messageTexts.empty)
  if (!markdown.isWellFormed() || toUtf8(markdown).length > textLimits.messageBytes)
    throw new ClientError("invalid_input", messageTexts.tooLong)
  return markdown
}
