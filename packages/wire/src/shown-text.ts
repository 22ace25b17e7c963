// Text as people see it: whether there is anything to see, names as they are taken in, and which names look the same. One set of rules for
// the client (what is written and what arrives), the server (the account holder's name) and every form.

/** Spaces, controls, what only joins or combines, what every font leaves out, and two symbols that are drawn as nothing. */
const unseen = /[\p{Z}\p{Cc}\p{Cf}\p{Co}\p{M}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/gu

/** Whether nothing of the text can be seen: empty, only spaces, zero-width or combining characters, direction controls. */
export function showsNothing(text: string): boolean {
  return text.replace(unseen, "") === ""
}

/**
 * A name of a person or a group as it is taken in, typed or received: one line, single spaces, and nothing that turns the reading direction
 * around beyond the name itself. Empty if it shows nothing, or is not well-formed text.
 */
export function plainName(text: string): string {
  if (!text.isWellFormed() || showsNothing(text)) return ""
  return text
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/[\p{Z}\p{Cc}]+/gu, " ")
    .trim()
}

/**
 * What a name looks like: equal for names that people could take for one another. Not a name to show. It errs towards "the same", which
 * costs no more than a handle beside a name.
 */
export function likeness(name: string): string {
  const letters = [...name.normalize("NFKD").replace(unseen, "")].map(foldCase).join("").normalize("NFKD").replace(unseen, "")
  return [...letters]
    .map((letter) => lookalikes.get(letter) ?? letter)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
    .replace(/[1i|]/g, "l")
    .replaceAll("0", "o")
    .replace(/[‐-―−_]/g, "-")
    .replace(/[’‘`´ʹʼ]/g, "'")
}

function foldCase(letter: string): string {
  return letter.toUpperCase().toLowerCase()
}

/** Whether a name pretends to be more than a name: a word of our own in the place of names, or something with a handle in it. */
export function imitatesUs(name: string): boolean {
  const shown = name.normalize("NFKC")
  return /[@#]/.test(shown) || ownWords.has(likeness(name))
}

/** Text of others within a sentence: what is written from right to left must not turn the rest of it around. */
export function isolated(text: string): string {
  return rightToLeft.test(text) ? `\u2068${text}\u2069` : text
}

const rightToLeft = /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** Letters of other scripts that are drawn like Latin ones in one case or the other (after Unicode TS 39; those that are used in names). */
const lookalikes = new Map<string, string>()
for (const [latin = "", ...others] of [
  "AАΑᎪꓮ",
  "BВΒᏴꓐЬ",
  "CСϹᏟꓚ",
  "DԀ",
  "EЕΕᎬꓰ",
  "GԌᏀꓖ",
  "HНΗᎻꓧҺ",
  "IІΙӀᏆꓲıɩ",
  "JЈᎫꓙϳ",
  "KКΚᏦꓗ",
  "LᏞꓡǀ",
  "MМΜᎷꓟ",
  "NΝꓠП",
  "OОΟՕꓳ",
  "PРΡᏢꓑ",
  "QԚ",
  "SЅՏᏚꓢ",
  "TТΤᎢꓔ",
  "UՍꓴ",
  "VѴᏙꓦ",
  "WԜᎳꓪ",
  "XХΧꓫ",
  "YУҮΥꓬγ",
  "ZΖᏃꓜ",
  "3ЗӠ",
  "6б",
  "aɑ",
  "dԁ",
  "eҽ",
  "fք",
  "gɡց",
  "hհ",
  "nոπ",
  "oσ",
  "rгᴦ",
  "uսʋ",
  "vᴠ",
  "wɯᴡ",
  "zᴢ",
])
  for (const other of others) if (!lookalikes.has(foldCase(other))) lookalikes.set(foldCase(other), foldCase(latin))

/** Words that an interface of ours shows where a person's name could stand. */
const ownWords: ReadonlySet<string> = new Set(
  ["You", "Me", "Admin", "Admins", "Member", "Nodoor", "Server", "Operator", "System", "Support", "Security", "Somebody", "Someone"].map(
    likeness,
  ),
)
