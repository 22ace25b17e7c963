// What the programs of both ends show on a terminal: text that somebody else may have written, made visible, and QR codes.

/** Control characters (ESC, DEL and C1 among them) but line breaks and tabs, direction controls, and what some terminals take for a line break. */
const steering = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/**
 * The text with everything that could move the cursor, recolour the screen, set the window's title or turn the reading direction around
 * shown as an escape, `\u001b`. What was JSON stays the same JSON.
 */
export function visible(text: string): string {
  return text.split("\n").map(visibleIn).join("\n")
}

/** Isolates that are opened and closed within a line keep what is between them to itself: our sentences set names in them (`isolated`). */
function visibleIn(line: string): string {
  const kept = isBalanced(line) ? "\u2068\u2069" : ""
  return line.replace(steering, (character) =>
    kept.includes(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

function isBalanced(line: string): boolean {
  let depth = 0
  for (const character of line) {
    if (character === "\u2068") depth++
    if (character === "\u2069" && --depth < 0) return false
  }
  return depth === 0
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
