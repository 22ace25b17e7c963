import assert from "node:assert/strict"
import { test } from "node:test"
import { random } from "../fixtures/device.ts"
import { type WaitingIntroduction, WaitingIntroductions } from "./waiting-introductions.ts"

const letter = (day = 20): WaitingIntroduction => ({ id: random(16), address: random(32), day, sealed: random(64) })
const limits = { perDevice: 5, inAll: 12, whenScarce: 2 }

test("one waits at an address, for its device alone, until that has it or it is too old", () => {
  const waiting = new WaitingIntroductions()
  const [one, two, first] = [random(16), random(16), letter()]
  assert.equal(waiting.add(one, first), "added")
  assert.equal(waiting.add(one, { ...first, id: random(16) }), "same")
  assert.equal(waiting.add(one, { ...first, sealed: random(64) }), "used")
  assert.deepEqual(waiting.taken(two, [first.id]), [])
  assert.deepEqual(
    waiting.of(one, 9).map(({ id }) => id),
    [first.id],
  )
  assert.equal(waiting.taken(one, [first.id, random(16)]).length, 1)
  assert.deepEqual([waiting.of(one, 9), waiting.devices()], [[], []])
  waiting.add(one, first)
  waiting.dropBefore(20)
  assert.equal(waiting.of(one, 9).length, 1)
  waiting.dropBefore(21)
  assert.deepEqual(waiting.devices(), [])
})

test("one device has only so much room, all together have only so much, and nobody takes the second half of it alone", () => {
  const waiting = new WaitingIntroductions(limits)
  const [greedy, other] = [random(16), random(16)]
  const left = (device: Uint8Array): number => {
    let count = 0
    while (waiting.add(device, letter()) === "added") count++
    return count
  }
  assert.equal(left(greedy), 5)
  assert.equal(waiting.add(greedy, letter()), "full")
  assert.equal(left(other), 2, "one fills the first half, one begins the second")
  assert.deepEqual([left(random(16)), left(random(16)), left(random(16))], [2, 2, 1])
  waiting.drop([greedy])
  assert.equal(waiting.of(other, 9).length, 2, "what waits for others stays")
  assert.equal(waiting.add(greedy, letter()), "added")
})
