// The name of a canary's change, with what it said before and says now.

import type { CanaryChangeView } from "@nodoor/client"
import { t } from "./catalogue.ts"

export interface ChangeWords {
  readonly title: string
  readonly was: readonly string[]
  readonly now: readonly string[]
  /** Keys are shown as codes, statements as sentences. */
  readonly codes: boolean
}

export function changeWords(change: CanaryChangeView, day: (utcDay: string) => string): ChangeWords {
  const words = t.server.canary.change
  const sentences = (title: string, was: readonly string[], now: readonly string[]): ChangeWords => ({ title, was, now, codes: false })
  switch (change.kind) {
    case "keys":
      return {
        title: words.keys,
        was: change.was.map((key) => (change.now.includes(key) ? key : words.keyGone(key))),
        now: change.now.map((key) => (change.was.includes(key) ? key : words.keyNew(key))),
        codes: true,
      }
    case "threshold":
      return sentences(change.now < change.was ? words.fewer : words.more, [words.signatures(change.was)], [words.signatures(change.now)])
    case "statement_gone":
      return sentences(words.gone, [change.was], [words.nothing])
    case "statement_reworded":
      return sentences(words.reworded, [change.was], [change.now])
    case "statement_added":
      return sentences(words.added, [], [change.now])
    case "older":
      return sentences(words.older, [words.issued(day(change.was))], [words.issued(day(change.now))])
    case "not_following":
      return sentences(words.notFollowing, [words.issued(day(change.was))], [words.issuedAfter(day(change.now))])
    case "origin":
      return sentences(words.origin, [change.was], [change.now])
    case "gone":
      return sentences(words.allGone, [], [words.allGoneWords])
    case "invalid":
      return sentences(words.invalid, [], [invalidWords(change.code)])
    case "not_yet":
      return sentences(words.future, [], [words.issued(day(change.now))])
  }
}

function invalidWords(code: string): string {
  const known: Readonly<Record<string, string>> = t.server.canary.invalid
  return known[code] ?? code
}
