import { t } from "./catalogue.ts"

/**
 * A page to save that shows a letter which the operator's server wrote, and nothing else of it: the letter stands in a frame in which it can
 * run, load, send and open nothing, under a line that says whose words they are. It is HTML of somebody whom this app does not trust.
 */
export function letterPage({ origin, html }: { readonly origin: string; readonly html: string }): string {
  const said = t.server.letter.writtenBy(origin)
  return [
    "<!doctype html>",
    `<html lang="${t.part.language}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'">`,
    `<title>${escaped(said)}</title>`,
    "<style>html,body{height:100%;margin:0}body{display:flex;flex-direction:column;font:11pt/1.5 system-ui,sans-serif;background:#fff;color:#172128}p{margin:0;padding:.6em 1em;border-bottom:1px solid #788288}iframe{flex:1;border:0;width:100%}</style>",
    `</head><body><p>${escaped(t.server.letter.words(said))}</p>`,
    `<iframe sandbox title="${escaped(said)}" srcdoc="${escaped(html)}"></iframe>`,
    "</body></html>",
    "",
  ].join("\n")
}

const marks: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => marks[mark] ?? "")
}
