import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import fc from "fast-check"
import { env, groupId, newSeat, newcomer, seatedGroup } from "../fixtures/seated-group.ts"
import { seatKeysOf } from "../seat/seat-keys.ts"
import { rejoinKey } from "./rejoin-key.ts"
import { decodeRejoin, openRejoin, sealRejoin, signReadmission, signedKeyPackage } from "./rejoin-request.ts"

const one = newcomer(4)
const keys = seatKeysOf(env.crypto, one.seat)
const place = { groupId, seat: new Uint8Array(16).fill(3), epoch: 7 }
const signature = signReadmission(env, one.signer, { ...place, ref: one.keyPackage.ref, keys })
const content = { deviceId: new Uint8Array(16).fill(5), keyPackage: one.keyPackage.message, keys, signature }
const key = new Uint8Array(32).fill(1)

test("A request is of one size, opens with the key of its epoch for its group and seat, and for nothing else", () => {
  const sealed = sealRejoin(env, { ...place, key }, content)
  assert.equal(sealed.length, limits.rejoinBytes)
  const plain = openRejoin(env, { ...place, key }, sealed)
  assert.ok(plain)
  assert.deepEqual(decodeRejoin(plain), content)
  assert.ok(signedKeyPackage(env, place, content))
  for (const other of [{ key: key.with(0, 2) }, { groupId: groupId.with(0, 9) }, { seat: new Uint8Array(16) }, { epoch: 8 }])
    assert.equal(openRejoin(env, { ...place, key, ...other }, sealed), undefined)
  for (const at of [0, 20, 8_000])
    assert.equal(
      openRejoin(
        env,
        { ...place, key },
        sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)),
      ),
      undefined,
    )
})

test("A request counts only as its device signed it: for this seat, epoch and group, with this KeyPackage and these keys", () => {
  const changes = [
    [{ ...place, seat: new Uint8Array(16) }, content],
    [{ ...place, epoch: 8 }, content],
    [{ ...place, groupId: groupId.with(0, 9) }, content],
    [place, { ...content, keys: seatKeysOf(env.crypto, newSeat()) }],
    [place, { ...content, keyPackage: newcomer(4).keyPackage.message }],
    [place, { ...content, keyPackage: new Uint8Array(100) }],
    [place, { ...content, signature: signature.with(3, (signature[3] ?? 0) ^ 1) }],
  ] as const
  for (const [where, what] of changes) assert.equal(signedKeyPackage(env, where, what), undefined)
})

test("Whatever a member seals, reading it throws a CodecError or nothing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (plain) => {
      try {
        decodeRejoin(plain)
      } catch (error) {
        assert.ok(error instanceof CodecError)
      }
    }),
  )
  const padded = openRejoin(env, { ...place, key }, sealRejoin(env, { ...place, key }, content)) ?? new Uint8Array()
  assert.throws(() => decodeRejoin(padded.with(padded.length - 1, 1)), CodecError)
})

test("All members of an epoch have the same key for it, and another one in each", () => {
  const [alice, bob] = seatedGroup(2)
  assert.ok(alice && bob)
  assert.deepEqual(rejoinKey(env, alice.state), rejoinKey(env, bob.state))
})
