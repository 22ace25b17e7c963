// `/transparency`: the report and the canary as a page that needs no script and reads in print and without colour: every bar has its number
// beside it, every state its word.

import type { VerifiedCanary } from "@nodoor/keylog"
import { html } from "hono/html"
import type { CanaryState } from "../canary/canary.ts"
import { classLabel } from "../cases/class-labels.ts"
import type { Notice, TransparencyReport } from "./transparency-report.ts"

type Html = ReturnType<typeof html>

export function transparencyPage(report: TransparencyReport, canary: CanaryState): string {
  const { origin, notices, slots, inventorySha256 } = report
  const published = notices.length === 0 ? "No request has been published so far." : `${count(notices.length, "request")} published so far.`
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <meta name="color-scheme" content="light dark" />
          <title>Requests to ${origin}</title>
          <link rel="stylesheet" href="/transparency.css" />
        </head>
        <body>
          <main>
            <h1>Requests to ${origin}</h1>
            <p>
              ${published} Each one is a notice in this server’s public log. Every day, 32 bytes go into the log, whether or not there was a
              request. A notice under a gag appears when the gag ends. This proves when a request was recorded. It does not prove that every
              request was. <a href="/transparency.json">Machine-readable version</a>
            </p>
            ${notices.length === 0 ? undefined : requestsPart(notices)} ${canaryPart(canary)}
            <h2>What this server can’t hand over</h2>
            <p>
              Messages are end-to-end encrypted, and the keys are only on people’s devices. The operator can’t add a device to an account
              without the other devices finding out.
            </p>
            <p>
              What the server does hold is a closed list. Its SHA-256 is <code>${inventorySha256}</code>. ${count(slots.length, "day")} in
              the log.
            </p>
          </main>
        </body>
      </html> `,
  )
}

function requestsPart(notices: readonly Notice[]): Html {
  return html`${chart(
    "By outcome",
    countsOf(notices, ({ outcome }) => outcome),
  )}
  ${chart(
    "By country",
    countsOf(notices, ({ country }) => country),
  )}
  ${chart(
    "By instrument",
    countsOf(notices, ({ instrument }) => instrument),
  )}
  ${noticeTable(notices)}`
}

function canaryPart(state: CanaryState): Html {
  return html`<h2>Canary</h2>
    <p>
      Once a month, people sign by hand that nothing on a short list has happened. Nobody can sign for them, and the canary expires by
      itself. If it is not renewed, or no longer says what it said, they may be telling you what they are not allowed to say. Apps compare
      each canary with the one before.
    </p>
    ${canaryCard(state)}`
}

function canaryCard(state: CanaryState): Html {
  switch (state.status) {
    case "none":
      return html`<p><strong>This server has no signed canary.</strong></p>`
    case "unreadable":
      return html`<div class="card past">
        <p>
          <strong>The file at <a href="/canary.json">/canary.json</a> is not a valid canary.</strong> No app accepts it.
        </p>
      </div>`
    case "fresh":
      return html`<div class="card">
        <p><strong>Fresh until ${state.canary.expires}</strong> (UTC).</p>
        ${canaryFacts(state.canary)}
      </div>`
    case "expired":
      return html`<div class="card past">
        <p>
          <strong>Expired on ${state.canary.expires}</strong> (UTC). It says nothing about today, only about the day it was signed. Ask the
          people who sign it why there is no new one.
        </p>
        ${canaryFacts(state.canary)}
      </div>`
  }
}

function canaryFacts({ issued, expires, keys, signatures, statements, threshold }: VerifiedCanary): Html {
  const facts = [
    ["issued", issued],
    ["expires", expires],
    ["signatures", `${signatures.length} of ${count(keys.length, "key")}; ${threshold} needed`],
  ] as const
  return html`<ul>
      ${statements.map((statement) => html`<li>${statement}</li>`)}
    </ul>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <p class="quiet"><a href="/canary.json">The signed file</a></p>`
}

function countsOf(notices: readonly Notice[], name: (notice: Notice) => string): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const notice of notices) counts.set(name(notice), (counts.get(name(notice)) ?? 0) + 1)
  return [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

/** A list of names and numbers, as a screen reader reads it. The bar between them only shows the number's size. */
function chart(title: string, counts: readonly (readonly [string, number])[]): Html {
  const most = Math.max(...counts.map(([, n]) => n))
  const bars = counts.map(([name, n]) => {
    const width = Math.max(1, Math.round((n / most) * 100))
    return html`<li>
      <span>${words(name)}</span><b>${n}</b
      ><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="10" /></svg>
    </li>`
  })
  return html`<h2>${title}</h2>
    <ul class="bars">
      ${bars}
    </ul>`
}

function noticeTable(notices: readonly Notice[]): Html {
  const head = ["received", "country", "instrument", "accounts", "sought", "handed over", "outcome", "person told"]
  const rows = notices.map(({ received, country, instrument, accounts, sought, disclosed, outcome, told }) => [
    received,
    country,
    words(instrument),
    String(accounts),
    sought.map(classLabel).join(", "),
    disclosed.length === 0 ? "nothing" : disclosed.map(classLabel).join(", "),
    outcome,
    told,
  ])
  const headCells = head.map((cell) => html`<th scope="col" role="columnheader">${cell}</th>`)
  // On a narrow page each request is a block of its own, with the column names beside the values.
  const line = (row: readonly string[]): Html =>
    html`<tr role="row">
      ${row.map((cell, at) => html`<td role="cell" data-name="${head[at] ?? ""}">${cell}</td>`)}
    </tr>`
  return html`<h2>Each request</h2>
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${headCells}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(line)}
      </tbody>
    </table>`
}

function words(name: string): string {
  return name.replaceAll("_", " ")
}

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`
}
