// Names of people at the desk. Approvals, links and the log are read by name, so no name may look like another on a screen.

/** Letters, digits, and between them spaces, dots, hyphens and underscores, at most 64, in the one spelling of Unicode's NFC. */
export function isPersonName(name: string): boolean {
  return /^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]{0,62}[\p{L}\p{N}.])?$/u.test(name) && !name.includes("  ") && name === name.normalize("NFC")
}

/** Whether a reader could take one for the other: capitals, what stands between letters, and letters of other scripts of the same shape. */
export function looksLike(one: string, other: string): boolean {
  return shapeOf(one) === shapeOf(other)
}

function shapeOf(name: string): string {
  const letters = name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ ._-]/g, "")
  return Array.from(letters, (letter) => sameShape.get(letter) ?? letter)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
}

/** Cyrillic and Greek letters of which the capital or the small one is drawn as a Latin one, and digits. */
const [drawn, as] = ["авгекмнопрстухзіјѕԁһԛԝѵαβεζηικμνορτυχϲ01i", "abrekmhonpctyx3ljsdhqwvabezhlkmnoptyxcoll"]
const sameShape: ReadonlyMap<string, string> = new Map(Array.from(drawn, (letter, at) => [letter, as[at] ?? letter]))
