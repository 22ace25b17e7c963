// Marks that change the direction of writing. A name that somebody else chose must not rearrange our words beside it.

const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The same text without such marks. Letters have a direction of their own. */
export function withoutDirectionMarks(text: string): string {
  return text.replaceAll(directionMarks, "")
}
