/** A handle made of a name: small letters without accents, words joined by dots. Empty if nothing of it can be used. */
export function suggestHandle(name: string): string {
  const plain = [...name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase()].map((letter) => spelled.get(letter) ?? letter).join("")
  const words = plain
    .split(/\s+/)
    .map((word) => word.replaceAll(/[^a-z0-9_-]/g, ""))
    .filter((word) => word !== "")
  return words
    .join(".")
    .slice(0, 32)
    .replace(/[._-]+$/, "")
}

/** Latin letters that no decomposition takes apart, as people spell them where only a to z can be written. */
const spelled = new Map(
  Object.entries({
    ß: "ss",
    æ: "ae",
    œ: "oe",
    ø: "o",
    ł: "l",
    đ: "d",
    ð: "d",
    þ: "th",
    ħ: "h",
    ı: "i",
    ŋ: "ng",
    ŧ: "t",
    ĸ: "k",
    ə: "e",
    ɛ: "e",
    ɔ: "o",
    ɖ: "d",
    ƙ: "k",
    ɓ: "b",
    ɗ: "d",
  }),
)
