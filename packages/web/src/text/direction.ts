// Marks that turn the direction of writing around. What somebody else chose must not rearrange the words of ours that stand beside it.

const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The same words; letters bring their direction with them. */
export function withoutDirectionMarks(text: string): string {
  return text.replaceAll(directionMarks, "")
}
