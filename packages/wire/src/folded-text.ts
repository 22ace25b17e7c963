// Text as it is searched: what people do not tell apart when they look for something is the same. One rule for messages, chats and people.

import { graphemes } from "./graphemes.ts"

/**
 * Case, accents, ways of encoding and widths of letters do not matter, nor do invisible characters and how many spaces there are. Voicing marks
 * of kana, and vowels of scripts that write them as marks, are letters and stay.
 */
export function foldedText(text: string): string {
  if (plain.test(text)) return text.toLowerCase().replace(/ +/g, " ")
  const bare = text
    .normalize("NFKD")
    .replace(unsought, "")
    .replace(/[\p{Z}\p{Cc}]+/gu, " ")
  return Array.from(bare, (letter) => spelled.get(letter) ?? letter.toUpperCase().toLowerCase())
    .join("")
    .replaceAll("ς", "σ")
    .normalize("NFC")
}

export interface FoundText {
  /** Places in the text as it stands, at whole characters. */
  readonly start: number
  readonly end: number
}

/** Where a text contains another, folded. Places do not overlap. */
export function findFolded(text: string, wanted: string): readonly FoundText[] {
  const needle = foldedText(wanted.trim())
  if (needle === "") return []
  let folded = ""
  let at = 0
  /** For each place of the folded text, the character that it comes from. */
  const from: FoundText[] = []
  for (const grapheme of graphemes(text)) {
    const letters = foldedText(grapheme)
    const place = { start: at, end: at + grapheme.length }
    at = place.end
    if (letters === " " && folded.endsWith(" ")) continue
    folded += letters
    for (let i = 0; i < letters.length; i++) from.push(place)
  }
  const found: FoundText[] = []
  for (let place = folded.indexOf(needle); place >= 0; place = folded.indexOf(needle, place + needle.length)) {
    const [first, last] = [from[place], from[place + needle.length - 1]]
    // A letter of two, such as ß, is found once.
    if (first && last && first.start >= (found.at(-1)?.end ?? 0)) found.push({ start: first.start, end: last.end })
  }
  return found
}

const plain = /^[\x20-\x7e]*$/

/**
 * Marks that sit on letters of several scripts (accents, Arabic vowel signs) without U+3099 and U+309A, which make other kana; Hebrew points; and
 * what nobody sees.
 */
const unsought =
  /(?![\u3099\u309a])[\p{Script=Inherited}--[\p{Cf}]]|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640]|\p{Default_Ignorable_Code_Point}/gv

/** Latin letters that no decomposition takes apart. */
const spelled = new Map(
  Object.entries({
    ß: "ss",
    ẞ: "ss",
    æ: "ae",
    Æ: "ae",
    œ: "oe",
    Œ: "oe",
    ø: "o",
    Ø: "o",
    ł: "l",
    Ł: "l",
    đ: "d",
    Đ: "d",
    ð: "d",
    Ð: "d",
    þ: "th",
    Þ: "th",
    ħ: "h",
    Ħ: "h",
    ı: "i",
  }),
)
