// What people count and see as one character, however many code points and bytes it has (Unicode UAX #29).

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })

export function graphemes(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** How many characters people see, counted no further than `atMost` + 1. */
export function countGraphemes(text: string, atMost: number = Number.POSITIVE_INFINITY): number {
  // No code unit is less than its character.
  if (text.length <= atMost && plainLatin.test(text)) return text.length
  let count = 0
  for (const _ of segmenter.segment(text)) if (++count > atMost) break
  return count
}

/** The beginning of a text, never a part of a character; with an ellipsis if something is left out. */
export function cutToGraphemes(text: string, max: number): string {
  if (text.length <= max) return text
  let end = 0
  let count = 0
  for (const { index, segment } of segmenter.segment(text)) {
    if (++count > max) return `${text.slice(0, end)}…`
    end = index + segment.length
  }
  return text
}

const plainLatin = /^[\x20-\x7e]*$/
