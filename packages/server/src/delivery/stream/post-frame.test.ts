import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, concat } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import {
  type PostItem,
  type ReadingRequest,
  decodePostingRequest,
  decodeReadingRequest,
  encodePostingRequest,
  encodeReadingRequest,
} from "@nodoor/wire/delivery"
import fc from "fast-check"
import { ackAt, isAckFrame } from "./ack-frame.ts"
import { isPostFrame, postAt } from "./post-frame.ts"

const bytes = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size })
const post: fc.Arbitrary<PostItem> = fc.record({
  type: fc.constant("post" as const),
  ref: fc.nat(0xffff_ffff),
  groupId: bytes(32),
  epoch: fc.oneof(fc.nat(3), fc.maxSafeNat()),
  flags: fc.constantFrom(0 as const, 1 as const),
  mac: bytes(32),
  body: fc.uint8Array({ minLength: 1, maxLength: 60 }),
})

/** What the parser sees of a frame, as the codec names it. */
function parsed(frame: Buffer): PostItem[] {
  const posts: PostItem[] = []
  for (let at = 0; at < frame.length;) {
    const end = at + postAt.body + frame.readUInt32BE(at + postAt.length)
    const part = (from: number, to: number): Uint8Array => new Uint8Array(frame.subarray(at + from, at + to))
    posts.push({
      type: "post",
      ref: frame.readUInt32BE(at + postAt.ref),
      groupId: part(postAt.groupId, postAt.epoch),
      epoch: frame.readUInt32BE(at + postAt.epoch) * 2 ** 32 + frame.readUInt32BE(at + postAt.epoch + 4),
      flags: frame[at + postAt.flags] as 0 | 1,
      mac: part(postAt.mac, postAt.length),
      body: new Uint8Array(frame.subarray(at + postAt.body, end)),
    })
    at = end
  }
  return posts
}

function decoded(frame: Uint8Array): PostItem[] | undefined {
  try {
    const items = decodePostingRequest(frame)
    return items.every((item) => item.type === "post") ? items : undefined
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

test("the parser of posts takes exactly the frames that the codec reads as posts, and reads the same in them", () => {
  let [taken, refused] = [0, 0]
  const check = (frame: Buffer): void => {
    const expected = decoded(new Uint8Array(frame))
    assert.equal(isPostFrame(frame), expected !== undefined)
    if (expected === undefined) refused++
    else {
      assert.deepEqual(
        parsed(frame),
        expected.map((item) => ({ ...item, groupId: item.groupId.slice(), mac: item.mac.slice(), body: item.body.slice() })),
      )
      taken++
    }
  }
  const changed = fc.record({ posts: fc.array(post, { minLength: 1, maxLength: 4 }), at: fc.nat(), xor: fc.nat(255), cut: fc.nat(30) })
  fc.assert(
    fc.property(changed, ({ posts, at, xor, cut }) => {
      const frame = Buffer.from(encodePostingRequest(posts))
      check(frame)
      check(frame.subarray(0, Math.max(0, frame.length - cut)))
      check(Buffer.concat([frame, Buffer.alloc(cut % 3, 2)]))
      frame[at % frame.length] = (frame[at % frame.length] ?? 0) ^ xor
      check(frame)
    }),
    { numRuns: 1_000 },
  )
  assert.ok(taken > 1_000 && refused > 1_000)
})

test("a frame of more posts than the limit, of larger bodies, or that holds anything else goes to the codec", () => {
  const one = encodePostingRequest([
    { type: "post", ref: 1, groupId: new Uint8Array(32), epoch: 0, flags: 0, mac: new Uint8Array(32), body: Uint8Array.of(1) },
  ])
  const frameOf = (count: number): Buffer => Buffer.from(concat(...Array.from({ length: count }, () => one)))
  assert.equal(isPostFrame(frameOf(limits.frameItems)), true)
  assert.equal(isPostFrame(frameOf(limits.frameItems + 1)), false)
  assert.equal(isPostFrame(Buffer.alloc(0)), false)
  assert.equal(isPostFrame(Buffer.from(concat(one, encodePostingRequest([{ type: "ping" }])))), false)
  const large = Buffer.concat([one.subarray(0, postAt.length), Buffer.alloc(4), Buffer.alloc(limits.postBytes + 1, 1)])
  large.writeUInt32BE(limits.postBytes + 1, postAt.length)
  assert.equal(isPostFrame(large), false)
})

test("the parser of acknowledgements takes exactly the frames that the codec reads as these, and reads the same in them", () => {
  const ack = fc.record({ type: fc.constant("ack" as const), sub: fc.nat(0xffff_ffff), order: fc.oneof(fc.nat(9), fc.maxSafeNat()) })
  const changed = fc.record({ acks: fc.array(ack, { minLength: 1, maxLength: 5 }), at: fc.nat(), xor: fc.nat(255), cut: fc.nat(14) })
  const onlyAcks = (frame: Uint8Array): ReadingRequest[] | undefined => {
    try {
      const items = decodeReadingRequest(frame)
      return items.every(({ type }) => type === "ack") ? items : undefined
    } catch (error) {
      if (error instanceof CodecError) return undefined
      throw error
    }
  }
  fc.assert(
    fc.property(changed, ({ acks, at, xor, cut }) => {
      const frame = Buffer.from(encodeReadingRequest(acks))
      const broken = Buffer.from(frame)
      broken[at % frame.length] = (frame[at % frame.length] ?? 0) ^ xor
      for (const each of [frame, broken, frame.subarray(0, Math.max(0, frame.length - cut))]) {
        const expected = onlyAcks(new Uint8Array(each))
        assert.equal(isAckFrame(each), expected !== undefined)
        for (const [index, item] of (expected ?? []).entries()) {
          const place = index * ackAt.size
          const order = each.readUInt32BE(place + ackAt.order) * 2 ** 32 + each.readUInt32BE(place + ackAt.order + 4)
          assert.deepEqual(item, { type: "ack", sub: each.readUInt32BE(place + ackAt.sub), order })
        }
      }
    }),
    { numRuns: 500 },
  )
  const one = encodeReadingRequest([{ type: "ack", sub: 1, order: 1 }])
  const frameOf = (count: number): Buffer => Buffer.from(concat(...Array.from({ length: count }, () => one)))
  assert.deepEqual([isAckFrame(frameOf(limits.frameItems)), isAckFrame(frameOf(limits.frameItems + 1))], [true, false])
})
