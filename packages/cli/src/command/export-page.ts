// Everything of an account as one page of HTML: it is read in any browser, without a network and without any program in it. Names and texts of
// others are shown as they are and steer nothing: markup is escaped, and characters that turn the direction of text are made visible.

import type { ChatEvent, MessageView, OwnExport } from "@nodoor/client"
import { shownText } from "@nodoor/client/text"
import { visible, visibleLine } from "@nodoor/wire/terminal"
import { fileText } from "../file-content.ts"

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c1c1e;background:#fff}
h2{margin-top:3rem;border-top:1px solid #ccc;padding-top:1rem}article{margin:.75rem 0;padding:.5rem .75rem;background:#f3f3f5;border-radius:.5rem}
article.own{background:#e6f0ec}article.line{background:none;color:#666;padding:0 .75rem}header{font-size:.85rem;color:#555}p{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
blockquote{margin:.2rem 0;padding-left:.6rem;border-left:3px solid #bbb;color:#555}footer{font-size:.85rem;color:#555}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161618}article{background:#232326}article.own{background:#1d2f28}header,footer,article.line,blockquote{color:#aaa}}`

/** In pieces, so that a long history is never one text. The account's recovery key is not in it. */
export function* exportPage(exported: OwnExport): Generator<string> {
  const { account, chats, contacts, exportedAtMs } = exported
  const title = `Nodoor: @${account.handle}`
  // Nothing is loaded, run or sent, whatever stands below.
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>${line(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${name(title)}</h1>
<p>${name(account.name)}, on ${line(account.origin)}. Written ${time(exportedAtMs)}. ${chats.length} chats, ${contacts.length} contacts.</p>
<nav><ul>
`
  for (const [at, { chat, messages }] of chats.entries())
    yield `<li><a href="#chat-${at}">${name(chat.title)}</a> (${messages.length})</li>\n`
  yield "</ul></nav>\n"
  for (const [at, { chat, members, messages }] of chats.entries()) {
    yield `<section id="chat-${at}">\n<h2>${name(chat.title)}</h2>\n<p>${members.map((member) => name(member.name)).join(", ")}</p>\n`
    const names = new Map(members.map((member) => [member.accountId, member.name]))
    for (const message of messages) yield messageOf(message, names)
    yield "</section>\n"
  }
  yield "</body>\n</html>\n"
}

function messageOf(message: MessageView, names: ReadonlyMap<string, string>): string {
  const { content, sender, timeMs, edited, inReplyTo, reactions, status } = message
  if (content.type === "event") return `<article class="line"><p>${time(timeMs)} ${line(eventWords(content.event, names))}</p></article>\n`
  const marks = [...(edited ? ["edited"] : []), ...(sender.own && status !== undefined ? [status] : [])]
  const quote = inReplyTo && `<blockquote><p dir="auto">${name(inReplyTo.senderName)} ${lines(shownText(inReplyTo.text))}</p></blockquote>`
  const reacted = reactions.map(({ emoji, accounts }) => `${line(emoji)} ${accounts.length}`).join(" ")
  return `<article${sender.own ? ' class="own"' : ""}><header>${name(sender.name)} ${[time(timeMs), ...marks].join(", ")}</header>${quote ?? ""}${body(content)}${
    reacted === "" ? "" : `<footer>${reacted}</footer>`
  }</article>\n`
}

function body(content: MessageView["content"]): string {
  switch (content.type) {
    case "text":
      return `<p dir="auto">${lines(shownText(content.markdown))}</p>`
    case "file":
      return `<p><em>${line(fileText({ ...content, caption: "" }))}</em></p>${content.caption === "" ? "" : `<p dir="auto">${lines(shownText(content.caption))}</p>`}`
    case "deleted":
      return "<p><em>This message was deleted.</em></p>"
    case "waiting":
      return "<p><em>Waiting for this message.</em></p>"
    default:
      return `<p><em>${line("contentType" in content ? `Content of a kind that is not shown here: ${String(content.contentType)}` : "Content that is not shown here")}</em></p>`
  }
}

/** What happened, in the words of the record: a page for reading says no more than what is stored. */
function eventWords(event: ChatEvent, names: ReadonlyMap<string, string>): string {
  const who = (id: unknown): string => (typeof id === "string" ? (names.get(id) ?? `#${id.slice(0, 12)}`) : "")
  const { kind, ...rest } = event as { readonly kind: string } & Readonly<Record<string, unknown>>
  const accounts = Array.isArray(rest["accounts"]) ? rest["accounts"].map(who) : [who(rest["account"])]
  const by = who(rest["by"])
  const words = [
    by,
    kind.replaceAll("_", " "),
    accounts.filter(Boolean).join(", "),
    typeof rest["name"] === "string" ? `“${rest["name"]}”` : "",
  ]
  return words.filter(Boolean).join(" ")
}

function time(ms: number): string {
  return `<time datetime="${new Date(ms).toISOString()}">${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC</time>`
}

/** A name stands by itself, whatever direction it is written in. */
function name(text: string): string {
  return `<bdi>${line(text)}</bdi>`
}

function line(text: string): string {
  return escaped(visibleLine(text))
}

function lines(text: string): string {
  return escaped(visible(text))
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;").replaceAll("'", "&#39;")
}
