// The recovery key as 24 words that a person can write down: 32 bytes and a checksum of 8 bits, 11 bits for each word (BIP-39). What was typed
// is read forgivingly, and what is wrong is said word by word.

import type { CryptoProvider } from "@nodoor/mls"
import { wordList } from "./word-list.ts"

type Sha256 = Pick<CryptoProvider, "sha256">

export const recoveryWordCount = 24
export const recoverySeedBytes = 32
const wordBits = 11
const nearestCount = 3
/** Longer words are not compared with the list. */
const typedMax = 32

const places: ReadonlyMap<string, number> = new Map(wordList.map((word, at) => [word, at]))

/** @throws RangeError for other than 32 bytes */
export function recoveryWordsOf(crypto: Sha256, seed: Uint8Array): readonly string[] {
  if (seed.length !== recoverySeedBytes) throw new RangeError("a recovery key has 32 bytes")
  const [checksum = 0] = crypto.sha256(seed)
  const words: string[] = []
  let [bits, count] = [0, 0]
  for (const byte of [...seed, checksum]) {
    bits = (bits << 8) | byte
    count += 8
    if (count < wordBits) continue
    count -= wordBits
    words.push(wordList[bits >> count] ?? "")
    bits &= (1 << count) - 1
  }
  return words
}

export type ReadWords =
  | { readonly status: "right"; readonly seed: Uint8Array }
  /** `at` counts from 0; `nearest` are words of the list that they may have been. */
  | { readonly status: "unknown_words"; readonly wrong: readonly { readonly at: number; readonly nearest: readonly string[] }[] }
  | { readonly status: "wrong_count"; readonly count: number }
  | { readonly status: "wrong_checksum" }

/** The key that the words stand for, or what is wrong with them. */
export function readRecoveryWords(crypto: Sha256, typed: readonly string[]): ReadWords {
  const words = typed.map(asWord).filter((word) => word !== "")
  if (words.length !== recoveryWordCount) return { status: "wrong_count", count: words.length }
  const wrong = words.flatMap((word, at) => (places.has(word) ? [] : [{ at, nearest: nearestWords(word) }]))
  if (wrong.length > 0) return { status: "unknown_words", wrong }
  const bytes: number[] = []
  let [bits, count] = [0, 0]
  for (const word of words) {
    bits = (bits << wordBits) | (places.get(word) ?? 0)
    count += wordBits
    for (; count >= 8; count -= 8) bytes.push((bits >> (count - 8)) & 0xff)
    bits &= (1 << count) - 1
  }
  const seed = Uint8Array.from(bytes.slice(0, recoverySeedBytes))
  const [checksum] = crypto.sha256(seed)
  return checksum === bytes[recoverySeedBytes] ? { status: "right", seed } : { status: "wrong_checksum" }
}

/** Words as they were typed or pasted, with numbers in front of them or not. */
export function splitWords(text: string): readonly string[] {
  return text
    .split(/[\s,;]+/u)
    .map(asWord)
    .filter((word) => word !== "")
}

function asWord(typed: string): string {
  return typed
    .normalize("NFKD")
    .toLowerCase()
    .replace(/^\s*\d{0,2}[.):]?\s*|\s+$/g, "")
}

/** Those of the list that need the fewest changes of a letter; of several, those that begin alike. */
export function nearestWords(typed: string): readonly string[] {
  const word = asWord(typed).slice(0, typedMax)
  return wordList
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate), alike: commonBeginning(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance || b.alike - a.alike)
    .slice(0, nearestCount)
    .map(({ candidate }) => candidate)
}

function commonBeginning(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** Letters that are added, left out, changed, or swapped with the next one. */
function distanceOf(a: string, b: string): number {
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, changed)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1)
      next.push(least)
    }
    ;[before, row] = [row, next]
  }
  return row[b.length] ?? 0
}
