import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { seen } from "./fixtures/seen.ts"
import { markdownOf, parseMarkdown, shownText, typedOf } from "./index.ts"

/** What the receiver sees of what was typed. */
const shown = (typed: string): string => seen(markdownOf(typed))
const letters = (text: string): string => text.normalize("NFC").replaceAll(/[^\p{L}\p{N}]/gu, "")

test("what people write without meaning marks is shown as it was typed", () => {
  for (const typed of [
    "2*3*4",
    "2 * 3 * 4 = 24",
    "__init__.py",
    "def __init__(self, *args, **kwargs):",
    "C:\\new\\*folder*",
    "C:\\Users\\me\\",
    "rm *.txt and *.md, also *.*",
    '"*" and "*"',
    "snake_case_name and _private",
    "~5 minutes, ~/.config and a ~ b",
    "5* hotel, 4* food",
    "* only on Sundays",
    "/* a comment */ and /*another*/",
    "1) one\n2) two",
    "5. five\n7. seven",
    "1986. A great year",
    "# not a heading",
    "#hashtag",
    "- [ ] milk\n- [x] bread",
    "+ 3 eggs",
    "- 5 degrees",
    ">_< and >foo",
    "---",
    "- - -",
    "===\ntext\n---\n***\n___",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "a&amp;b &copy; &#65; AT&T",
    "<b>bold</b> <script>alert(1)</script> a < b",
    "[notes](https://a.example/x)",
    "[1]: https://a.example",
    "![alt](x)",
    "`unclosed and ``two of them",
    "```unclosed",
    "~~~\nno fence\n~~~",
    "line one\nline two\n\n\nline five",
    "    indented\n\tby a tab",
    "¯\\_(ツ)_/¯",
    "(╯°□°)╯︵ ┻━┻ ಠ_ಠ ^_^ -_- *_*",
    "長さ*幅*高さ",
    "https://x.org/a_b_c*d and https://x.org/* or http://x.org/__init__.py",
    "a\\",
    "a\\\nb",
    "*️⃣ #️⃣ 1️⃣",
    "\\*not\\* \\_what\\_",
  ])
    assert.equal(shown(typed), typed)
})

test("bold, italic, struck and code are what other messengers' users type", () => {
  const marks = (typed: string): unknown => parseMarkdown(markdownOf(typed)).map((block) => ("children" in block ? block.children : block))
  const text = (value: string): object => ({ type: "text", text: value })
  assert.deepEqual(marks("a *b* _c_ ~d~ `e`"), [
    [
      text("a "),
      { type: "strong", children: [text("b")] },
      text(" "),
      { type: "emphasis", children: [text("c")] },
      text(" "),
      { type: "strike", children: [text("d")] },
      text(" "),
      { type: "code", text: "e" },
    ],
  ])
  assert.equal(markdownOf("a *b* _c_ ~d~ `e`"), "a **b** _c_ ~~d~~ `e`")
  assert.equal(markdownOf("**b** ~~d~~"), "**b** ~~d~~")
  assert.equal(markdownOf('*Really?!* (*yes*), *"no"*. *_both_*'), '**Really?!** (**yes**), **"no"**. **_both_**')
  assert.equal(markdownOf("a *b\nc* d"), "a \\*b\nc\\* d", "a mark does not reach over the end of its line")
  assert.equal(shown("*2*3* is"), "2*3 is")
  assert.deepEqual(marks("```npm ci && npm start``` then open it"), [
    [{ type: "code", text: "npm ci && npm start" }, text(" then open it")],
  ])
})

test("an address that a sign follows at once has borders, because other programs would take an escape for a part of it", () => {
  assert.equal(markdownOf("https://x.org/a_b~ ok"), "<https://x.org/a_b>\\~ ok")
  assert.equal(markdownOf("!www.x.org*"), "\\![www.x.org](https://www.x.org)\\*")
  assert.equal(markdownOf("http://nas/a*b*c"), "<http://nas/a*b*c>")
  assert.equal(markdownOf("*https://x.org/a_b*, ok"), "**https://x.org/a_b**, ok")
  for (const typed of ["https://x.org/a_b~ ok", "!www.x.org*", "http://nas/a*b*c", "<https://x.org>", "www.x.org[1]"])
    assert.equal(shown(typed), typed)
})

test("quotes, lists and code blocks keep to their lines, here and in a program that follows CommonMark", () => {
  assert.equal(markdownOf("> said\nmy answer"), "> said\n\nmy answer")
  assert.equal(shown("> said\nmy answer"), "> said\nmy answer")
  assert.equal(markdownOf("- milk\n- bread\nthanks"), "- milk\n- bread\n\nthanks")
  assert.equal(shown("- milk\n- bread\nthanks"), "- milk\n- bread\nthanks")
  assert.equal(shown("- milk\n\nthanks"), "- milk\n\nthanks")
  assert.equal(markdownOf("```js\nlet a = b*c*d\n```\nso"), "```js\nlet a = b*c*d\n```\nso")
  assert.deepEqual(parseMarkdown(markdownOf("```one line\nand another``` end")), [
    { type: "code", gap: 0, info: "", text: "one line\nand another" },
    { type: "paragraph", gap: 0, children: [{ type: "text", text: "end" }] },
  ])
})

/** Text that is rich in everything that Markdown could take for its own. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(..."*_~`\\[]()<>&#-+=|:!.1\n\n 'ab\"{}@^$") },
      {
        weight: 2,
        arbitrary: fc.constantFrom("**", "__", "~~", "```", "> ", "- ", "1. ", "2) ", "* ", "\n\n", "\n```\n", "é", "字", "。", "🎉"),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom("https://x.org/a_b", "www.x.org", "me@x.org", "+49 30 1234567", "192.168.0.1", "&amp;", "word"),
      },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 4 }) },
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""))

/** As it is kept: no empty lines around, no spaces at line ends, one kind of line break. */
const tidied = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, "\n")
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd()
    .replaceAll(/^[^\S\n]+$/gm, "")

test("no letter is lost or added between typing and reading, whatever is typed", () => {
  fc.assert(
    fc.property(hostile, (typed) => {
      assert.equal(letters(shown(typed)), letters(typed))
    }),
    { numRuns: 3000 },
  )
})

test("text without a pair of marks survives unchanged", () => {
  // A pair: a sign where a word begins and the same sign where one ends, on one line. Quotes and code have beginnings of their own.
  const meant = /(?<![\p{L}\p{N}])([*_~])(?=\S).*?\S\1(?![\p{L}\p{N}])|`|^>/mu
  fc.assert(
    fc.property(
      hostile.filter((typed) => !meant.test(typed)),
      (typed) => assert.equal(shown(typed), tidied(typed)),
    ),
    { numRuns: 3000 },
  )
})

test("what was typed comes back for changing it, and then says the same", () => {
  assert.equal(
    typedOf(markdownOf("a *b* _c_ ~d~ `e` 2*3*4 __init__.py\n> q\nx\n\n- [ ] m")),
    "a *b* _c_ ~d~ `e` 2*3*4 __init__.py\n> q\nx\n\n- [ ] m",
  )
  fc.assert(
    fc.property(hostile, (typed) => {
      const markdown = markdownOf(typed)
      assert.equal(shownText(markdownOf(typedOf(markdown))), shownText(markdown))
    }),
    { numRuns: 2000 },
  )
})
