/** A handle made of a name: small letters without accents, words joined by dots. Empty if nothing of it can be used. */
export function suggestHandle(name: string): string {
  const plain = name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase()
  const words = plain
    .split(/\s+/)
    .map((word) => word.replaceAll(/[^a-z0-9_-]/g, ""))
    .filter((word) => word !== "")
  return words
    .join(".")
    .slice(0, 32)
    .replace(/[._-]+$/, "")
}
