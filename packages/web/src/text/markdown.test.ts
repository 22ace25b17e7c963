import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { type Inline, parseInline, parseMarkdown, plainText } from "./markdown.ts"

const inline = (source: string): readonly Inline[] => parseInline(source)

test("bold, italic, struck and code are recognised, nested too", () => {
  assert.deepEqual(inline("**a *b* c**"), [
    {
      type: "strong",
      children: [
        { type: "text", text: "a " },
        { type: "emphasis", children: [{ type: "text", text: "b" }] },
        { type: "text", text: " c" },
      ],
    },
  ])
  assert.deepEqual(inline("~~no~~ `**x**`"), [
    { type: "strike", children: [{ type: "text", text: "no" }] },
    { type: "text", text: " " },
    { type: "code", text: "**x**" },
  ])
})

test("names with underscores and sums with stars stay as typed", () => {
  assert.deepEqual(inline("snake_case_name and 2 * 3 * 4"), [{ type: "text", text: "snake_case_name and 2 * 3 * 4" }])
  assert.deepEqual(inline("a ** b"), [{ type: "text", text: "a ** b" }])
})

test("only https addresses become links, and a label cannot pose as another address", () => {
  assert.deepEqual(inline("see https://nodoor.example/a?b=1."), [
    { type: "text", text: "see " },
    { type: "link", href: "https://nodoor.example/a?b=1", text: "https://nodoor.example/a?b=1" },
    { type: "text", text: "." },
  ])
  assert.deepEqual(inline("[notes](https://a.example/x)"), [{ type: "link", href: "https://a.example/x", text: "notes" }])
  assert.deepEqual(inline("[https://bank.example](https://evil.example)"), [
    { type: "link", href: "https://evil.example/", text: "https://evil.example/" },
  ])
  for (const refused of [
    "[x](javascript:alert(1))",
    "[x](http://a.example)",
    "http://a.example",
    "[x](data:text/html,a)",
    "[x](https://user:pw@a.example)",
  ]) {
    assert.equal(JSON.stringify(inline(refused)).includes('"link"'), false, refused)
  }
})

test("a label with a sign that looks like a dot or a slash shows the address it leads to", () => {
  for (const label of [
    "paypal。com",
    "paypal．com",
    "paypal｡com",
    "paypal․com",
    "paypal﹒com",
    "paypal…com",
    "paypal·com",
    "bank⁄login",
    "bank∕login",
    "bank／login",
    "pay\u200dpal.com",
    "\u202emoc.knab",
    "\u200b",
    "\u202e",
  ])
    assert.deepEqual(inline(`[${label}](https://evil.example)`), [
      { type: "link", href: "https://evil.example/", text: "https://evil.example/" },
    ])
})

test("a label keeps its words and loses what turns the direction of writing around", () => {
  for (const mark of "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
    assert.deepEqual(inline(`[no${mark}tes](https://a.example/x)`), [{ type: "link", href: "https://a.example/x", text: "notes" }])
})

test("an address that is not ASCII is shown as the browser asks for it", () => {
  assert.deepEqual(inline("https://аpple.example/a"), [
    { type: "link", href: "https://xn--pple-43d.example/a", text: "https://xn--pple-43d.example/a" },
  ])
  assert.deepEqual(inline("https://bank。example"), [{ type: "link", href: "https://bank.example/", text: "https://bank.example/" }])
  const turned = inline("https://a.example/\u202egpj.exe")
  assert.ok(turned[0]?.type === "link" && turned[0].text === turned[0].href && turned[0].text.includes("%E2%80%AE"))
  assert.deepEqual(inline("https:\\\\a.example"), [{ type: "text", text: "https:\\a.example" }])
})

test("lists, quotes, fenced code and paragraphs are blocks of their own", () => {
  assert.deepEqual(
    parseMarkdown("Hi\nthere\n- one\n- two\n\n3. three\n> said\n```\nx < y\n```").map((block) => block.type),
    ["paragraph", "list", "list", "quote", "code"],
  )
  assert.deepEqual(parseMarkdown("3. c\n4. d")[0], {
    type: "list",
    start: 3,
    items: [[{ type: "text", text: "c" }], [{ type: "text", text: "d" }]],
  })
})

test("plain text has the words and none of the marks", () => {
  assert.equal(plainText("**Hi** [there](https://a.example)\n- one\n- `two`"), "Hi there one, two")
})

test("any text parses, in bounded depth, and no character of plain words is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (source) => {
      const depth = (nodes: readonly Inline[]): number =>
        Math.max(0, ...nodes.map((node) => ("children" in node ? 1 + depth(node.children) : 0)))
      for (const block of parseMarkdown(source)) if (block.type === "paragraph") assert.ok(depth(block.children) <= 4)
    }),
  )
  fc.assert(fc.property(fc.stringMatching(/^[a-z]+( [a-z]+){0,20}$/), (words) => assert.equal(plainText(words), words)))
})

test("hostile repetition takes linear time", () => {
  for (const piece of ["*", "**a", "[", "[a](", "`", "_a ", "~~", "https://", "> ", "- ", "**a *b "]) {
    const started = performance.now()
    parseMarkdown(piece.repeat(Math.ceil(60_000 / piece.length)))
    assert.ok(performance.now() - started < 1500, JSON.stringify(piece))
  }
})
