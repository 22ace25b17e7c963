import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { type EmojiSource, emojiGroups, findEmoji, inTone, parseEmoji, tones } from "./emoji-list.ts"

const source = JSON.parse(readFileSync(new URL("en.json", import.meta.url), "utf8")) as EmojiSource
const groups = parseEmoji(source)
const all = groups.flatMap((group) => group.emoji)
const named = (name: string) => all.find((emoji) => emoji.name === name) ?? assert.fail(name)

test("every emoji of the list is one character to people, has a name, and stands once in one of the groups", () => {
  assert.deepEqual(Object.keys(source), emojiGroups)
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
  for (const { text, name } of all) {
    assert.equal([...segmenter.segment(text)].length, 1, name)
    assert.notEqual(name, "")
  }
  assert.equal(new Set(all.map(({ text }) => text)).size, all.length)
  assert.ok(all.length > 1_800)
})

test("a skin tone is put where the emoji has one, and nowhere else", () => {
  assert.deepEqual(
    tones.map((tone) => inTone(named("waving hand"), tone)),
    ["👋", "👋🏻", "👋🏼", "👋🏽", "👋🏾", "👋🏿"],
  )
  assert.equal(inTone(named("pizza"), 3), "🍕")
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
  for (const emoji of all) assert.equal([...segmenter.segment(inTone(emoji, 4))].length, 1, emoji.name)
})

test("emoji are found by the beginning of their name first, by other words, without accents, and by themselves", () => {
  const found = (typed: string): string | undefined => findEmoji(groups, typed)[0]?.text
  assert.equal(found("pizza"), "🍕")
  assert.equal(found("Pízza"), "🍕")
  assert.equal(found("🍕"), "🍕")
  assert.ok(findEmoji(groups, "party").some(({ text }) => text === "🎉"))
  assert.ok(findEmoji(groups, "red heart").some(({ text }) => text === "❤️"))
  assert.deepEqual(findEmoji(groups, "xyzzy"), [])
  assert.deepEqual(findEmoji(groups, "  "), [])
  assert.ok(findEmoji(groups, "a").length <= 64)
})
