/** A handle made from a name: lowercase letters without accents, words joined by dots. Empty if no letter of it can be used. */
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

/** Latin letters that Unicode does not decompose, spelled with a to z as people do. */
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
