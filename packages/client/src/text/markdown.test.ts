import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { seen } from "./fixtures/seen.ts"
import { type Inline, markdownOf, parseInline, parseMarkdown, plainText, shownText } from "./index.ts"

const inline = (source: string): readonly Inline[] => parseInline(source)
const text = (value: string): Inline => ({ type: "text", text: value })
const link = (href: string, words = href, address?: string): Inline => ({ type: "link", href, text: words, address })

test("bold, italic, struck and code are recognised, nested too", () => {
  assert.deepEqual(inline("**a *b* c**"), [
    { type: "strong", children: [text("a "), { type: "emphasis", children: [text("b")] }, text(" c")] },
  ])
  assert.deepEqual(inline("***both*** __Good  work__!"), [
    { type: "emphasis", children: [{ type: "strong", children: [text("both")] }] },
    text(" "),
    { type: "strong", children: [text("Good  work")] },
    text("!"),
  ])
  assert.deepEqual(inline("~~no~~ `**x**`"), [{ type: "strike", children: [text("no")] }, text(" "), { type: "code", text: "**x**" }])
  assert.deepEqual(inline("``a`b``"), [{ type: "code", text: "a`b" }])
})

test("a mark inside a word, or around nothing, is a sign like others", () => {
  for (const typed of ["snake_case_name and 2 * 3 * 4", "a ** b", "2*3*4", "__init__.py", "*.* or *.txt", '"*" and "*"', "/* a */"])
    assert.deepEqual(inline(typed), [text(typed)])
})

test("a label says where it leads unless it is the address itself", () => {
  assert.deepEqual(inline("[notes](https://a.example/x)"), [link("https://a.example/x", "notes", "https://a.example/x")])
  assert.deepEqual(inline("[a.example/x](https://a.example/x)"), [link("https://a.example/x", "a.example/x")])
  assert.deepEqual(inline("[Go](https://a.example/Go_(game))"), [link("https://a.example/Go_(game)", "Go", "https://a.example/Go_(game)")])
  for (const label of ["https://bank.example", "paypal。com", "paypal․com", "bank⁄login", "pay\u200dpal.com", "\u200b"])
    assert.deepEqual(inline(`[${label}](https://evil.example)`), [link("https://evil.example/", label, "https://evil.example")])
  for (const refused of [
    "[x](javascript:alert(1))",
    "[x](data:text/html,a)",
    "[x](https://user:pw@a.example)",
    "https://user:pw@a.example",
    "[x](//a.example)",
    "[x](ftp://a.example)",
  ]) {
    assert.deepEqual(inline(refused), [text(refused)])
  }
})

test("a label keeps its words and loses what turns the direction of writing around", () => {
  for (const mark of "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
    assert.deepEqual(inline(`[no${mark}tes](https://a.example/x)`), [link("https://a.example/x", "notes", "https://a.example/x")])
})

test("lists, quotes, fenced code and paragraphs are blocks of their own, and keep what they begin with", () => {
  assert.deepEqual(
    parseMarkdown("Hi\nthere\n- one\n- two\n\n3. three\n> said\n```\nx < y\n```").map((block) => [block.type, block.gap]),
    [
      ["paragraph", 0],
      ["list", 0],
      ["list", 1],
      ["quote", 0],
      ["code", 0],
    ],
  )
  assert.deepEqual(parseMarkdown("3. c\n7) d")[0], {
    type: "list",
    gap: 0,
    items: [
      { lead: "3. ", children: [text("c")] },
      { lead: "7) ", children: [text("d")] },
    ],
  })
})

test("a fence takes what it encloses and no word more", () => {
  assert.deepEqual(parseMarkdown("```npm ci && npm start``` then open it"), [
    { type: "paragraph", gap: 0, children: [{ type: "code", text: "npm ci && npm start" }, text(" then open it")] },
  ])
  assert.equal(shownText("```ls```\nsecond line\nthird line"), "ls\nsecond line\nthird line")
  assert.deepEqual(parseMarkdown("```js\na\n``` b\n```\nc"), [
    { type: "code", gap: 0, info: "js", text: "a\n``` b" },
    { type: "paragraph", gap: 0, children: [text("c")] },
  ])
  assert.deepEqual(parseMarkdown("~~~\na"), [{ type: "code", gap: 0, info: "", text: "a" }])
})

test("a program without a screen gets the same words, on lines or on one", () => {
  const said = "**Hi** [there](https://a.example)\n\n> _you_\n- one\n- `two`"
  assert.equal(shownText(said), "Hi there (https://a.example)\n\n> you\n- one\n- two")
  assert.equal(plainText(said), "Hi there (https://a.example) you - one - two")
  assert.equal(plainText(markdownOf("2*3*4 in __init__.py")), "2*3*4 in __init__.py")
})

/** Everything that Markdown has signs for, next to each other. */
const signs = fc
  .array(
    fc.oneof(
      fc.constantFrom(..."*_~`\\[]()<>&#-+=|:!.0a\n ", "```", "~~~", "[a](https://x.org/b)", "](http://c", "> ", "1. ", "https://x.org"),
      fc.string({ unit: "grapheme", maxLength: 5 }),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(""))

test("any text parses in bounded depth, and every letter and digit of it is shown", () => {
  const letters = (value: string): string => value.replaceAll(/[^\p{L}\p{N}]/gu, "")
  fc.assert(
    fc.property(signs, (source) => {
      const depth = (nodes: readonly Inline[]): number =>
        Math.max(0, ...nodes.map((node) => ("children" in node ? 1 + depth(node.children) : 0)))
      for (const block of parseMarkdown(source)) if (block.type === "paragraph") assert.ok(depth(block.children) <= 5)
      // What is added are the hosts of addresses that hide them.
      assert.equal(letters(seen(source)), letters(source))
    }),
    { numRuns: 5000 },
  )
})

test("hostile repetition does not take time that grows with its square", { timeout: 60_000 }, () => {
  const pieces = [
    "*",
    "*a ",
    "*-",
    "**a",
    "[",
    "[a](",
    "[a](https://",
    "`",
    "`a``b",
    "_a ",
    "~~",
    "https://",
    "https://x.org/(",
    "> ",
    "- ",
  ]
  for (const piece of [...pieces, "**a *b ", "```\n", "```a\nb\n```\n", "a@", "+49 ", "(0", "1.1.1.1 ", "\\", "~~~a\n"]) {
    const source = piece.repeat(Math.ceil(60_000 / piece.length))
    parseMarkdown(source)
    parseMarkdown(markdownOf(source))
  }
})
