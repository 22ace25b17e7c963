// The handle in what was typed or pasted to find somebody, or the reason why there is none.

import { sharedLink } from "@nodoor/client/text"
import { t } from "./catalogue.ts"

export type PersonSearch = { readonly handle: string } | { readonly problem: string }

export function personSearch(typed: string, serverUrl: string): PersonSearch {
  const link = sharedLink(typed, serverUrl)
  if (link === undefined) return { problem: t.people.find.handleForm }
  switch (link.type) {
    case "person":
      return { handle: link.handle }
    case "invite":
      return { problem: t.people.find.invite }
    case "elsewhere":
      return { problem: elsewhereText(link.host, serverUrl) }
  }
}

export function elsewhereText(host: string, serverUrl: string): string {
  return t.people.find.elsewhere(host, new URL(serverUrl).host)
}
