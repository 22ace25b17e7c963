// `/transparency`: the report and the canary as a page that needs no script, reads in print and without colour: every bar has its number
// beside it, every state its word.

import type { VerifiedCanary } from "@nodoor/keylog"
import type { CanaryState } from "../canary/canary.ts"
import { escaped } from "../archive/letter.ts"
import type { Notice, TransparencyReport } from "./transparency-report.ts"

/** The product's colours, light and dark by the reader's choice; paper is always white. */
export const transparencyStyle = `:root{color-scheme:light dark;--text:light-dark(#172128,#e4ebee);--secondary:light-dark(#4e5a62,#a0abb1);--line:light-dark(#d3dbe0,#2c363c);--edge:light-dark(#788288,#6f7d85);--bar:light-dark(#cceeef,#124048);--accent:light-dark(#006871,#64cacf);--caution:light-dark(#6c4302,#f2cc7a);--caution-fill:light-dark(#ffeecb,#3b2b0d);--surface:light-dark(#fff,#161d21)}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto 4rem;padding:0 1rem;color:var(--text);background:light-dark(#f7fbfc,#0e1417)}
h1,h2{line-height:1.25;text-wrap:balance;overflow-wrap:anywhere}h2{margin-top:2.25rem;font-size:1.3rem}a{color:var(--accent)}p,li{text-wrap:pretty}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}td,th{border-bottom:1px solid var(--line);padding:.4rem .6rem .4rem 0;text-align:start;vertical-align:top}th{font-weight:600;color:var(--secondary)}
.card{border:1px solid var(--line);border-radius:14px;background:var(--surface);padding:.25rem 1.25rem}.card.past{border:2px solid var(--caution);background:var(--caution-fill)}.past strong{color:var(--caution)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem}dt{color:var(--secondary)}dd{margin:0;overflow-wrap:anywhere}.past dt{color:inherit}
.bars{margin:0;padding:0;list-style:none}.bars li{display:grid;grid-template-columns:12rem 2.5rem 1fr;gap:.75rem;align-items:center;min-height:2rem;font-variant-numeric:tabular-nums}.bars span,.bars b{text-align:end;overflow-wrap:anywhere}
.bars svg{width:100%;height:1.1rem;overflow:visible}.bars rect{fill:var(--bar);stroke:var(--edge);stroke-width:1.5;vector-effect:non-scaling-stroke}
code{overflow-wrap:anywhere;font-size:.9em}.quiet{color:var(--secondary)}
@media (max-width:560px){.bars li{grid-template-columns:2.5rem 1fr;gap:.1rem .75rem;margin-bottom:.6rem}.bars span{grid-column:1/-1;text-align:start}.bars b{text-align:start}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}table,tbody,tr,td{display:block}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}tr{border-bottom:1px solid var(--line);padding:.6rem 0}td{display:grid;grid-template-columns:7rem 1fr;gap:.75rem;border:0;padding:.1rem 0}td::before{content:attr(data-name);color:var(--secondary)}}
@media print{:root{color-scheme:light}body{margin:0;max-width:none;background:#fff;font-size:11pt}.card,.bars,tr{break-inside:avoid}h2{break-after:avoid}.card.past{background:none}table{font-size:9.5pt}}
`

export function transparencyPage(report: TransparencyReport, canary: CanaryState): string {
  const { origin, notices, slots, inventorySha256 } = report
  return [
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>Requests to ${escaped(origin)}</title>`,
    '<link rel="stylesheet" href="/transparency.css"></head><body><main>',
    `<h1>Requests to ${escaped(origin)}</h1>`,
    `<p>${notices.length === 0 ? "No request has been published so far." : `${count(notices.length, "request")} published so far.`} Each is a notice in this server’s public log; every day has its 32 bytes there, whether there was a request or not. A notice under a gag appears when the gag ends. That proves when a record was made, not that all were. <a href="/transparency.json">The same for machines</a>.</p>`,
    ...(notices.length === 0
      ? []
      : [
          chart(
            "By outcome",
            countsOf(notices, ({ outcome }) => outcome),
          ),
          chart(
            "By country",
            countsOf(notices, ({ country }) => country),
          ),
          chart(
            "By instrument",
            countsOf(notices, ({ instrument }) => instrument),
          ),
          noticeTable(notices),
        ]),
    canaryPart(canary),
    "<h2>What this server cannot hand over</h2><p>Messages, files and calls: they are end-to-end encrypted, and the keys are on the devices. The operator has no way to add a device to an account unseen.</p>",
    `<p>What it holds is a closed list: <code>${escaped(inventorySha256)}</code> (SHA-256). Days in the log: ${slots.length}.</p>`,
    "</main></body></html>\n",
  ].join("\n")
}

function canaryPart(state: CanaryState): string {
  const what =
    "<p>Once a month people sign by hand that nothing on a short list has happened. Nobody can sign it for them, and it ends by itself: if it is not renewed, or no longer says what it said, that is what they can still tell you. Apps compare each with the one before.</p>"
  const part = (card: string): string => `<h2>Canary</h2>${what}${card}`
  switch (state.status) {
    case "none":
      return part("<p><strong>Nobody has signed a canary here.</strong></p>")
    case "unreadable":
      return part(
        `<div class="card past"><p><strong>What stands at <a href="/canary.json">/canary.json</a> is no canary that holds.</strong> No app accepts it.</p></div>`,
      )
    case "fresh":
      return part(`<div class="card"><p><strong>Fresh until ${state.canary.expires}</strong> (UTC).</p>${canaryFacts(state.canary)}</div>`)
    case "expired":
      return part(
        `<div class="card past"><p><strong>Expired on ${state.canary.expires}</strong> (UTC). It says nothing any more. Read it as what was true when it was signed, and ask the people who sign why there is no new one.</p>${canaryFacts(state.canary)}</div>`,
      )
  }
}

function canaryFacts({ issued, expires, keys, signatures, statements, threshold }: VerifiedCanary): string {
  const facts = [
    ["issued", issued],
    ["expires", expires],
    ["who signs", `${signatures.length} of ${count(keys.length, "key")} signed; ${threshold} must`],
  ] as const
  return [
    `<ul>${statements.map((statement) => `<li>${escaped(statement)}</li>`).join("")}</ul>`,
    `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join("")}</dl>`,
    '<p class="quiet"><a href="/canary.json">The signed file</a></p>',
  ].join("")
}

function countsOf(notices: readonly Notice[], name: (notice: Notice) => string): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const notice of notices) counts.set(name(notice), (counts.get(name(notice)) ?? 0) + 1)
  return [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

/** A list of names and numbers, which is what is read aloud, with a bar between them that adds nothing but its length. */
function chart(title: string, counts: readonly (readonly [string, number])[]): string {
  const most = Math.max(...counts.map(([, n]) => n))
  const bars = counts.map(([name, n]) => {
    const width = Math.max(1, Math.round((n / most) * 100))
    const bar = `<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="10"/></svg>`
    return `<li><span>${escaped(words(name))}</span><b>${n}</b>${bar}</li>`
  })
  return `<h2>${escaped(title)}</h2><ul class="bars">${bars.join("")}</ul>`
}

function noticeTable(notices: readonly Notice[]): string {
  const head = ["received", "country", "instrument", "accounts", "sought", "handed over", "outcome", "person told"]
  const rows = notices.map(({ received, country, instrument, accounts, sought, disclosed, outcome, told }) => [
    received,
    country,
    words(instrument),
    String(accounts),
    sought.map(words).join(", "),
    disclosed.length === 0 ? "nothing" : disclosed.map(words).join(", "),
    outcome,
    told,
  ])
  const headCells = head.map((cell) => `<th scope="col" role="columnheader">${cell}</th>`).join("")
  // On a narrow page each request is a block of its own, with the names that stand above the columns on a wide one.
  const line = (row: readonly string[]): string =>
    `<tr role="row">${row.map((cell, at) => `<td role="cell" data-name="${head[at] ?? ""}">${escaped(cell)}</td>`).join("")}</tr>`
  return `<h2>Each of them</h2><table role="table"><thead role="rowgroup"><tr role="row">${headCells}</tr></thead><tbody role="rowgroup">${rows.map(line).join("")}</tbody></table>`
}

function words(name: string): string {
  return name.replaceAll("_", " ")
}

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`
}
