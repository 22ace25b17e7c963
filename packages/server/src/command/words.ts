// Reading the words of a command line: flags with numbers, and nothing that was not expected.

import { ServerError } from "../core/server-error.ts"

/** @throws ServerError `usage` if any word is left */
export function noMore(rest: readonly string[]): void {
  if (rest.length > 0) throw new ServerError("usage", `${rest[0] ?? ""}: not expected here`)
}

/** `--flag value` pairs, each known flag at most once. @throws ServerError `usage` */
export function flagsOf(words: readonly string[], known: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let at = 0; at < words.length; at += 2) {
    const [flag = "", value] = [words[at], words[at + 1]]
    if (!known.includes(flag) || found.has(flag)) throw new ServerError("usage", `${flag}: not expected here`)
    if (value === undefined) throw new ServerError("usage", `${flag}: a value goes with it`)
    found.set(flag, value)
  }
  return found
}

/** A flag's whole number from 1 to `max`. @throws ServerError `usage` */
export function countOf(
  flags: ReadonlyMap<string, string>,
  flag: string,
  bounds: { readonly otherwise: number; readonly max: number },
): number {
  const text = flags.get(flag) ?? String(bounds.otherwise)
  const value = Number(text)
  if (!/^\d{1,6}$/.test(text) || value < 1 || value > bounds.max)
    throw new ServerError("usage", `${flag}: a number from 1 to ${bounds.max}`)
  return value
}
