// The letter that goes with an archive: one page of HTML that loads nothing and runs nothing. What people typed stays text.

import { html } from "hono/html"
import type { DisclosableTable } from "../../accounts/store/store.ts"
import { classLabel } from "../cases/class-labels.ts"
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

type Html = ReturnType<typeof html>

export function letterOf({ scope, origin, records }: LetterParts): string {
  const { purpose, about } = scope
  const title = purpose === "own record" ? `What ${origin} knows about you` : `Answer from ${origin}, case ${about?.["case"] ?? ""}`
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
          <title>${title}</title>
          <style>
            body {
              font: 11pt/1.5 serif;
              max-width: 44em;
              margin: 2em auto;
              padding: 0 1em;
            }
            table {
              border-collapse: collapse;
              margin: 0.5em 0;
            }
            td,
            th {
              border: 1px solid #777;
              padding: 0.2em 0.6em;
              text-align: left;
              overflow-wrap: anywhere;
            }
            bdi {
              unicode-bidi: isolate;
            }
          </style>
        </head>
        <body>
          <h1>${title}</h1>
          ${purpose === "own record" ? ownPart(scope, origin) : requestPart(scope)} ${records.map(recordPart)}
        </body>
      </html> `,
  )
}

function ownPart({ granted }: Scope, origin: string): Html {
  return html`<p>
    This is everything that ${origin} holds about your account in the classes that it can hand over: ${listed(granted)}. ${archiveNote}
  </p>`
}

function requestPart({ about, granted, beyond, impossible }: Scope): Html {
  return html`${about === null ? undefined : definitions(about)}
    <p>Handed over: ${listed(granted)}.</p>
    ${beyond.length === 0 ? undefined : html`<p>Not handed over, because this instrument does not cover it: ${listed(beyond)}.</p>`}
    ${
      impossible.length === 0
        ? undefined
        : html`<p>
            Refused, because it does not exist on this server or cannot be done: ${listed(impossible)}. The technical statement for each
            account gives the reasons.
          </p>`
    }
    <p>This is everything that the server holds about the named accounts in these classes. ${archiveNote}</p>`
}

const archiveNote = "This letter is part of a machine-readable archive, which contains the same rows, their hashes and a signature."

function recordPart({ asked, found, tables, statement }: LetterRecord): Html {
  if (!found)
    return html`<h2>${asked}</h2>
      <p>This account does not exist.</p>`
  return html`<h2>${asked}</h2>
    ${tables.map(tablePart)}${statement === null ? undefined : statementPart(statement)}`
}

function statementPart(lines: readonly string[]): Html {
  return html`<h3>Technical statement</h3>
    <ol>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ol>`
}

/** Names of tables and columns are those of the archive. */
function tablePart({ table, columns, rows }: DisclosableTable): Html {
  const size = rows.length === 1 ? "1 row" : `${rows.length} rows`
  const head = html`<tr>
    ${columns.map((name) => html`<th><bdi>${name}</bdi></th>`)}
  </tr>`
  const line = (row: DisclosableTable["rows"][number]): Html =>
    html`<tr>
      ${row.map((value, at) => html`<td><bdi>${shownValue(columns[at] ?? "", value)}</bdi></td>`)}
    </tr>`
  return html`<h3>${table}: ${size}</h3>
    <table>
      ${head}${rows.map(line)}
    </table>`
}

function shownValue(column: string, value: string | number | null): string {
  if (value === null) return "none"
  return column.endsWith("_ms") ? `${new Date(Number(value)).toISOString()} (${value})` : String(value)
}

const labels: Readonly<Record<string, string>> = { legalBasis: "legal basis" }

function definitions(about: Readonly<Record<string, string>>): Html {
  const rows = Object.entries(about).map(
    ([name, value]) =>
      html`<tr>
        <th>${labels[name] ?? name}</th>
        <td><bdi>${value}</bdi></td>
      </tr>`,
  )
  return html`<table>
    ${rows}
  </table>`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.map(classLabel).join(", ")
}
