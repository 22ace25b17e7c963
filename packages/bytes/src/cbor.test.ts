import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { concat } from "./bytes.ts"
import { type CborValue, cborItemsMax, decodeCbor, encodeCbor } from "./cbor.ts"
import { CodecError } from "./codec-error.ts"
import { fromHex, toHex } from "./text.ts"

const maxBytes = 4096
const refused = (code: string) => (error: unknown) => error instanceof CodecError && error.code === code

const value = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ maxLength: 12 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ maxLength: 6 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
})).value

test("every value reads back as written", () => {
  fc.assert(
    fc.property(value, (written) => {
      assert.deepEqual(decodeCbor(encodeCbor(written), { maxBytes: 1_000_000 }), written)
    }),
  )
})

test("map keys are in the bytewise order of their encodings, whatever order they came in (RFC 8949 §4.2.1)", () => {
  assert.equal(toHex(encodeCbor({ b: 1, a: 2, aa: 3 })), "a3616102616201626161" + "03")
  assert.equal(
    toHex(
      encodeCbor(
        new Map<string | number, CborValue>([
          ["a", 1],
          [-1, 2],
          [100, 3],
          [10, 4],
        ]),
      ),
    ),
    "a40a04186403200261" + "6101",
  )
})

test("a map with integer keys reads back as a Map", () => {
  const map = new Map<string | number, CborValue>([
    [1, "one"],
    [-1, fromHex("00ff")],
    ["k", [1, 2]],
  ])
  assert.deepEqual(decodeCbor(encodeCbor(map), { maxBytes, maps: "map" }), map)
})

test("another encoding of a value is refused: long lengths, long integers, unsorted keys", () => {
  for (const hex of [
    "1801",
    "190001",
    "580100",
    "7801" + "61",
    "9801" + "00",
    "b801" + "6161" + "01",
    "a2" + "616201" + "616102",
    "f90000",
    "fb3ff0000000000000",
  ]) {
    assert.throws(
      () => decodeCbor(fromHex(hex), { maxBytes }),
      (error) => error instanceof CodecError && (error.code === "non_canonical" || error.code === "invalid_value"),
      hex,
    )
  }
})

test("indefinite sizes, undefined, NaN, infinity, tags, duplicate keys, trailing and missing bytes are refused", () => {
  const bad = [
    "9fff",
    "bfff",
    "5fff",
    "7fff",
    "f7",
    "f97e00",
    "f97c00",
    "c000",
    "d81800",
    "a2616101616102",
    "0000",
    "8201",
    "62ff",
    "62c080",
    "ff",
    "",
  ]
  for (const hex of bad) assert.throws(() => decodeCbor(fromHex(hex), { maxBytes }), CodecError, hex)
})

test("a size above the bound is refused before it is decoded", () => {
  assert.throws(() => decodeCbor(new Uint8Array(maxBytes + 1), { maxBytes }), refused("oversized"))
})

test("a stated length far above the input is refused without memory of that size", () => {
  for (const hex of ["5bffffffffffffffff", "9bffffffffffffffff", "bb00000000ffffffff", "7affffffff", "9affffffff"]) {
    assert.throws(() => decodeCbor(fromHex(hex), { maxBytes }), CodecError, hex)
  }
})

test("arrays nested to the bound of the input are read or refused with a code, never a broken stack", () => {
  const deep = new Uint8Array(200_000).fill(0x81)
  assert.throws(() => decodeCbor(deep, { maxBytes: 1_000_000 }), CodecError)
  deep[deep.length - 1] = 0x00
  try {
    decodeCbor(deep, { maxBytes: 1_000_000 })
  } catch (error) {
    assert.ok(error instanceof CodecError)
  }
})

test("any bytes give a value whose only encoding they are, or a CodecError", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 24 }),
        fc.array(fc.constantFrom(0x00, 0x18, 0x41, 0x61, 0x62, 0x80, 0x81, 0xa0, 0xa1, 0xf6, 0xff), { maxLength: 10 }),
      ),
      (input) => {
        const bytes = Uint8Array.from(input)
        let decoded: CborValue
        try {
          decoded = decodeCbor(bytes, { maxBytes })
        } catch (error) {
          assert.ok(error instanceof CodecError)
          return
        }
        assert.deepEqual(encodeCbor(decoded), bytes)
      },
    ),
    { numRuns: 5000 },
  )
})

test("the key __proto__ is data like any other and changes no prototype", () => {
  const bytes = fromHex("a1" + "695f5f70726f746f5f5f" + "a1616101")
  try {
    const decoded = decodeCbor(bytes, { maxBytes }) as Record<string, unknown>
    assert.equal(decoded["a"], undefined)
  } catch (error) {
    assert.ok(error instanceof CodecError)
  }
  assert.equal(({} as Record<string, unknown>)["a"], undefined)
})

test("a message of very many items is refused before any of it is made, however they are nested, and one of as many as are allowed is read", () => {
  const head = (major: number, count: number): Uint8Array =>
    Uint8Array.of((major << 5) | 26, count >>> 24, (count >> 16) & 255, (count >> 8) & 255, count & 255)
  const list = (count: number, byte: number): Uint8Array => concat(head(4, count), new Uint8Array(count).fill(byte))
  const refused = (input: Uint8Array): boolean => {
    try {
      decodeCbor(input, { maxBytes: input.length })
      return false
    } catch (error) {
      return error instanceof CodecError && error.code === "oversized"
    }
  }
  for (const byte of [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xf6]) assert.ok(refused(list(cborItemsMax, byte)), byte.toString(16))
  assert.equal((decodeCbor(list(cborItemsMax - 1, 0), { maxBytes: 1_000_000 }) as unknown[]).length, cborItemsMax - 1)
  const inOne = encodeCbor(Array.from({ length: 70_000 }, (_, at) => [at]))
  assert.ok(refused(inOne), "140,001 items in pairs")
  const large = encodeCbor([new Uint8Array(4_000_000).fill(0x80), "x".repeat(1_000_000), 7])
  assert.equal((decodeCbor(large, { maxBytes: large.length }) as unknown[]).length, 3, "what stands in bytes and text counts as one")
  const cut = concat(head(4, 2), Uint8Array.of(0x5b, 255, 255, 255, 255, 255, 255, 255, 255), new Uint8Array(cborItemsMax))
  assert.throws(() => decodeCbor(cut, { maxBytes: cut.length }), CodecError)
})
