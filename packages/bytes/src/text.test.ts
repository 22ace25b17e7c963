import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { CodecError } from "./codec-error.ts"
import { fromBase64, fromBase64Url, fromHex, fromUtf8, toBase64, toBase64Url, toHex, toUtf8 } from "./text.ts"

const someBytes = fc.uint8Array({ maxLength: 200 })
const refused = (code: string) => (error: unknown) => error instanceof CodecError && error.code === code

test("hexadecimal, base64 and base64url read back what they wrote, and write what node writes", () => {
  fc.assert(
    fc.property(someBytes, (value) => {
      assert.deepEqual(fromHex(toHex(value)), value)
      assert.deepEqual(fromBase64(toBase64(value)), value)
      assert.deepEqual(fromBase64Url(toBase64Url(value)), value)
      assert.equal(toHex(value), Buffer.from(value).toString("hex"))
      assert.equal(toBase64(value), Buffer.from(value).toString("base64"))
      assert.equal(toBase64Url(value), Buffer.from(value).toString("base64url"))
    }),
  )
})

test("a large value is written to base64 in parts without loss", () => {
  const value = Uint8Array.from({ length: 100_003 }, (_, i) => (i * 7) & 0xff)
  assert.deepEqual(fromBase64(toBase64(value)), value)
})

test("text that is read is the text that would be written: there is one spelling of every byte string", () => {
  const spelling = fc.string({ unit: fc.constantFrom(..."AQgwZ+/-_=09af "), maxLength: 12 })
  fc.assert(
    fc.property(spelling, (text) => {
      for (const [read, write] of [
        [fromHex, toHex],
        [fromBase64, toBase64],
        [fromBase64Url, toBase64Url],
      ] as const) {
        let value: Uint8Array
        try {
          value = read(text)
        } catch (error) {
          assert.ok(error instanceof CodecError)
          continue
        }
        assert.equal(write(value), text)
      }
    }),
    { numRuns: 2000 },
  )
})

test("upper-case or odd hexadecimal is refused", () => {
  for (const text of ["AB", "abc", "0x", "g0", " 00"]) assert.throws(() => fromHex(text), refused("invalid_value"))
})

test("base64 without its padding, of the other alphabet, or with bits left over is refused", () => {
  for (const text of ["AA", "AA=", "A", "AA-_", "A A=", "====", "AA==AA=="]) assert.throws(() => fromBase64(text), refused("invalid_value"))
  assert.throws(() => fromBase64("AB=="), refused("non_canonical"))
  for (const text of ["AA==", "AA+/", "A"]) assert.throws(() => fromBase64Url(text), refused("invalid_value"))
  assert.throws(() => fromBase64Url("AB"), refused("non_canonical"))
})

test("UTF-8 reads back what it wrote, keeps a byte order mark, and refuses what is not UTF-8", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      assert.equal(fromUtf8(toUtf8(text)), text)
    }),
  )
  assert.equal(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "\ufeffa")
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]]) {
    assert.throws(() => fromUtf8(Uint8Array.from(bad)), refused("invalid_value"))
  }
})
