// Which emoji a person used last and in which skin tone: a setting that all their devices share.

import { tones, type Tone } from "./emoji-list.ts"

export interface EmojiUse {
  /** Last used first. */
  readonly recent: readonly string[]
  readonly tone: Tone
}

export const emojiSetting = "emoji"
const recentMax = 24
/** One of the first few stays where it is: the list is not told to the other devices for every smile. */
const nearFront = 8
const emojiCharacters = 32

/** Of what another device wrote, whatever it is. */
export function readEmojiUse(setting: string | undefined): EmojiUse {
  try {
    const { recent, tone }: Readonly<Record<string, unknown>> = JSON.parse(setting ?? "{}") as Readonly<Record<string, unknown>>
    const isEmoji = (one: unknown): one is string => typeof one === "string" && one !== "" && one.length <= emojiCharacters
    return {
      recent: Array.isArray(recent) ? [...new Set(recent.filter(isEmoji))].slice(0, recentMax) : [],
      tone: tones.find((one) => one === tone) ?? 0,
    }
  } catch {
    return { recent: [], tone: 0 }
  }
}

/** Undefined: nothing changes. */
export function withUsed(use: EmojiUse, emoji: string): EmojiUse | undefined {
  const at = use.recent.indexOf(emoji)
  if (at >= 0 && at < nearFront) return undefined
  return { ...use, recent: [emoji, ...use.recent.filter((one) => one !== emoji)].slice(0, recentMax) }
}
