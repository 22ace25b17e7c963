import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { CodecError, decodeCbor, encodeCbor, fromHex, toHex } from "@nodoor/bytes"
import fc from "fast-check"
import { mimiLimits, type MimiContent, type NestedPart, decodeMimi, encodeMimi } from "./content.ts"
import { messageIdOf } from "./message-id.ts"
import { decodeStatusReport, encodeStatusReport } from "./status-report.ts"

const vectors = join(process.env["NODOOR_VECTORS"] ?? join(import.meta.dirname, "../../../../../../shared/vectors"), "mimi")
const absent = existsSync(vectors) ? false : "vectors not found; set NODOOR_VECTORS"
const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())
const names = absent === false ? readdirSync(vectors).filter((name) => name.endsWith(".cbor") && name !== "implied-original.cbor") : []

test(
  "Every example of the draft is decoded, encoded again byte for byte, and has the message id the draft states",
  { skip: absent },
  () => {
    assert.equal(names.length, 14)
    for (const name of names) {
      const encoded = new Uint8Array(readFileSync(join(vectors, name)))
      const content = decodeMimi(encoded)
      assert.equal(toHex(encodeMimi(content)), toHex(encoded), name)
      const stated = /message ID = h'([0-9a-f]+)\n#\s+([0-9a-f]+)'/.exec(readFileSync(join(vectors, name.replace(".cbor", ".edn")), "utf8"))
      assert.ok(stated, name)
      const id = messageIdOf(sha256, {
        senderUri: String(content.extensions.get(1)),
        roomUri: String(content.extensions.get(2)),
        content: encoded,
        salt: content.salt,
      })
      assert.equal(toHex(id), `${stated[1]}${stated[2]}`, name)
    }
  },
)

test("The implied values of the draft's original message are deterministic CBOR", { skip: absent }, () => {
  const encoded = new Uint8Array(readFileSync(join(vectors, "implied-original.cbor")))
  assert.equal(toHex(encodeCbor(decodeCbor(encoded, { maxBytes: 1024 }))), toHex(encoded))
})

test("A draft example with any byte changed is refused with a code or means something else", { skip: absent }, () => {
  for (const name of names) {
    const encoded = new Uint8Array(readFileSync(join(vectors, name)))
    for (let i = 0; i < encoded.length; i++) {
      const changed = encoded.slice()
      changed[i] = (changed[i] as number) ^ 1
      refusedOrDifferent(changed)
      refusedOrDifferent(encoded.subarray(0, i), { mustRefuse: true })
    }
  }
})

function refusedOrDifferent(input: Uint8Array, expected: { readonly mustRefuse?: boolean } = {}): void {
  try {
    assert.equal(toHex(encodeMimi(decodeMimi(input))), toHex(input))
    assert.notEqual(expected.mustRefuse, true)
  } catch (error) {
    assert.ok(error instanceof CodecError, String(error))
  }
}

const octets = fc.uint8Array({ maxLength: 40 })
const words = fc.string({ maxLength: 12, unit: "grapheme" })
const head = { disposition: fc.integer({ min: 0, max: 255 }), language: words }
const leaf: fc.Arbitrary<NestedPart> = fc.oneof(
  fc.record({ ...head, cardinality: fc.constant("null" as const) }),
  fc.record({ ...head, cardinality: fc.constant("single" as const), contentType: words, content: octets }),
  fc.record({
    ...head,
    cardinality: fc.constant("external" as const),
    contentType: words,
    url: words,
    expiresS: fc.nat(0xffffffff),
    sizeBytes: fc.nat(),
    encAlg: fc.nat(0xffff),
    key: octets,
    nonce: octets,
    aad: octets,
    hashAlg: fc.nat(255),
    contentHash: octets,
    description: words,
    filename: words,
  }),
)
const part: fc.Arbitrary<NestedPart> = fc.oneof(
  leaf,
  fc.record({
    ...head,
    cardinality: fc.constant("multi" as const),
    partSemantics: fc.nat(2),
    parts: fc.array(leaf, { minLength: 2, maxLength: 4 }),
  }),
)
const id32 = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }) as fc.Arbitrary<MimiContent["replaces"]>
const contents: fc.Arbitrary<MimiContent> = fc.record({
  salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  replaces: id32,
  topicId: octets,
  expires: fc.option(fc.record({ relative: fc.boolean(), timeS: fc.nat(0xffffffff) }), { nil: undefined }),
  inReplyTo: id32,
  extensions: fc
    .array(
      fc.tuple(
        fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.string({ minLength: 1, maxLength: 20 })),
        fc.oneof(words, octets, fc.nat()),
      ),
    )
    .map((entries) => new Map(entries.filter(([name]) => name !== 1 && name !== 2))),
  body: part,
})

test("Whatever content is encoded is decoded as it was", () => {
  fc.assert(
    fc.property(contents, (content) => {
      const encoded = encodeMimi(content)
      assert.equal(toHex(encodeMimi(decodeMimi(encoded))), toHex(encoded))
    }),
    { numRuns: 300 },
  )
})

test("Bytes made up, and real contents with bytes changed, meet a CodecError or decode to what they encode", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (input) => refusedOrDifferent(input)),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(contents, fc.nat(), fc.nat(255), (content, at, value) => {
      const changed = encodeMimi(content)
      changed[at % changed.length] = value
      refusedOrDifferent(changed)
    }),
    { numRuns: 500 },
  )
})

test("Parts nested deeper than 8, more than 128 parts, and a multipart of one are refused", () => {
  const nested = (depth: number): unknown => (depth === 0 ? [1, "", 0] : [1, "", 3, 2, [nested(depth - 1), [1, "", 0]]])
  const content = (body: unknown): Uint8Array =>
    encodeCbor([new Uint8Array(16), null, new Uint8Array(), null, null, new Map(), body] as never)
  assert.doesNotThrow(() => decodeMimi(content(nested(8))))
  assert.throws(() => decodeMimi(content(nested(9))), { code: "oversized" })
  assert.throws(() => decodeMimi(content([1, "", 3, 2, Array.from({ length: 128 }, () => [1, "", 0])])), { code: "oversized" })
  assert.throws(() => decodeMimi(content([1, "", 3, 2, [[1, "", 0]]])), { code: "invalid_value" })
})

test("Content with too many extensions, a name of another size, or a number out of its range is refused", () => {
  const content = (extensions: ReadonlyMap<unknown, unknown>, disposition: unknown = 1): Uint8Array =>
    encodeCbor([new Uint8Array(16), null, new Uint8Array(), null, null, extensions, [disposition, "", 0]] as never)
  const many = (count: number): Map<unknown, unknown> => new Map(Array.from({ length: count }, (_, at) => [at + 10, 1]))
  assert.doesNotThrow(() => decodeMimi(content(many(mimiLimits.extensions))))
  assert.throws(() => decodeMimi(content(many(mimiLimits.extensions + 1))), { code: "oversized" })
  assert.doesNotThrow(() => decodeMimi(content(new Map([["x".repeat(255), 1]]))))
  for (const name of ["", "x".repeat(256)]) assert.throws(() => decodeMimi(content(new Map([[name, 1]]))), { code: "invalid_value" })
  for (const disposition of [-1, 256, 1.5, "1"]) assert.throws(() => decodeMimi(content(new Map(), disposition)), { code: "invalid_value" })
  assert.throws(() => decodeMimi(encodeCbor([new Uint8Array(15), null, new Uint8Array(), null, null, new Map(), [1, "", 0]] as never)), {
    code: "invalid_value",
  })
})

test("A status report is decoded as it was encoded, equals the draft's example, and refuses undefined values", () => {
  const example = fromHex(
    "84825820017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4028258" +
      "20015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b2702825820018d825adf9f6be00dcafc5704c4102f5022e74219d0b603e4ba7622654042af00825820" +
      "01e59db8173939facc2c8a4a0f0ae8d0c7a11a81239626630c9464a8d6717a0303",
  )
  assert.equal(toHex(encodeStatusReport(decodeStatusReport(example))), toHex(example))
  assert.deepEqual(
    decodeStatusReport(example).map((entry) => entry.status),
    [2, 2, 0, 3],
  )
  assert.throws(() => decodeStatusReport(encodeCbor([[new Uint8Array(32), 7]])), { code: "invalid_value" })
  assert.throws(() => decodeStatusReport(encodeCbor([[new Uint8Array(31), 1]])), { code: "invalid_value" })
})
