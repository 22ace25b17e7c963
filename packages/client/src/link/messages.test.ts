import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, bytes } from "@nodoor/bytes"
import { nodeProvider as crypto } from "@nodoor/mls/node"
import fc from "fast-check"
import { productSuite } from "../core/suite.ts"
import {
  type Grant,
  type Hello,
  commitmentOf,
  decodeCommitment,
  decodeGrant,
  decodeHello,
  decodeOffer,
  decodeResult,
  decodeSignature,
  encodeGrant,
  encodeHello,
  encodeResult,
  isCommitted,
  numberOf,
  openGrant,
  sealGrant,
  transcriptOf,
} from "./messages.ts"

const kem = crypto.suite(productSuite).deriveKeyPair(new Uint8Array(32).fill(1))
const hello: Hello = {
  kemKey: kem.publicKey.bytes,
  deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(2)),
  deviceClass: "web",
  signatureKey: new Uint8Array(32).fill(3),
  name: "Küche",
  nonce: new Uint8Array(16).fill(4),
}
const grant: Grant = {
  accountId: bytes<"AccountId">(new Uint8Array(16).fill(5)),
  handle: "alice",
  name: "Alice",
  states: [new Uint8Array(100).fill(6), new Uint8Array(200).fill(7)],
  next: new Uint8Array(300).fill(8),
  recoverySeed: new Uint8Array(32).fill(9),
  log: { config: new Uint8Array(50).fill(10), head: new Uint8Array(60).fill(11) },
}
const transcript = new Uint8Array(32).fill(12)
const sealed = sealGrant(crypto, crypto.random, { grant, kemKey: hello.kemKey, transcript }) ?? new Uint8Array()

test("every message reads back what was written", () => {
  assert.deepEqual(decodeHello(encodeHello(hello)), hello)
  assert.deepEqual(decodeGrant(encodeGrant(grant)), grant)
  assert.deepEqual(decodeGrant(encodeGrant({ ...grant, recoverySeed: undefined, log: undefined, states: [] })).states, [])
  for (const result of [{ type: "done" }, { type: "again" }, { type: "ended", why: "denied" }] as const)
    assert.deepEqual(decodeResult(encodeResult(result)), result)
  assert.deepEqual(openGrant(crypto, sealed, { kemSeed: kem.privateKey.bytes, transcript }), grant)
  assert.deepEqual(openGrant(crypto, encodeResult({ type: "again" }), { kemSeed: kem.privateKey.bytes, transcript }), { type: "again" })
})

test("no bytes at all make a decoder throw anything but CodecError, and none takes more than it reads", () => {
  const decoders = [decodeHello, decodeGrant, decodeResult, decodeCommitment, decodeOffer, decodeSignature]
  const open = (input: Uint8Array): unknown => openGrant(crypto, input, { kemSeed: kem.privateKey.bytes, transcript })
  const bounded = (decode: (input: Uint8Array) => unknown, input: Uint8Array): boolean => {
    try {
      decode(input)
      return true
    } catch (error) {
      assert.ok(error instanceof CodecError, String(error))
      return false
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (input) => [...decoders, open].forEach((decode) => bounded(decode, input))))
  for (const whole of [encodeHello(hello), encodeGrant(grant)]) {
    const decode = whole.length === encodeHello(hello).length ? decodeHello : decodeGrant
    for (let cut = 0; cut < whole.length; cut += 7) assert.equal(bounded(decode, whole.slice(0, cut)), false)
    assert.equal(bounded(decode, new Uint8Array([...whole, 0])), false)
  }
})

test("a grant with a flipped bit, for another key or of another conversation does not open", () => {
  const open = (input: Uint8Array, seed = kem.privateKey.bytes, said = transcript): unknown =>
    openGrant(crypto, input, { kemSeed: seed, transcript: said })
  for (let at = 1; at < sealed.length; at += 11) {
    const other = sealed.slice()
    other[at] = (other[at] ?? 0) ^ 1
    assert.throws(() => open(other), CodecError, String(at))
  }
  assert.throws(() => open(sealed, new Uint8Array(32).fill(99)), CodecError)
  assert.throws(() => open(sealed, undefined, new Uint8Array(32)), CodecError)
})

test("another hello than was committed to is noticed, and every word of the conversation changes the number's source", () => {
  const said = encodeHello(hello)
  const commitment = commitmentOf(crypto, said)
  assert.ok(isCommitted(crypto, commitment, said))
  assert.ok(!isCommitted(crypto, commitment, encodeHello({ ...hello, nonce: new Uint8Array(16) })))
  const offer = new Uint8Array(16).fill(1)
  const whole = transcriptOf(crypto, { commitment, offer, hello: said })
  for (const other of [
    { commitment: new Uint8Array(32), offer, hello: said },
    { commitment, offer: new Uint8Array(16), hello: said },
    { commitment, offer, hello: new Uint8Array(1) },
  ])
    assert.notDeepEqual(transcriptOf(crypto, other), whole)
  assert.ok(numberOf(whole) >= 0 && numberOf(whole) < 100)
})
