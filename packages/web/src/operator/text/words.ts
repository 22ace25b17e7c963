// The closed lists of the protocol as people read them. A server of another version may name what this page does not know.

import { t } from "./catalogue.ts"

export function instrumentName(instrument: string): string {
  return known(t.terms.instruments, instrument) ?? plain(instrument)
}

export function className(name: string): string {
  return known(t.terms.classes, name) ?? plain(name)
}

export function outcomeName(outcome: string): string {
  return known(t.terms.outcomes, outcome) ?? plain(outcome)
}

export function impossibleReason(name: string): string | undefined {
  return known(t.terms.impossible, name)
}

function known(words: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined
}

/** A name of the protocol, beginning with a capital letter. */
function plain(name: string): string {
  const words = name.replaceAll("_", " ")
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}
