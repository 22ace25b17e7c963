// A person who is named in a message: `[@Name](mimi://origin/u/account)` in Markdown (draft-ietf-mimi-content-08), `@Name` as it is typed.

export interface Mention {
  /** With the @. */
  readonly text: string
  readonly origin: string
  /** Of the account, 32 hexadecimal digits. */
  readonly account: string
}

/** More are kept as text. */
export const mentionsMax = 100

const link = /\[((?:[^[\]\n\\]|\\.){1,500})\]\(mimi:\/\/([a-z0-9.:-]{1,255})\/u\/([0-9a-f]{32})\)/y
const word = /[\p{L}\p{N}_]/u

export function mentionLink(
  source: string,
  at: number,
): { readonly node: { readonly type: "mention" } & Mention; readonly length: number } | undefined {
  link.lastIndex = at
  const match = link.exec(source)
  if (match === null) return undefined
  const [whole, label = "", origin = "", account = ""] = match
  const text = label.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1").replaceAll(/\p{Bidi_Control}/gu, "")
  return { node: { type: "mention", text, origin, account }, length: whole.length }
}

/** Whom `@…` at this place means: the longest name of `people` that ends with a word there. */
export function mentionAt(
  source: string,
  { at, before, people }: { readonly at: number; readonly before: string | undefined; readonly people: readonly Mention[] },
): Mention | undefined {
  if (before !== undefined && word.test(before)) return undefined
  return people
    .filter(({ text }) => source.startsWith(text, at) && !word.test(characterAt(source, at + text.length)))
    .reduce<Mention | undefined>((best, one) => (best === undefined || one.text.length > best.text.length ? one : best), undefined)
}

function characterAt(source: string, at: number): string {
  const point = source.codePointAt(at)
  return point === undefined ? "" : String.fromCodePoint(point)
}
