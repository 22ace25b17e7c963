import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { type Mention, markdownOf, mentionedIn, parseInline, shownText, typedOf } from "./index.ts"

const account = (n: number): string => `${n}`.padStart(32, "0")
const ann: Mention = { text: "@Ann", origin: "chat.example.org", account: account(1) }
const annLee: Mention = { text: "@Ann Lee", origin: "chat.example.org", account: account(2) }
const odd: Mention = { text: "@[x] *O_dd\\", origin: "localhost:8080", account: account(3) }
const people = [ann, annLee, odd]

test("a name behind an @ becomes a mention, the longest first, at the borders of words, and never in code", () => {
  for (const [typed, mentioned] of [
    ["@Ann", [1]],
    ["Hi @Ann, and @Ann Lee!", [1, 2]],
    ["@Ann @Ann @Ann", [1]],
    ["*@Ann Lee*", [2]],
    ["> @Ann", [1]],
    ["- one\n- @Ann", [1]],
    ["@Anna", []],
    ["me@Ann", []],
    ["@ Ann", []],
    ["`@Ann` and\n```\n@Ann\n```", []],
    ["@[x] *O_dd\\ !", [3]],
    ["Look![@Ann](here)", [1]],
  ] as const) {
    const markdown = markdownOf(typed, people)
    assert.deepEqual(mentionedIn(markdown), mentioned.map(account), typed)
    // What is shown and what is typed again for an edit is what was typed.
    assert.equal(shownText(markdown), shownText(markdownOf(typed)), typed)
    assert.deepEqual(mentionedIn(markdownOf(typedOf(markdown), people)), mentioned.map(account), typed)
  }
  assert.equal(markdownOf("Hi @Ann", people), `Hi [@Ann](mimi://chat.example.org/u/${account(1)})`)
})

test("what is no mention is text: another scheme or path, an id of another length, words that turn the line", () => {
  const link = (text: string, href: string): string => `[${text}](${href})`
  for (const href of [
    `mimi://chat.example.org/r/${account(1)}`,
    `mimi://chat.example.org/u/${account(1)}0`,
    `mimi://chat.example.org/u/${account(1).slice(1)}`,
    `mimi://chat.example.org/u/${"A".repeat(32)}`,
    `mimi://chat.example.org/u/${account(1)}/x`,
    `mimi://a b/u/${account(1)}`,
    `javascript://chat.example.org/u/${account(1)}`,
  ])
    assert.deepEqual(mentionedIn(link("@Ann", href)), [], href)
  assert.deepEqual(mentionedIn(`\`${link("@Ann", `mimi://a/u/${account(1)}`)}\``), [])
  const [turned] = parseInline(link("@\u202eAnn", `mimi://a/u/${account(1)}`))
  assert.deepEqual(turned, { type: "mention", text: "@Ann", origin: "a", account: account(1) })
})

test("however many people a message mentions, the first hundred count", () => {
  const many = Array.from({ length: 150 }, (_, n) => `[@x](mimi://a/u/${account(n)})`).join(" ")
  assert.equal(mentionedIn(many).length, 100)
})

test("whatever is typed around a mention, all letters are shown", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("@Ann", "@Ann Lee", " ", "*", "_", "`", "[", "]", "(", ")", "!", "\\", "a", "\n", ">", "- ")),
      (parts) => {
        const typed = parts.join("")
        assert.equal(shownText(markdownOf(typed, people)).replaceAll(/\s/g, ""), shownText(markdownOf(typed)).replaceAll(/\s/g, ""))
      },
    ),
  )
})
