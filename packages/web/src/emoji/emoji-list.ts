// The emoji that can be picked, by group. The list is loaded when somebody first opens the picker.

import { foldedText } from "@nodoor/wire/folded-text"

export const emojiGroups = ["smileys", "people", "nature", "food", "places", "activities", "objects", "symbols", "flags"] as const
export type EmojiGroupName = (typeof emojiGroups)[number]

export interface Emoji {
  readonly text: string
  readonly name: string
  /** Name and further words, folded, each after a space. */
  readonly words: string
  /** With * in the place of a skin tone; undefined for one that has none. */
  readonly toned: string | undefined
}

export interface EmojiGroup {
  readonly name: EmojiGroupName
  readonly emoji: readonly Emoji[]
}

export type EmojiSource = Readonly<Record<EmojiGroupName, readonly string[]>>

/** 0: as Unicode draws it; 1 to 5: light to dark. */
export const tones = [0, 1, 2, 3, 4, 5] as const
export type Tone = (typeof tones)[number]

const firstTone = 0x1f3fb
/** How many are shown for what somebody types. */
const foundMax = 64

export async function loadEmoji(): Promise<readonly EmojiGroup[]> {
  const { default: source } = await import("./en.json", { with: { type: "json" } })
  return parseEmoji(source as EmojiSource)
}

export function parseEmoji(source: EmojiSource): readonly EmojiGroup[] {
  return emojiGroups.map((name) => ({
    name,
    emoji: source[name].map((line) => {
      const [text = "", called = "", words = "", toned = ""] = line.split("|")
      return { text, name: called, words: ` ${foldedText(called)} ${foldedText(words)}`, toned: toned === "" ? undefined : toned }
    }),
  }))
}

export function inTone({ text, toned }: Emoji, tone: Tone): string {
  return toned === undefined || tone === 0 ? text : toned.replaceAll("*", String.fromCodePoint(firstTone + tone - 1))
}

/** Best match first: the name begins with the text, a word does, or it is somewhere in them. Every word that was typed must be found. */
export function findEmoji(groups: readonly EmojiGroup[], typed: string): readonly Emoji[] {
  const wanted = foldedText(typed.trim())
    .split(/\s+/)
    .filter((word) => word !== "")
  const [first] = wanted
  if (first === undefined) return []
  const rank = (emoji: Emoji): number => {
    if (emoji.text === typed.trim()) return 0
    if (!wanted.every((word) => emoji.words.includes(word))) return 4
    if (emoji.words.startsWith(` ${wanted.join(" ")}`)) return 1
    return wanted.every((word) => emoji.words.includes(` ${word}`)) ? 2 : 3
  }
  return groups
    .flatMap((group) => group.emoji)
    .map((emoji) => ({ emoji, rank: rank(emoji) }))
    .filter((found) => found.rank < 4)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, foundMax)
    .map((found) => found.emoji)
}
