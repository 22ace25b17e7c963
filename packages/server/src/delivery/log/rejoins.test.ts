import assert from "node:assert/strict"
import { test } from "node:test"
import { random } from "../../fixtures/device.ts"
import { nameOf } from "./places.ts"
import { type AskedRejoin, Rejoins } from "./rejoins.ts"

const asked = (atMs: number): AskedRejoin => ({ seat: random(16), epoch: 1, sealed: random(8), atMs })

test("requests of all groups are bounded: those of the group whose newest is the oldest go, and never those of the group that asks", () => {
  const rejoins = new Rejoins(3)
  const [first, second, third, fourth] = [asked(1), asked(2), asked(3), asked(4)]
  rejoins.add("a", first)
  rejoins.add("b", second)
  rejoins.add("a", third)
  rejoins.add("c", fourth)
  assert.deepEqual([rejoins.of("a"), rejoins.of("b"), rejoins.of("c")], [[first, third], [], [fourth]])
  for (const one of [asked(5), asked(6), asked(7)]) rejoins.add("c", one)
  assert.deepEqual([rejoins.of("a").length, rejoins.of("c").length], [0, 4])
})

test("a seat has one request, and what is taken away makes room", () => {
  const rejoins = new Rejoins(2)
  const first = asked(1)
  const newer = { ...asked(2), seat: first.seat }
  rejoins.add("a", first)
  rejoins.add("a", newer)
  assert.deepEqual(rejoins.of("a"), [newer])
  rejoins.add("b", asked(3))
  rejoins.delete("a", nameOf(first.seat))
  rejoins.delete("a", nameOf(first.seat))
  const last = asked(9)
  rejoins.add("c", last)
  assert.equal(rejoins.of("b").length, 1)
  rejoins.deleteBefore(9)
  assert.deepEqual([rejoins.of("b"), rejoins.of("c")], [[], [last]])
})
