import { findFolded } from "@nodoor/wire/folded-text"
import { graphemes } from "@nodoor/wire/graphemes"

export interface ExcerptPart {
  readonly text: string
  readonly hit: boolean
}

const leadCharacters = 28

/** The words around the first hit, with every hit marked. It never cuts through a character. */
export function excerpt(text: string, wanted: string): readonly ExcerptPart[] {
  const hits = findFolded(text, wanted)
  const before = graphemes(text.slice(0, hits[0]?.start ?? 0))
  const lead = before.slice(-leadCharacters).join("")
  let at = (hits[0]?.start ?? 0) - lead.length
  const parts: ExcerptPart[] = at > 0 ? [{ text: "…", hit: false }] : []
  for (const { start, end } of hits) {
    if (start > at) parts.push({ text: text.slice(at, start), hit: false })
    parts.push({ text: text.slice(start, end), hit: true })
    at = end
  }
  if (at < text.length) parts.push({ text: text.slice(at), hit: false })
  return parts
}
