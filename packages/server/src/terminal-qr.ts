// A QR code in a terminal: two modules per character cell, so that it fits a small window.

import { encodeQR } from "qr"

/** `colour`: black on white whatever the terminal's colours are; without, light modules are drawn, which reads on dark terminals. */
export function terminalQr(text: string, { colour }: { readonly colour: boolean }): string {
  const modules = encodeQR(text, "raw", { border: 2, ecc: "low" })
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
