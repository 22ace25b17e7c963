import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError } from "@nodoor/bytes"
import fc from "fast-check"
import { pad, padmeSize, unpad } from "./padme.ts"

test("A padded content is never below 256 bytes, never 12 % longer than it must be, and comes back whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (content) => {
      const padded = pad(content)
      assert.ok(padded.length >= 256)
      assert.ok(padded.length <= Math.max(256, (content.length + 4) * 1.12))
      assert.deepEqual(unpad(padded), content)
    }),
  )
})

test("Padmé sizes are those of the paper: few of them, growing, and each its own", () => {
  const sizes = new Set<number>()
  for (let size = 1; size <= 100_000; size++) {
    const padded = padmeSize(size)
    assert.ok(padded >= size)
    assert.equal(padmeSize(padded), padded)
    sizes.add(padded)
  }
  assert.equal(padmeSize(257), 272)
  assert.equal(padmeSize(1000), 1024)
  assert.equal(padmeSize(10_000), 10_240)
  assert.ok(sizes.size < 150, `${sizes.size} sizes`)
})

test("Padding that is not zero, a size that is not Padmé's, and bytes made up are refused with a CodecError", () => {
  const padded = pad(new Uint8Array(10))
  const hidden = padded.slice()
  hidden[255] = 1
  assert.throws(() => unpad(hidden), { code: "non_canonical" })
  assert.throws(() => unpad(new Uint8Array([...padded, 0])), { code: "non_canonical" })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (input) => {
      try {
        unpad(input)
      } catch (error) {
        assert.ok(error instanceof CodecError)
      }
    }),
  )
})
