// Every sentence of the operator's console in English, except those of the shared parts (`text/en/part.ts`). Another language is a module with
// the same exports: the type checker says what is missing.

export { accounts, invites } from "./en/accounts.ts"
export { amounts } from "./en/amounts.ts"
export { cases } from "./en/cases.ts"
export { frame } from "./en/frame.ts"
export { log, settings } from "./en/log.ts"
export { overview } from "./en/overview.ts"
export { people } from "./en/people.ts"
export { request } from "./en/request.ts"
export { terms } from "./en/terms.ts"
