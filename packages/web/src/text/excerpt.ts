export interface ExcerptPart {
  readonly text: string
  readonly hit: boolean
}

const leadChars = 28

/** The words around the first hit, with every hit marked. */
export function excerpt(text: string, wanted: string): readonly ExcerptPart[] {
  const low = text.toLowerCase()
  const needle = wanted.toLowerCase()
  // Lower case changes the length of a few characters; then nothing is marked rather than the wrong thing.
  if (needle === "" || low.length !== text.length) return [{ text, hit: false }]
  const first = low.indexOf(needle)
  const start = first > leadChars ? first - leadChars : 0
  const parts: ExcerptPart[] = start > 0 ? [{ text: "…", hit: false }] : []
  let at = start
  for (let found = first; found >= 0; found = low.indexOf(needle, at)) {
    if (found > at) parts.push({ text: text.slice(at, found), hit: false })
    parts.push({ text: text.slice(found, found + needle.length), hit: true })
    at = found + needle.length
  }
  if (at < text.length) parts.push({ text: text.slice(at), hit: false })
  return parts
}
