import assert from "node:assert/strict"
import { test } from "node:test"
import { ed25519 } from "@noble/curves/ed25519.js"
import { toHex } from "@nodoor/bytes"
import { digest } from "../fixtures/account.ts"
import type { X25519 } from "../core/crypto.ts"
import { nobleX25519 } from "../fixtures/noble-x25519.ts"
import { multiplier } from "./curve-multiplier.ts"
import { vrfEvaluate, vrfPrivateKey } from "./vrf.ts"

const { Point } = ed25519

const scalars = [1n, 2n, 7n, 8n, 9n, Point.Fn.ORDER - 1n, Point.Fn.ORDER - 8n, 1n << 251n, (1n << 251n) - 1n]

test("multiples by the platform's X25519 are those that noble computes, for the smallest, the largest and other scalars", () => {
  const some = Array.from({ length: 40 }, (_, i) => BigInt(`0x${toHex(digest(`scalar ${i}`))}`) % Point.Fn.ORDER)
  for (const [at, scalar] of [...scalars, ...some].entries()) {
    const point = Point.BASE.multiply(BigInt(at + 1))
    const [fast, slow] = [multiplier(scalar, nobleX25519), multiplier(scalar, undefined)]
    assert.ok(fast.base().equals(slow.base()), `base point times ${scalar}`)
    assert.ok(fast.times(point).equals(slow.times(point)), `point ${at + 1} times ${scalar}`)
  }
})

test("a key with the platform's X25519 gives the public key, proofs and outputs of one without", () => {
  for (let i = 0; i < 20; i++) {
    const [fast, slow] = [vrfPrivateKey(digest(`key ${i}`), nobleX25519), vrfPrivateKey(digest(`key ${i}`))]
    assert.equal(toHex(fast.publicKey), toHex(slow.publicKey))
    const alpha = digest(`input ${i}`)
    assert.deepEqual(vrfEvaluate(fast, alpha), vrfEvaluate(slow, alpha))
  }
})

test("a platform's X25519 that gives one wrong coordinate makes no proof", () => {
  const wrongIn = (nth: number): X25519 => {
    let calls = 0
    const given = (u: Uint8Array): Uint8Array => (calls++ === nth ? u.with(3, (u[3] as number) ^ 0x10) : u)
    return {
      scalar: (bytes) => {
        const right = nobleX25519.scalar(bytes)
        return { base: right.base, times: (u) => given(right.times(u)) }
      },
    }
  }
  for (const nth of [0, 1, 2, 3]) {
    assert.throws(() => vrfEvaluate(vrfPrivateKey(digest("faulty"), wrongIn(nth)), digest("input")), `coordinate ${nth}`)
  }
})
