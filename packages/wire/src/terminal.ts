// What the programs of both ends show on a terminal: text that somebody else may have written, made visible, and QR codes.

/** Control characters (ESC, DEL and C1 among them) but line breaks and tabs, direction controls, and what some terminals take for a line break. */
const steering = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * The text with everything that could move the cursor, recolour the screen, set the window's title or turn the reading direction around
 * shown as an escape, `\u001b`. What was JSON stays the same JSON.
 */
export function visible(text: string): string {
  return text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** The same on one line: nobody's words look like a line of ours. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\s+/gu, " ").trim())
}

/**
 * A QR code of two modules in each character cell, so that it fits a small window. `colour`: black on white whatever the terminal's colours are;
 * without, light modules are drawn, which reads on dark terminals.
 */
export function halfBlocks(modules: readonly (readonly boolean[])[], { colour }: { readonly colour: boolean }): string {
  const lines: string[] = []
  for (let row = 0; row < modules.length; row += 2) {
    const cells = (modules[row] ?? []).map((upperDark, column) => {
      const lowerDark = modules[row + 1]?.[column] ?? false
      const [upper, lower] = colour ? [upperDark, lowerDark] : [!upperDark, !lowerDark]
      return upper ? (lower ? "█" : "▀") : lower ? "▄" : " "
    })
    lines.push(colour ? `\u001b[30;107m${cells.join("")}\u001b[0m` : cells.join(""))
  }
  return lines.join("\n")
}
