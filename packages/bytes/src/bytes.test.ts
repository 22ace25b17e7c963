import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { AssertionError, assert as expect } from "./assert.ts"
import { compare, concat, equal, xor } from "./bytes.ts"

const someBytes = fc.uint8Array({ maxLength: 64 })

test("concat holds its parts in order and shares no memory with them", () => {
  fc.assert(
    fc.property(fc.array(someBytes, { maxLength: 6 }), (parts) => {
      const whole = concat(...parts)
      assert.deepEqual(
        [...whole],
        parts.flatMap((part) => [...part]),
      )
      const before = [...whole]
      for (const part of parts) part.fill(0xaa)
      assert.deepEqual([...whole], before)
    }),
  )
})

test("two byte strings are equal exactly if they compare as 0", () => {
  fc.assert(
    fc.property(someBytes, someBytes, (a, b) => {
      assert.equal(equal(a, b), compare(a, b) === 0)
      assert.ok(equal(a, a.slice()))
    }),
  )
})

test("one changed bit anywhere makes two byte strings unequal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.integer({ min: 0, max: 7 }), (a, at, bit) => {
      const changed = a.slice()
      const index = at % a.length
      changed[index] = (changed[index] as number) ^ (1 << bit)
      assert.equal(equal(a, changed), false)
    }),
  )
})

test("the order of byte strings is that of their hexadecimal text", () => {
  const hex = (value: Uint8Array) => Buffer.from(value).toString("hex")
  fc.assert(
    fc.property(someBytes, someBytes, (a, b) => {
      const expected = hex(a) < hex(b) ? -1 : hex(a) > hex(b) ? 1 : 0
      assert.equal(Math.sign(compare(a, b)), expected)
    }),
  )
})

test("xor with the same bytes twice gives back the first, and lengths must agree", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 64 }), (pairs) => {
      const a = Uint8Array.from(pairs, ([left]) => left)
      const b = Uint8Array.from(pairs, ([, right]) => right)
      assert.deepEqual(xor(xor(a, b), b), a)
    }),
  )
  assert.throws(() => xor(new Uint8Array(2), new Uint8Array(3)), RangeError)
})

test("assert passes what holds and names what was expected of what does not", () => {
  expect(true, "truth")
  assert.throws(
    () => expect(false, "an epoch above 0"),
    (error) => error instanceof AssertionError && error.message === "expected: an epoch above 0",
  )
})
