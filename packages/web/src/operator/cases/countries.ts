// The countries of ISO 3166-1 with their English names, as the browser knows them.

import { partText } from "../../text/part-text.ts"

export interface Country {
  readonly code: string
  readonly name: string
}

/** Codes that have a name and stand for no country: unions, islands without a code of their own, and what is left for private use. */
const noCountries = new Set(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
const names = new Intl.DisplayNames(partText.language, { type: "region", fallback: "none" })

export function countries(): readonly Country[] {
  const found: Country[] = []
  for (const first of letters)
    for (const second of letters) {
      const code = first + second
      // A withdrawn code, such as that of a former country, stands for its successor.
      if (noCountries.has(code) || new Intl.Locale(`und-${code}`).region !== code) continue
      const name = names.of(code)
      if (name !== undefined) found.push({ code, name })
    }
  return found.toSorted((a, b) => a.name.localeCompare(b.name, partText.language))
}

export function countryName(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code
}
