import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { CodecError } from "./codec-error.ts"
import { TlsReader, TlsWriter, decodeTls, encodeTls } from "./tls.ts"

const refused = (code: string) => (error: unknown) => error instanceof CodecError && error.code === code
const read = (...input: number[]) => new TlsReader(Uint8Array.from(input))

test("integers are big-endian and read back as written (RFC 8446 §3.3)", () => {
  fc.assert(
    fc.property(fc.nat(0xff), fc.nat(0xffff), fc.nat(0xffffff), fc.nat(0xffffffff), fc.bigInt(0n, (1n << 64n) - 1n), (a, b, c, d, e) => {
      const bytes = encodeTls((w) => w.u8(a).u16(b).u24(c).u32(d).u64(e))
      assert.equal(bytes.length, 18)
      assert.deepEqual(
        decodeTls(bytes, (r) => [r.u8(), r.u16(), r.u24(), r.u32(), r.u64()]),
        [a, b, c, d, e],
      )
    }),
  )
  assert.deepEqual([...encodeTls((w) => w.u24(0x010203).u64(0x0102030405060708n))], [1, 2, 3, 1, 2, 3, 4, 5, 6, 7, 8])
})

test("a value outside its integer type is a bug that is noticed when writing", () => {
  const writes: ((w: TlsWriter) => unknown)[] = [
    (w) => w.u8(256),
    (w) => w.u16(-1),
    (w) => w.u32(2 ** 32),
    (w) => w.u32(1.5),
    (w) => w.u64(1n << 64n),
    (w) => w.u64(-1n),
    (w) => w.prefixed(1, new Uint8Array(256)),
  ]
  for (const write of writes) assert.throws(() => write(new TlsWriter()), RangeError)
})

test("vectors take the shortest length, with the examples of RFC 9420 §2.1.2", () => {
  const lengthOf = (sizeBytes: number) =>
    [...encodeTls((w) => w.vector(new Uint8Array(sizeBytes)))].slice(0, sizeBytes < 64 ? 1 : sizeBytes < 16384 ? 2 : 4)
  assert.deepEqual(lengthOf(37), [0x25])
  assert.deepEqual(lengthOf(63), [0x3f])
  assert.deepEqual(lengthOf(64), [0x40, 0x40])
  assert.deepEqual(lengthOf(15293), [0x7b, 0xbd])
  assert.deepEqual(lengthOf(16383), [0x7f, 0xff])
  assert.deepEqual(lengthOf(16384), [0x80, 0x00, 0x40, 0x00])
})

test("a vector of any length around the limits of the forms reads back as written", () => {
  for (const sizeBytes of [0, 1, 63, 64, 65, 16383, 16384, 16385, 70_000]) {
    const value = Uint8Array.from({ length: sizeBytes }, (_, i) => i & 0xff)
    assert.deepEqual(
      decodeTls(
        encodeTls((w) => w.vector(value)),
        (r) => r.vector(),
      ),
      value,
    )
  }
})

test("a length that fits fewer bytes, or of the reserved form, is refused (RFC 9420 §2.1.2)", () => {
  assert.throws(() => read(0x40, 0x3f).vector(), refused("non_canonical"))
  assert.throws(() => read(0x80, 0x00, 0x3f, 0xff).vector(), refused("non_canonical"))
  assert.throws(() => read(0xc0, 0, 0, 0, 0, 0, 0, 0).vector(), refused("invalid_value"))
})

test("a length above the bound is refused before anything of that size is looked for", () => {
  assert.throws(() => read(0xbf, 0xff, 0xff, 0xff).vector(1000), refused("oversized"))
  assert.throws(() => read(0xff, 0xff).prefixed(2, 1000), refused("oversized"))
  assert.throws(() => read(0xbf, 0xff, 0xff, 0xff).vector(), refused("truncated"))
})

test("input that ends early is truncated, input that goes on is trailing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (value, cut) => {
      const bytes = encodeTls((w) => w.u16(7).vector(value).prefixed(2, value))
      const decode = (input: Uint8Array) => decodeTls(input, (r) => [r.u16(), r.vector(), r.prefixed(2)])
      assert.throws(() => decode(bytes.subarray(0, cut % bytes.length)), refused("truncated"))
      assert.throws(() => decode(Uint8Array.of(...bytes, 0)), refused("trailing"))
    }),
  )
})

test("lists and optional values read back as written, and their items are bounded", () => {
  const pair = fc.record(
    { id: fc.nat(0xffff), note: fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined }) },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 20 }), (items) => {
      const bytes = encodeTls((w) => w.list(items, (inner, item) => inner.u16(item.id).optional(item.note, (o, note) => o.vector(note))))
      const readPair = (r: TlsReader) => ({ id: r.u16(), note: r.optional((o) => o.vector()) })
      assert.deepEqual(
        decodeTls(bytes, (r) => r.list(readPair, 20)),
        items,
      )
      if (items.length > 0) assert.throws(() => decodeTls(bytes, (r) => r.list(readPair, items.length - 1)), refused("oversized"))
    }),
  )
})

test("a list whose bytes end inside an item, and a presence octet of 2, are refused", () => {
  assert.throws(() => decodeTls(Uint8Array.of(3, 0, 1, 0), (r) => r.list((inner) => inner.u16(), 9)), refused("truncated"))
  assert.throws(() => read(2).optional((r) => r.u8()), refused("invalid_value"))
})

test("any bytes give a structure or a CodecError, never another error, and what was read can be written again", () => {
  const readAll = (r: TlsReader) => ({
    kind: r.u8(),
    body: r.vector(64),
    list: r.list((inner) => inner.vector(16), 8, 64),
    more: r.optional((o) => o.u32()),
  })
  let accepted = 0
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.nat(2), { maxLength: 12 }), fc.array(fc.nat(255), { maxLength: 24 })), (input) => {
      const bytes = Uint8Array.from(input)
      let value: ReturnType<typeof readAll>
      try {
        value = decodeTls(bytes, readAll)
      } catch (error) {
        assert.ok(error instanceof CodecError)
        return
      }
      accepted++
      const again = encodeTls((w) =>
        w
          .u8(value.kind)
          .vector(value.body)
          .list(value.list, (inner, item) => inner.vector(item))
          .optional(value.more, (o, more) => o.u32(more)),
      )
      assert.deepEqual(again, bytes)
    }),
    { numRuns: 5000 },
  )
  assert.ok(accepted > 50, "the inputs reach the accepting path")
})

test("the offset and the remaining size follow what was read", () => {
  const reader = read(1, 2, 3, 4)
  reader.u16()
  assert.deepEqual([reader.offset, reader.remainingBytes], [2, 2])
})

test("a writer lends exactly what was written, and lending harms neither other writers nor what comes after", () => {
  const other = new TlsWriter().u16(0x0102)
  const writer = new TlsWriter().u8(7).vector(Uint8Array.of(8, 9))
  const copied = writer.lend((written) => {
    const nested = new TlsWriter().u32(0xffffffff).finish()
    assert.deepEqual(nested, Uint8Array.of(255, 255, 255, 255))
    return new Uint8Array(written)
  })
  assert.deepEqual(copied, Uint8Array.of(7, 2, 8, 9))
  const next = new TlsWriter().u8(1)
  assert.deepEqual(writer.u8(3).finish(), Uint8Array.of(3))
  assert.deepEqual(other.u8(3).finish(), Uint8Array.of(1, 2, 3))
  assert.deepEqual(next.finish(), Uint8Array.of(1))
})
