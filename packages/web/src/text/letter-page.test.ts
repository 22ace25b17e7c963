import assert from "node:assert/strict"
import { test } from "node:test"
import { letterPage } from "./letter-page.ts"

test("the letter is one attribute of a sandboxed frame, whatever it holds, and comes out of it unchanged", () => {
  const hostile = `"><script>alert(1)</script><iframe srcdoc='x'></iframe>&quot;&amp;<meta http-equiv="refresh" content="0;url=https://evil.example">`
  const page = letterPage({ origin: 'chat.example"><b>', html: hostile })
  assert.deepEqual(
    [...page.matchAll(/<([a-z!]+)/g)].map(([, tag]) => tag),
    ["!doctype", "html", "head", "meta", "meta", "title", "style", "body", "p", "iframe"],
  )
  const [, srcdoc = ""] = /srcdoc="([^"]*)"/.exec(page) ?? []
  const back = srcdoc
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
  assert.equal(back, hostile)
  assert.match(page, /<iframe sandbox title=/)
})
