// Keys that belong to an input method: the Enter that confirms a word in Japanese, Chinese or Korean sends nothing and opens nothing.

/** The key code of every key that an input method has taken. Safari ends the composition before the Enter that confirms it. */
const takenByInputMethod = 229

export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === takenByInputMethod
}
