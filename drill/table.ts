// The table of a drill, for people and as JSON.

import type { Row } from "./attack.ts"

const titles = ["attack", "what the adversary did", "outcome", "code", "evidence"] as const
const widths = [32, 46, 14, 38, 40] as const

/** What the outcome is called: only what is expected to go unnoticed is an honest limit. */
export function outcomeText(row: Row): string {
  if (!row.outcome) return "FAILED"
  const { kind } = row.outcome
  const by = [...new Set(row.signs.map(({ who }) => who))].toSorted().join(", ")
  const text = kind === "unnoticed" ? (row.passed ? "honest limit" : "UNNOTICED") : kind === "detected" ? `detected by ${by}` : kind
  return row.passed || kind === "unnoticed" ? text : `${text}, NOT AS EXPECTED`
}

/** The evidence: what people were told, or what the adversary tried. */
export function evidenceText(row: Row): string {
  if (!row.observation) return row.failure ?? ""
  const told = row.signs.map(({ who, kind, level }) => `${who}: ${level === undefined ? "" : `${level} `}${kind}`)
  const files = row.exported.map(({ who, kind }) => `${who} exports a ${kind}`)
  const limit = row.passed ? row.attack.limit : undefined
  return [
    ...new Set([...told, ...files]),
    ...row.observation.gained.map((gain) => `(${gain})`),
    ...(limit ? [limit] : told.length === 0 ? [row.observation.tried] : []),
  ].join("; ")
}

export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.attack.attack,
    row.attack.did,
    outcomeText(row),
    row.outcome?.codes.join(" ") ?? "",
    evidenceText(row),
  ])
  const rule = widths.map((width) => "-".repeat(width)).join("-+-")
  return [line(titles), rule, ...cells.flatMap((row) => [line(row), rule])].join("\n")
}

/** One row over as many lines as its longest cell needs. */
function line(cells: readonly string[]): string {
  const wrapped = cells.map((cell, i) => wrap(cell, widths[i] ?? 20))
  const height = Math.max(...wrapped.map((lines) => lines.length))
  return Array.from({ length: height }, (_, at) =>
    wrapped
      .map((lines, i) => (lines[at] ?? "").padEnd(widths[i] ?? 20))
      .join(" | ")
      .trimEnd(),
  ).join("\n")
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [""]
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? ""
    if (last === "") lines[lines.length - 1] = word
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.flatMap((one) => one.match(new RegExp(`.{1,${width}}`, "g")) ?? [""])
}

/** A row as plain data. */
export function rowData(row: Row): Record<string, unknown> {
  const { attack, outcome, observation, signs, exported, failure, passed } = row
  return {
    name: attack.name,
    attack: attack.attack,
    did: attack.did,
    outcome: outcome?.kind === "unnoticed" && passed ? "honest limit" : (outcome?.kind ?? "failed"),
    codes: outcome?.codes ?? [],
    expected: attack.expected,
    passed,
    gained: observation?.gained ?? [],
    tried: observation?.tried ?? "",
    told: signs,
    evidence: exported.map(({ who, name, kind }) => ({ who, name, kind })),
    ...(attack.limit !== undefined && { limit: attack.limit }),
    ...(failure !== undefined && { failure }),
  }
}
