/** For what only a bug of ours can break; always on. Bad input has its own coded errors and never comes here. */
export function assert(condition: boolean, expected: string): asserts condition {
  if (!condition) throw new AssertionError(expected)
}

/** A value that must be there, or a bug of ours. @throws AssertionError when it is undefined */
export function present<T>(value: T | undefined, expected: string): T {
  assert(value !== undefined, expected)
  return value
}

/** A bug of ours: what was expected did not hold. The message never holds data. */
export class AssertionError extends Error {
  constructor(expected: string) {
    super(`expected: ${expected}`)
    this.name = "AssertionError"
  }
}
