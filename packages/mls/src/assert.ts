// The engine's own invariants, always checked. A failure here is a bug of this package, never a peer's doing.

export class AssertionError extends Error {
  constructor(what: string) {
    super(`broken invariant: ${what}`)
    this.name = "AssertionError"
  }
}

/** @throws AssertionError when `condition` is false */
export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionError(what)
}

/** A value that must be there. @throws AssertionError when it is not */
export function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new AssertionError(`${what} is missing`)
  return value
}
