import { graphemes } from "@nodoor/wire/graphemes"

/** One or two characters for a picture-less name: first letters of the first and last word, whole graphemes, or the first emoji. */
export function initials(name: string): string {
  const words = name
    .replaceAll(/[\u2068\u2069]| \([@#][^)]*\)$/g, "") // what stands around and behind a name, to tell people apart
    .replace(/^[@#]/, "")
    .trim()
    .split(/[\s._-]+/)
    .filter((word) => word !== "")
  const first = firstGrapheme(words[0] ?? "")
  const last = words.length > 1 ? firstGrapheme(words.at(-1) ?? "") : ""
  return /^\p{L}/u.test(first) ? `${first}${/^\p{L}/u.test(last) ? last : ""}`.toLocaleUpperCase() : first || "?"
}

function firstGrapheme(word: string): string {
  return graphemes(word)[0] ?? ""
}
