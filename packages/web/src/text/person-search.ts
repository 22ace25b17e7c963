// What was typed or pasted to find somebody: their handle, or the words that say why it leads to nobody.

import { sharedLink } from "@nodoor/client/text"

export type PersonSearch = { readonly handle: string } | { readonly problem: string }

export function personSearch(typed: string, serverUrl: string): PersonSearch {
  const link = sharedLink(typed, serverUrl)
  if (link === undefined) return { problem: "A handle has 3 to 32 small letters, digits, dots, dashes or underscores, like @alice." }
  switch (link.type) {
    case "person":
      return { handle: link.handle }
    case "invite":
      return { problem: "This link lets somebody new in. You have an account already. Ask for their handle." }
    case "elsewhere":
      return { problem: elsewhereText(link.host, serverUrl) }
  }
}

export function elsewhereText(host: string, serverUrl: string): string {
  return `This link belongs to another server, ${host}. From ${new URL(serverUrl).host} you cannot write to people there.`
}
