import assert from "node:assert/strict"
import { test } from "node:test"
import { type Inline, markdownOf, parseInline } from "./index.ts"

const links = (nodes: readonly Inline[]): readonly string[] =>
  nodes.flatMap((node) => (node.type === "link" ? [node.href] : "children" in node ? links(node.children) : []))
/** The addresses in a sentence, as it was typed and as it comes over the wire. */
const found = (typed: string): readonly string[] => {
  const sent = links(parseInline(markdownOf(typed)))
  assert.deepEqual(links(parseInline(typed, "typed")), sent, typed)
  return sent
}

test("an address in a sentence ends where the sentence goes on", () => {
  const page = "https://example.org/a"
  for (const [typed, href] of [
    ["https://en.wikipedia.org/wiki/Go_(game)", "https://en.wikipedia.org/wiki/Go_(game)"],
    ["(see https://example.org/Go_(game))", "https://example.org/Go_(game)"],
    ["(https://example.org/a)", page],
    ["[https://example.org/a]", page],
    ["https://example.org/a、次", page],
    ["「https://example.org/a」", page],
    ["“https://example.org/a”", page],
    ["«https://example.org/a»", page],
    ["（https://example.org/a）", page],
    ["https://example.org/a…", page],
    ["https://example.org/a...", page],
    ["https://example.org/a？", page],
    ["https://example.org/a، ثم", page],
    ["https://example.org/a। फिर", page],
    ["*https://example.org/a*, _https://example.org/a_", `${page},${page}`],
    ["Https://example.org/a", page],
    ["HTTPS://example.org/a", page],
    ["is it https://example.org/a?", page],
    ["https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&c=2"],
    ["https://example.org/a_b_*c", "https://example.org/a_b_*c"],
    ["https://ja.wikipedia.org/wiki/日本", "https://ja.wikipedia.org/wiki/%E6%97%A5%E6%9C%AC"],
    ["https://example.org🎉", "https://example.org/"],
    ["https://a.example/\u202egpj.exe", "https://a.example/"],
  ] as const)
    assert.equal(found(typed).join(), href, typed)
})

test("addresses without a scheme, of the local network, of people and of phones lead where a person expects", () => {
  for (const [typed, href] of [
    ["www.example.org/a.", "https://www.example.org/a"],
    ["WWW.Example.org", "https://www.example.org/"],
    ["http://example.org", "http://example.org/"],
    ["http://localhost:8080/x", "http://localhost:8080/x"],
    ["http://nas:5000", "http://nas:5000/"],
    ["the router is 192.168.1.1", "http://192.168.1.1/"],
    ["192.168.178.20:8096/web.", "http://192.168.178.20:8096/web"],
    ["10.0.0.1, 172.16.0.1", "http://10.0.0.1/,http://172.16.0.1/"],
    ["Ann <ann.b+c@mail.example.org>.", "mailto:ann.b+c@mail.example.org"],
    ["E-Mail:foo_bar@example.org", "mailto:foo_bar@example.org"],
    ["call +49 (0)30 123-456 78!", "tel:+493012345678"],
    ["030 1234567", "tel:0301234567"],
    ["(555) 123-4567", "tel:5551234567"],
  ] as const)
    assert.equal(found(typed).join(), href, typed)
})

test("what only resembles an address is left alone", () => {
  for (const typed of [
    "xhttps://example.org",
    "https://",
    "www.",
    "www.example",
    "file.py and example.org",
    "version 8.8.8.8 or 10.0.19045.2",
    "1.192.168.1.1",
    "a@b and @alice",
    "order 0123456789012345",
    "2026-11-29 at 10:30, 1,000,000",
    "01-02-2026",
    "javascript:alert(1) data:text/html,a ftp://x.org file:///etc",
  ])
    assert.deepEqual(found(typed), [], typed)
})

test("letters of other scripts and odd numbers cannot hide a host", () => {
  const [apple] = parseInline("https://аpple.example/a")
  assert.deepEqual(apple, {
    type: "link",
    href: "https://xn--pple-43d.example/a",
    text: "https://аpple.example/a",
    address: "https://xn--pple-43d.example/a",
  })
  const [number] = parseInline("https://0x7f.1/")
  assert.ok(number?.type === "link" && number.address === "https://127.0.0.1/")
  assert.deepEqual(parseInline("[x](https://аpple.example)").at(-1), { type: "text", text: ")" }, "no label covers it")
  const [plain] = parseInline("https://example.org/日本")
  assert.ok(plain?.type === "link" && plain.address === undefined)
})
