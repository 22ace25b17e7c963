// What a benchmark gives back, and how it stands in docs/benchmarks.md.

export interface BenchOptions {
  /** A run of seconds that only shows that the benchmark still works; its figures mean nothing. */
  readonly tiny: boolean
  /** Beside other servers (`server` only). */
  readonly peers?: boolean
  /** A line about what is being measured now. */
  readonly progress: (line: string) => void
}

export interface Section {
  readonly title: string
  readonly tables: readonly Table[]
  /** What a reader must know to judge the figures. Each becomes a paragraph. */
  readonly notes: readonly string[]
}

export interface Table {
  readonly caption: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Each name has one module that exports this. */
export interface Bench {
  run(options: BenchOptions): Promise<Section>
}

export function toMarkdown(section: Section, provenance: string): string {
  const tables = section.tables.map((table) => {
    const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`
    return [
      `**${table.caption}**`,
      "",
      line(table.columns),
      line(table.columns.map((_, i) => (i === 0 ? "---" : "---:"))),
      ...table.rows.map(line),
    ].join("\n")
  })
  return [`## ${section.title}`, provenance, ...tables, ...section.notes].join("\n\n")
}

/** The document with the section of this name replaced, or added at the end. Sections stand between comments that name them. */
export function withSection(document: string, name: string, markdown: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const block = `${start}\n\n${markdown}\n\n${end}`
  const from = document.indexOf(start)
  const to = document.indexOf(end)
  if (from === -1 || to < from) return `${document.trimEnd()}\n\n${block}\n`
  return document.slice(0, from) + block + document.slice(to + end.length)
}
