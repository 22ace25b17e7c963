import assert from "node:assert/strict"
import { createHash, createHmac } from "node:crypto"
import { test } from "node:test"
import { CodecError, concat } from "@nodoor/bytes"
import fc from "fast-check"
import { limits } from "../limits.ts"
import {
  type PostingAnswer,
  type PostingRequest,
  type ReadingAnswer,
  type ReadingRequest,
  decodePostingAnswer,
  decodePostingRequest,
  decodeReadingAnswer,
  decodeReadingRequest,
  deliveryCodeOf,
  deliveryCodes,
  encodePostingAnswer,
  encodePostingRequest,
  encodeReadingAnswer,
  encodeReadingRequest,
  fanoutOf,
  postMac,
  postMacInput,
} from "./index.ts"

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest())
const plain = { noNullPrototype: true } as const
const fixed = (sizeBytes: number) => fc.uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
const [ref, order, hour] = [fc.nat(0xffffffff), fc.maxSafeNat(), fc.nat(0xffffffff)]
const code = fc.constantFrom(...(Object.keys(deliveryCodes) as (keyof typeof deliveryCodes)[]))
const [groupId, seat, hash, signature] = [fixed(32), fixed(16), fixed(32), fixed(64)]
const body = fc.uint8Array({ minLength: 1, maxLength: 300 })
const keys = { seat, publicKey: hash, readHash: hash }
const record = <T>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(fields, plain)
const is = <const T extends string>(type: T) => fc.constant(type)
const seats = fc.array(record(keys), { maxLength: 3 })
const seatIds = fc.array(seat, { maxLength: 3 })

const shared = [
  record({ type: is("open"), with: fc.constant("token" as const), data: fixed(354) }),
  record({ type: is("open"), with: fc.constant("pass" as const), data: fixed(53) }),
  record({ type: is("ping") }),
]
const answers = [
  record({ type: is("opened"), pass: fixed(53), expiryHour: hour, hour, postsLeft: ref }),
  record({ type: is("pong") }),
  record({ type: is("closed"), code, message: fc.string({ maxLength: 40, unit: "grapheme" }) }),
]
const commitItem = fc
  .tuple(
    record({
      type: is("commit"),
      ref,
      groupId,
      epoch: order,
      mac: hash,
      seat,
      signature,
      nextDeliveryKey: hash,
      removes: seatIds,
      commit: body,
    }),
    seats,
    body,
  )
  .map(([rest, adds, info]) => ({ ...rest, adds, groupInfo: adds.length > 0 ? info : undefined }))
const postingRequest: fc.Arbitrary<PostingRequest> = fc.oneof(
  ...shared,
  record({ type: is("post"), ref, groupId, epoch: order, flags: fc.constantFrom(0 as const, 1 as const), mac: hash, body }),
  commitItem,
  record({ type: is("create"), ref, groupId, deliveryKey: hash, ...keys, signature }),
  record({ type: is("rekey"), ref, groupId, ...keys, n: ref, signature }),
  record({ type: is("rejoin"), ref, groupId, seat, epoch: order, signature, sealed: fixed(limits.rejoinBytes) }),
)
const postingAnswer: fc.Arbitrary<PostingAnswer> = fc.oneof(
  ...answers,
  record({ type: is("placed"), ref, order, hour }),
  record({ type: is("committed"), ref, order, hour, fanout: hash }),
  record({ type: is("refused"), ref, code, epoch: order, retryAfterMs: ref }),
  record({ type: is("done"), ref }),
)
const readingRequest: fc.Arbitrary<ReadingRequest> = fc.oneof(
  ...shared,
  record({ type: is("subscribe"), sub: ref, groupId, seat, readSecret: hash, after: order }),
  record({ type: is("ack"), sub: ref, order }),
  record({ type: is("unsubscribe"), sub: ref }),
)
const place = { sub: ref, order, hour }
const details = {
  epoch: order,
  seat,
  signature,
  adds: seats,
  removes: seatIds,
  nextKeyHash: hash,
  infoHash: fc.option(hash, { nil: undefined }),
  fanout: hash,
  commit: body,
}
const readingAnswer: fc.Arbitrary<ReadingAnswer> = fc.oneof(
  ...answers,
  record({ type: is("subscribed"), sub: ref, head: order, acked: order, epoch: order }),
  record({ type: is("unsubscribed"), sub: ref, code }),
  record({ type: is("post"), ...place, body }),
  record({ type: is("commit"), ...place, ...details }),
  record({ type: is("join"), ...place, ...details, groupInfo: body }),
  record({ type: is("gap"), sub: ref, through: order }),
  record({ type: is("ephemeral"), sub: ref, body }),
  record({ type: is("rejoin"), sub: ref, seat, epoch: order, sealed: fixed(limits.rejoinBytes) }),
)

const codecs = [
  { name: "posting requests", item: postingRequest, encode: encodePostingRequest, decode: decodePostingRequest },
  { name: "posting answers", item: postingAnswer, encode: encodePostingAnswer, decode: decodePostingAnswer },
  { name: "reading requests", item: readingRequest, encode: encodeReadingRequest, decode: decodeReadingRequest },
  { name: "reading answers", item: readingAnswer, encode: encodeReadingAnswer, decode: decodeReadingAnswer },
] as readonly {
  name: string
  item: fc.Arbitrary<unknown>
  encode: (items: readonly never[]) => Uint8Array
  decode: (frame: Uint8Array) => unknown[]
}[]

for (const { name, item, encode, decode } of codecs) {
  test(`frames of ${name} read back as written, and every other cut of them is refused`, () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 5 }), fc.nat(), (items, cut) => {
        const frame = encode(items as never[])
        assert.deepEqual(decode(frame), items)
        const whole = new Set([frame.length])
        for (let upTo = 1; upTo < items.length; upTo++) whole.add(encode(items.slice(0, upTo) as never[]).length)
        const end = cut % frame.length
        if (!whole.has(end)) assert.throws(() => decode(frame.subarray(0, end)), CodecError)
      }),
    )
  })

  test(`any bytes are items of ${name} or a CodecError`, () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 2 }), fc.nat(), fc.nat(255), (items, at, byte) => {
        const frame = encode(items as never[])
        frame[at % frame.length] = byte
        try {
          assert.deepEqual(encode(decode(frame) as never[]), frame)
        } catch (error) {
          assert.ok(error instanceof CodecError, String(error))
        }
      }),
    )
  })

  test(`a frame of ${name} is bounded`, () => {
    const refused = (frame: Uint8Array): void => assert.throws(() => decode(frame), CodecError)
    refused(new Uint8Array())
    refused(new Uint8Array(limits.frameBytes + 1))
    refused(new Uint8Array(limits.frameItems + 1).fill(0x06))
    refused(new Uint8Array(limits.frameItems + 1).fill(0x86))
  })
}

test("flags that a post cannot have, an empty body, a GroupInfo without adds and adds without one are refused", () => {
  const post = {
    type: "post",
    ref: 1,
    groupId: new Uint8Array(32),
    epoch: 1,
    flags: 0,
    mac: new Uint8Array(32),
    body: Uint8Array.of(1),
  } as const
  const refused = (item: PostingRequest): void => assert.throws(() => decodePostingRequest(encodePostingRequest([item])), CodecError)
  refused({ ...post, flags: 2 as never })
  refused({ ...post, body: new Uint8Array() })
  const commit = {
    type: "commit",
    ref: 1,
    groupId: new Uint8Array(32),
    epoch: 1,
    mac: new Uint8Array(32),
    seat: new Uint8Array(16),
    signature: new Uint8Array(64),
    nextDeliveryKey: new Uint8Array(32),
    removes: [],
    commit: Uint8Array.of(1),
  } as const
  const added = { seat: new Uint8Array(16), publicKey: new Uint8Array(32), readHash: new Uint8Array(32) }
  refused({ ...commit, adds: [], groupInfo: Uint8Array.of(1) })
  refused({ ...commit, adds: [added] })
  refused({ ...commit, adds: [], commit: new Uint8Array() })
})

test("every code has one number, and no other number is a code", () => {
  assert.equal(new Set(Object.values(deliveryCodes)).size, Object.keys(deliveryCodes).length)
  for (const [name, number] of Object.entries(deliveryCodes)) assert.equal(deliveryCodeOf(number), name)
  assert.equal(deliveryCodeOf(0), undefined)
  assert.equal(deliveryCodeOf(255), undefined)
})

test("the MAC of a post is HMAC-SHA256 (RFC 2104) over a label, the group, the epoch, the flags and the hash of the body", () => {
  fc.assert(
    fc.property(hash, groupId, order, fc.constantFrom(0, 1, 2), hash, (key, group, epoch, flags, bodyHash) => {
      const input = { groupId: group, epoch, flags, bodyHash }
      const epochBytes = Buffer.alloc(8)
      epochBytes.writeBigUInt64BE(BigInt(epoch))
      const text = concat(Buffer.from("nodoor/post/v2\0"), group, epochBytes, Uint8Array.of(flags), bodyHash)
      assert.deepEqual([...postMacInput(input)], [...text])
      assert.deepEqual([...postMac(sha256, key, input)], [...createHmac("sha256", key).update(text).digest()])
    }),
  )
})

test("the fan-out does not depend on the order in which seats are named, and is the hash of them in ascending order", () => {
  const [low, high] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(0xfe)]
  assert.deepEqual(fanoutOf(sha256, [high, low]), sha256(concat(low, high)))
  assert.deepEqual(fanoutOf(sha256, [low, high]), sha256(concat(low, high)))
})
