// 24 words as they are typed or pasted: apart by whatever stands between them, also the numbers of a printed list.

/** The words of a text, in lower case. Numbers and dots of a list ("1. abandon") are no words. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? []
}

/** The fields after `text` was put into the one at `at`: several words fill the following ones, a single one stands as it was typed. */
export function withTyped(fields: readonly string[], at: number, text: string): readonly string[] {
  const words = wordsOf(text)
  if (words.length < 2) return fields.with(at, text.trim().toLowerCase())
  return fields.map((word, place) => words[place - at] ?? word)
}

/** Different places to ask for, from the first to the last. `random` gives numbers from 0 up to 1. */
export function placesToAsk(count: number, of: number, random: () => number): readonly number[] {
  const places = new Set<number>()
  while (places.size < count) places.add(Math.floor(random() * of))
  return [...places].toSorted((a, b) => a - b)
}
