// A table of Markdown with its columns padded, as the formatter of this repository writes them.

export function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((name, at) => Math.max(name.length, ...lines.map((line) => (line[at] ?? "").length)))
  const written = (cells: readonly string[]): string => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`
  return [written(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.map(written)].join("\n")
}
