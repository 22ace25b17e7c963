// What each page of the console cannot show, because the server does not have it. Fixed: no state of the server changes a word of it.

import type { PageName } from "../place.ts"

export const blindWords: Readonly<Record<PageName, string>> = {
  overview: "These are counts of ciphertexts, not what they are: nothing on this server can open one, and nobody signed in here can.",
  cases: "Nothing can add content to a case: this server has none, and no key to any.",
  accounts: "What cannot be seen here: messages, contacts, groups, profile names, who writes to whom.",
  invites: "What cannot be seen here: the links themselves, of which the server keeps hashes, and whom somebody invited writes to.",
  people: "No role here can read a message, add a device to an account, or hand over what the server does not have.",
  log: "This is what people did in the console and at the desk. What users write, and to whom, is in no log.",
  settings: "No setting opens a message or adds a reader: there is none. Secrets are named here and never shown.",
}
