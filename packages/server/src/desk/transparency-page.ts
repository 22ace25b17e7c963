// `/transparency`: the report as a page that needs no script, reads in print and without colour: every bar has its number beside it.

import { escaped } from "./letter.ts"
import type { Notice, TransparencyReport } from "./transparency-report.ts"

export const transparencyStyle = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#172128;background:#fff}
h1,h2{line-height:1.2}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #788288;padding:.25rem .5rem;text-align:left;overflow-wrap:anywhere}
svg{width:100%;height:auto}code{overflow-wrap:anywhere}@media print{body{margin:0;max-width:none}}
`

export function transparencyPage(report: TransparencyReport): string {
  const { origin, notices, slots, inventorySha256 } = report
  return [
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Requests to ${escaped(origin)}</title>`,
    '<link rel="stylesheet" href="/transparency.css"></head><body><main>',
    `<h1>Requests to ${escaped(origin)}</h1>`,
    `<p>${notices.length === 0 ? "No request has been published so far." : `${count(notices.length, "request")} published so far.`} Each is a notice in this server's public log; every day has its 32 bytes there, whether there was a request or not. A notice under a gag appears when the gag ends. That proves when a record was made, not that all were. <a href="/transparency.json">The same for machines.</a></p>`,
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
    "<h2>What this server cannot hand over</h2><p>Messages, files and calls: they are end-to-end encrypted, and the keys are on the devices. The operator has no way to add a device to an account unseen.</p>",
    `<p>What it holds is a closed list: <code>${escaped(inventorySha256)}</code> (SHA-256). Days in the log: ${slots.length}.</p>`,
    "</main></body></html>\n",
  ].join("\n")
}

function countsOf(notices: readonly Notice[], name: (notice: Notice) => string): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const notice of notices) counts.set(name(notice), (counts.get(name(notice)) ?? 0) + 1)
  return [...counts].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
}

const [rowHeight, nameWidth, barWidth] = [28, 200, 440]

/** Bars with names and numbers; the same as text for those who do not see it. */
function chart(title: string, counts: readonly (readonly [string, number])[]): string {
  const most = Math.max(...counts.map(([, n]) => n))
  const bars = counts.map(([name, n], at) => {
    const y = at * rowHeight
    const width = Math.max(2, Math.round((n / most) * barWidth))
    return `<text x="${nameWidth - 8}" y="${y + 19}" text-anchor="end" font-size="15">${escaped(words(name))}</text><rect x="${nameWidth}" y="${y + 5}" width="${width}" height="18" fill="#d7dde1" stroke="#172128"/><text x="${nameWidth + width + 8}" y="${y + 19}" font-size="15">${n}</text>`
  })
  const said = counts.map(([name, n]) => `${words(name)}: ${n}`).join(", ")
  return `<h2>${escaped(title)}</h2><svg viewBox="0 0 ${nameWidth + barWidth + 60} ${counts.length * rowHeight}" role="img" aria-label="${escaped(`${title}. ${said}`)}">${bars.join("")}</svg>`
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
  const line = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`
  return `<h2>Each of them</h2><table>${line("th", head)}${rows.map((cells) => line("td", cells)).join("")}</table>`
}

function words(name: string): string {
  return name.replaceAll("_", " ")
}

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`
}
