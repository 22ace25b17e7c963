// What was written before this account came to a group, as whoever let it in tells it.

import type { MessageContent } from "@nodoor/client"
import { shownText } from "@nodoor/client/text"
import { harmlessLine, minute } from "./terminal.ts"

type Earlier = Extract<MessageContent, { readonly type: "shared_history" }>

/** One line for each, so that none can look like a message of its own. */
export function earlierText({ count, messages }: Earlier, names: ReadonlyMap<string, string>): string {
  const told = messages.map(({ accountId, timeMs, markdown }) => {
    const author = names.get(accountId) ?? "somebody who has left"
    return `    ${minute(timeMs)}  ${harmlessLine(author)} wrote: ${harmlessLine(shownText(markdown))}`
  })
  return [messages.length > 0 ? `(tells of ${count} earlier messages)` : `(sent ${count} earlier messages to new members)`, ...told].join(
    "\n",
  )
}

/** The same for programs. */
export function earlierJson({ messages }: Earlier): readonly object[] {
  return messages.map(({ id, accountId: account, timeMs: time, markdown }) => ({ id, account, time, text: shownText(markdown) }))
}
