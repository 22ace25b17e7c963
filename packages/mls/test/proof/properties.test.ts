import { strict as assert } from "node:assert"
import { test } from "node:test"
import { toHex, toUtf8 } from "@nodoor/bytes"
import type { OwnCommit } from "../../src/api/api.ts"
import { exportRatchetTree } from "../../src/index.ts"
import { MlsError } from "../../src/codec/mls-error.ts"
import type { CipherSuiteId } from "../../src/provider/provider.ts"
import { nodeProvider } from "../../src/provider/node.ts"
import { Device, welcomeOf } from "./testing/device.ts"
import { firstSeed, seededChoices } from "./testing/seeded.ts"
import { World } from "./testing/world.ts"

const long = process.env["NODOOR_LONG"] === "1"
const seed = firstSeed()
const suites: readonly CipherSuiteId[] = [0x0001, 0x0003, 0x004f]

for (const suite of suites) {
  for (const reload of [false, true]) {
    const runs = long ? 12 : 1
    const title = `members agree, nothing decrypts twice and who was removed reads nothing, in suite ${suite}${reload ? ", loaded anew after every step" : ""}`
    test(title, { timeout: long ? 600_000 : 60_000 }, () => {
      for (let run = 0; run < runs; run++) {
        const name = `${seed}-${run}`
        repeatable(name, () => {
          const world = new World(`${name}/${suite}/${reload}`, { suite, reload, maxMembers: 9 })
          for (let step = 0; step < (long ? 60 : 20); step++) world.step()
        })
      }
    })
  }
}

test("a group serialised and loaded at every step goes the same way as one that never was", () => {
  repeatable(seed, () => {
    const views = [false, true].map((reload) => {
      const world = new World(`${seed}/same`, { suite: 0x0001, reload, maxMembers: 6 })
      const seen: string[] = []
      for (let step = 0; step < 20; step++) {
        world.step()
        seen.push(...world.members.map((member) => member.view))
      }
      return seen
    })
    assert.deepEqual(views[1], views[0])
  })
})

test("the records of a state are exactly what its writes have left in the store", () => {
  repeatable(seed, () => {
    const world = new World(`${seed}/records`, { suite: 0x0001, maxMembers: 6 })
    for (let step = 0; step < 20; step++) {
      world.step()
      for (const member of world.members) assert.equal(member.storedFingerprint, member.recordsFingerprint)
    }
  })
})

test("concurrent proposals commit to the same epoch whatever order each member received them in", () => {
  const runs = long ? 60 : 6
  for (let run = 0; run < runs; run++) {
    repeatable(`${seed}-${run}`, () => {
      const choose = seededChoices(`${seed}-${run}/orders`)
      const [a, b, c, d, e] = groupOf(["a", "b", "c", "d", "e"], `${seed}-${run}`)
      assert.ok(a && b && c && d && e)
      const joiner = new Device("joiner", `${seed}-${run}`, { suite: 0x0001 })
      const proposals = [
        { from: b, message: b.propose({ type: "update" }) },
        { from: c, message: c.propose({ type: "update" }) },
        { from: d, message: d.propose({ type: "remove", leafIndex: e.leafIndex }) },
        { from: d, message: d.propose({ type: "add", keyPackage: joiner.newKeyPackage() }) },
      ]
      for (const member of [a, b, c, d, e]) {
        const order = [...proposals]
        while (order.length > 0) {
          const [next] = order.splice(choose(order.length), 1)
          if (next !== undefined && next.from !== member) member.receive(next.message)
        }
      }
      const own = a.commit([])
      assert.equal(own.staged.proposals.length, 4)
      a.apply(own.staged)
      for (const member of [b, c, d, e]) member.receive(own.message)
      joiner.join(welcomeOf(0x0001, own))
      for (const member of [b, c, d, joiner]) assert.equal(member.view, a.view)
      assert.ok(!e.inGroup)
    })
  }
})

test("a member removed alone cannot follow with the state of the epoch before, for the commit has a path of fresh secrets", () => {
  const [a, b, c] = groupOf(["a", "b", "c"], seed)
  assert.ok(a && b && c)
  const own = a.commit([{ type: "remove", leafIndex: c.leafIndex }])
  const heard = c.process(own.message)
  assert.ok(heard.kind === "commit" && heard.staged.removesOwn)
  a.apply(own.staged)
  b.receive(own.message)
  assert.deepEqual(
    own.staged.updated.map(({ after }) => after.leafIndex),
    [a.leafIndex],
  )
  const later = a.send(toUtf8("without c"))
  // c keeps the old epoch and never admits its removal.
  assert.throws(() => c.process(later), MlsError)
  c.receive(own.message)
  assert.throws(() => c.process(later), MlsError)
  assert.throws(() => c.send(toUtf8("still here?")), MlsError)
  assert.equal(b.receive(later).kind, "application")
})

test("after a removal no node of the tree has a key that the removed member holds, and after an update none that was replaced", () => {
  const devices = groupOf(["a", "b", "c", "d", "e", "f", "g"], `${seed}/keys`)
  const choose = seededChoices(`${seed}/keys`)
  const suite = nodeProvider.suite(0x0001)
  const publicKeysHeld = (device: Device): string[] =>
    [...device.store]
      .filter(([key]) => key.startsWith("key/"))
      .map(([, value]) => toHex(suite.publicKeyOf(suite.importPrivateKey(value) ?? assert.fail("a stored private key")).bytes))
  const everybodyFollows = (committer: Device, own: OwnCommit): void => {
    for (const device of devices) if (device === committer) device.apply(own.staged)
    for (const device of devices) if (device !== committer) device.receive(own.message)
  }
  for (let round = 0; round < 12; round++) {
    const committer = devices[choose(devices.length)] ?? assert.fail()
    const held = publicKeysHeld(committer)
    assert.ok(held.length > 0)
    everybodyFollows(committer, committer.commit([]))
    for (const key of held) assert.ok(!treeOf(committer).includes(key), "a key that the committer replaced")
  }
  while (devices.length > 2) {
    const committer = devices[choose(devices.length)] ?? assert.fail()
    const leaving = devices.find((device) => device !== committer) ?? assert.fail()
    const held = publicKeysHeld(leaving)
    assert.ok(held.length > 1, "keys of the path above its leaf")
    for (const key of held) assert.ok(treeOf(committer).includes(key))
    everybodyFollows(committer, committer.commit([{ type: "remove", leafIndex: leaving.leafIndex }]))
    devices.splice(devices.indexOf(leaving), 1)
    for (const key of held) assert.ok(!treeOf(committer).includes(key), "a key that the removed member holds")
    assert.deepEqual(publicKeysHeld(leaving), [], "and it keeps none itself")
  }
})

test("who loses the race of two commits follows the winner, and can commit again", () => {
  for (const reload of [false, true]) {
    const [a, b, c] = groupOf(["a", "b", "c"], `${seed}/race/${reload}`, { reload })
    assert.ok(a && b && c)
    const [lost, won] = [a.commit([]), b.commit([{ type: "remove", leafIndex: c.leafIndex }])]
    b.apply(won.staged)
    a.receive(won.message)
    assert.throws(() => a.apply(lost.staged), { code: "wrong_epoch" })
    assert.throws(() => b.process(lost.message), { code: "wrong_epoch" })
    assert.equal(a.view, b.view)
    const again = a.commit([])
    a.apply(again.staged)
    b.receive(again.message)
    assert.equal(a.view, b.view)
  }
})

function treeOf(device: Device): string {
  return toHex(exportRatchetTree(device.state))
}

function groupOf(names: readonly [string, ...string[]], groupSeed: string, options: { readonly reload?: boolean } = {}): Device[] {
  const devices = names.map((name) => new Device(name, groupSeed, { suite: 0x0001, ...options }))
  const [first, ...rest] = devices
  assert.ok(first !== undefined)
  first.create("group")
  const own = first.commit(rest.map((device) => ({ type: "add", keyPackage: device.newKeyPackage() })))
  first.apply(own.staged)
  for (const device of rest) device.join(welcomeOf(0x0001, own))
  return devices
}

/** Names the seed when something fails. */
function repeatable(name: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw new assert.AssertionError({
      message: `NODOOR_SEED=${seed} repeats it (${name}): ${error instanceof Error ? error.stack : String(error)}`,
    })
  }
}
