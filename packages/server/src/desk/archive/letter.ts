// The letter that goes with an archive, as one page of HTML that loads nothing and runs nothing. Whatever people typed is text in it.

import type { DisclosableTable } from "../../store/store.ts"
import type { HeldClass, ImpossibleClass } from "../cases/desk-request.ts"

export interface Scope {
  readonly purpose: "lawful request" | "own record"
  readonly about: { readonly [name: string]: string } | null
  readonly granted: readonly HeldClass[]
  readonly beyond: readonly HeldClass[]
  readonly impossible: readonly ImpossibleClass[]
  readonly approvals: number
}

export interface LetterRecord {
  readonly asked: string
  readonly found: boolean
  readonly tables: readonly DisclosableTable[]
  readonly statement: readonly string[] | null
}

export interface LetterParts {
  readonly scope: Scope
  readonly origin: string
  readonly records: readonly LetterRecord[]
}

export function letterOf({ scope, origin, records }: LetterParts): string {
  const { purpose, about, granted, beyond, impossible } = scope
  const title = purpose === "own record" ? `What ${origin} knows about you` : `Answer of ${origin}, case ${about?.["case"] ?? ""}`
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title>`,
    "<style>body{font:11pt/1.5 serif;max-width:44em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:.5em 0}td,th{border:1px solid #777;padding:.2em .6em;text-align:left;overflow-wrap:anywhere}bdi{unicode-bidi:isolate}</style>",
    `</head><body><h1>${escaped(title)}</h1>`,
    about === null ? "" : definitions(about),
    paragraph(`Handed over: ${listed(granted)}.`),
    beyond.length === 0 ? "" : paragraph(`Not handed over, because this instrument does not reach it: ${listed(beyond)}.`),
    impossible.length === 0
      ? ""
      : paragraph(`Refused, because it does not exist or cannot be done: ${listed(impossible)}. The reasons follow with each account.`),
    ...records.map(recordPart),
    paragraph(
      "This is everything that the server holds about the named accounts in these classes. The machine-readable archive that this letter is part of holds the same rows, their hashes and a signature.",
    ),
    "</body></html>",
    "",
  ].join("\n")
}

function recordPart({ asked, found, tables, statement }: LetterRecord): string {
  const head = `<h2>${escaped(asked)}</h2>`
  if (!found) return `${head}${paragraph("There is no such account.")}`
  const said =
    statement === null ? "" : `<h3>Technical statement</h3><ol>${statement.map((line) => `<li>${escaped(line)}</li>`).join("")}</ol>`
  return `${head}${tables.map(tablePart).join("")}${said}`
}

function tablePart({ table, columns, rows }: DisclosableTable): string {
  const row = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}><bdi>${escaped(cell)}</bdi></${tag}>`).join("")}</tr>`
  const shown = rows.map((cells) =>
    row(
      "td",
      cells.map((cell, at) => shownValue(columns[at] ?? "", cell)),
    ),
  )
  return `<h3>${escaped(table)}: ${rows.length === 1 ? "1 row" : `${rows.length} rows`}</h3><table>${row("th", columns)}${shown.join("")}</table>`
}

function shownValue(column: string, value: string | number | null): string {
  if (value === null) return "none"
  return column.endsWith("_ms") ? `${new Date(Number(value)).toISOString()} (${value})` : String(value)
}

function definitions(about: Readonly<Record<string, string>>): string {
  return `<table>${Object.entries(about)
    .map(([name, value]) => `<tr><th>${escaped(name)}</th><td><bdi>${escaped(value)}</bdi></td></tr>`)
    .join("")}</table>`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.join(", ")
}

function paragraph(text: string): string {
  return `<p>${escaped(text)}</p>`
}

const marks: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** Text that stays text between tags and inside quotes; characters that turn the reading direction are isolated around it. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => marks[mark] ?? "")
}
