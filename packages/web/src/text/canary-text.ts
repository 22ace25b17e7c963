// What a canary's change is called, and what stood there before and stands there now, in words for a person.

import type { CanaryChangeView } from "@nodoor/client"

export interface ChangeWords {
  readonly title: string
  readonly was: readonly string[]
  readonly now: readonly string[]
  /** Keys are shown as codes, statements as sentences. */
  readonly codes: boolean
}

export function changeWords(change: CanaryChangeView, day: (utcDay: string) => string): ChangeWords {
  const sentences = (title: string, was: readonly string[], now: readonly string[]): ChangeWords => ({ title, was, now, codes: false })
  switch (change.kind) {
    case "keys":
      return {
        title: "Other keys sign it",
        was: change.was.map((key) => (change.now.includes(key) ? key : `${key} (no longer)`)),
        now: change.now.map((key) => (change.was.includes(key) ? key : `${key} (new)`)),
        codes: true,
      }
    case "threshold":
      return sentences(
        change.now < change.was ? "Fewer people must sign it" : "More people must sign it",
        [count(change.was, "signature")],
        [count(change.now, "signature")],
      )
    case "statement_gone":
      return sentences("No longer said", [change.was], ["Nothing in its place"])
    case "statement_reworded":
      return sentences("Said in other words", [change.was], [change.now])
    case "statement_added":
      return sentences("Said for the first time", [], [change.now])
    case "older":
      return sentences("An older one stands in its place", [`Issued on ${day(change.was)}`], [`Issued on ${day(change.now)}`])
    case "not_following":
      return sentences(
        "One is missing in between",
        [`Issued on ${day(change.was)}`],
        [`Issued on ${day(change.now)}, after another one that the server does not show`],
      )
    case "origin":
      return sentences("It is another server’s", [change.was], [change.now])
    case "gone":
      return sentences("It is gone", [], ["The server shows none any more"])
    case "invalid":
      return sentences("What stands there does not hold", [], [invalidWords[change.code] ?? change.code])
    case "not_yet":
      return sentences("It is from the future", [], [`Issued on ${day(change.now)}`])
  }
}

const invalidWords: Readonly<Record<string, string>> = {
  canary_malformed: "It is no canary at all, or was altered on the way",
  canary_lifetime: "It claims to speak for longer than 35 days",
  canary_keys: "Its keys could never sign it",
  canary_signature: "A signature under it is not genuine",
  canary_unsigned: "Too few people have signed it",
}

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`
}
