// What the desk refuses, as the console's page gets it.

import { WireError } from "@nodoor/wire"
import { ServerError } from "../core/server-error.ts"

/** Longest message of a refusal, in characters. */
const messageMax = 200

/** A refusal of the desk as one of the wire; anything else as it is. The desk's messages hold no personal data. */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof ServerError)) return error
  switch (error.code) {
    case "operator_forbidden":
      return new WireError("forbidden_role", wholeSentences(error.message))
    case "desk_refused":
    case "desk_damaged":
    case "passkey_refused":
    case "enrolment_invalid":
      return new WireError("operator_refused", wholeSentences(error.message))
    case "operator_unknown":
      return new WireError("unauthorized", wholeSentences(error.message))
    default:
      return error
  }
}

/** As much of the text as fits, cut after a sentence, or else after a word. */
export function wholeSentences(text: string, max: number = messageMax): string {
  if (text.length <= max) return text
  const cut = text.slice(0, max - 1)
  const sentence = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf(": "))
  if (sentence > 0) return `${cut.slice(0, sentence)}.`
  const word = cut.lastIndexOf(" ")
  return `${word > 0 ? cut.slice(0, word) : cut.toWellFormed()}…`
}
