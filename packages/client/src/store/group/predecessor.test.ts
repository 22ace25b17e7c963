import assert from "node:assert/strict"
import { test } from "node:test"
import { CodecError, bytes, concat } from "@nodoor/bytes"
import {
  type Predecessor,
  decodePredecessors,
  encodePredecessors,
  isShutOut,
  predecessorExtensions,
  predecessorExtensionType,
  predecessorsMax,
  predecessorsOf,
  samePredecessors,
} from "./predecessor.ts"

const past = (fill: number): Predecessor => ({
  groupId: new Uint8Array(32).fill(fill),
  epoch: fill,
  commitHash: new Uint8Array(32).fill(fill + 1),
  accountId: bytes<"AccountId">(new Uint8Array(16).fill(fill + 2)),
  deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(fill + 3)),
})

test("The predecessors of a group are read back in their order, and have one encoding", () => {
  const both = [past(1), past(5)]
  assert.deepEqual(decodePredecessors(encodePredecessors(both)), both)
  assert.deepEqual(predecessorsOf([{ type: 1, data: new Uint8Array() }, ...predecessorExtensions(both)]), both)
  assert.deepEqual(predecessorsOf([]), [])
  assert.deepEqual(predecessorExtensions([]), [])
  assert.ok(samePredecessors(both, [past(1), past(5)]))
  assert.ok(!samePredecessors(both, [past(5), past(1)]))
})

test("What is no list of predecessors is refused: cut off, empty, too long, with an epoch beyond numbers, or twice", () => {
  const one = encodePredecessors([past(1)])
  const data = (value: Uint8Array): { readonly type: number; readonly data: Uint8Array } => ({
    type: predecessorExtensionType,
    data: value,
  })
  const epoch = Uint8Array.from(one)
  epoch.set(new Uint8Array(8).fill(0xff), 32)
  const tooMany = concat(...Array.from({ length: predecessorsMax + 1 }, () => one))
  for (const bad of [one.subarray(1), one.subarray(0, -1), new Uint8Array(), epoch, tooMany])
    assert.throws(() => predecessorsOf([data(bad)]), CodecError)
  assert.throws(() => predecessorsOf([data(one), data(one)]), CodecError)
  assert.equal(predecessorsOf([data(concat(...Array.from({ length: predecessorsMax }, () => one)))]).length, predecessorsMax)
})

test("A device is shut out by account and device together", () => {
  const { accountId, deviceId } = past(1)
  assert.ok(isShutOut([past(9), past(1)], { accountId, deviceId }))
  assert.ok(!isShutOut([past(1)], { accountId, deviceId: past(9).deviceId }))
  assert.ok(!isShutOut([past(1)], { accountId: past(9).accountId, deviceId }))
})
