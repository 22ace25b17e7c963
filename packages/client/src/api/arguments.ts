// What a method of the device takes, checked before it is called: arguments come from other tabs and processes too.

/** Hands back the value, or throws. */
export type Check<T> = (value: unknown) => T

/** Longer texts are refused by their own limits; this one is for what comes from outside. */
const textMax = 4_000_000
/** Evidence holds a commit. */
const fileMax = 32_000_000
const idMax = 128
const listMax = 10_000

/** A class of its own, so that the pages that make calls do not load the library's errors. The device throws it on as a `ClientError`. */
export class InvalidArgument extends Error {
  readonly code = "invalid_input"
  constructor(message: string) {
    super(message)
    this.name = "InvalidArgument"
  }
}

function invalid(expected: string): InvalidArgument {
  return new InvalidArgument(`This call expects ${expected}.`)
}

export const id: Check<string> = hexadecimal(idMax)
/** A credential's id has up to 1,023 bytes. */
export const longId: Check<string> = hexadecimal(2_046)

function hexadecimal(maxCharacters: number): Check<string> {
  return (value) => {
    if (typeof value !== "string" || value.length > maxCharacters || value.length % 2 !== 0 || !/^[0-9a-f]*$/.test(value))
      throw new InvalidArgument("An id is lower-case hexadecimal.")
    return value
  }
}

export const text: Check<string> = (value) => {
  if (typeof value !== "string" || value.length > textMax) throw invalid("a text")
  return value
}

/** The text of a file. */
export const file: Check<string> = (value) => {
  if (typeof value !== "string" || value.length > fileMax) throw invalid("a file of text")
  return value
}

export const flag: Check<boolean> = (value) => {
  if (typeof value !== "boolean") throw invalid("true or false")
  return value
}

/** What is only ever said, never denied. */
export const yes: Check<true> = (value) => {
  if (value !== true) throw invalid("true")
  return value
}

/** A place in a chat. Messages that came with an archive have negative ones. */
export const position: Check<number> = (value) => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw invalid("a number")
  return value
}

/** Finite and not negative. Times are too. */
export const number: Check<number> = (value) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw invalid("a number that is not negative")
  return value
}

export function oneOf<const T extends string>(...words: readonly T[]): Check<T> {
  return (value) => {
    const word = words.find((one) => one === value)
    if (word === undefined) throw invalid(`one of ${words.join(", ")}`)
    return word
  }
}

export function list<T>(item: Check<T>): Check<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > listMax) throw invalid("a list")
    return value.map(item)
  }
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value) => (value === undefined ? undefined : check(value))
}

/** The first that fits. */
export function either<A, B>(first: Check<A>, second: Check<B>): Check<A | B> {
  return (value) => {
    try {
      return first(value)
    } catch (error) {
      if (!(error instanceof InvalidArgument)) throw error
      return second(value)
    }
  }
}

type Checks = Readonly<Record<string, Check<unknown>>>
/** A field whose check lets `undefined` through may be left out. */
type Fields<C extends Checks> = {
  readonly [K in keyof C as undefined extends ReturnType<C[K]> ? never : K]: ReturnType<C[K]>
} & { readonly [K in keyof C as undefined extends ReturnType<C[K]> ? K : never]?: Exclude<ReturnType<C[K]>, undefined> }

/** With these fields and no others; those that are undefined are left out. */
export function fields<C extends Checks>(checks: C): Check<Fields<C>> {
  return (value) => {
    if (typeof value !== "object" || value === null) throw invalid("an object")
    for (const name of Object.keys(value)) if (!Object.hasOwn(checks, name)) throw invalid(`no field ${JSON.stringify(name.slice(0, 40))}`)
    const given = value as Readonly<Record<string, unknown>>
    const checked = Object.entries(checks).map(([name, check]) => [name, check(given[name])] as const)
    return Object.fromEntries(checked.filter(([, one]) => one !== undefined)) as Fields<C>
  }
}
