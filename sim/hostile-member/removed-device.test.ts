// A device that was removed from its account, or whose account has ended, is a leaf of its groups until somebody takes it out. What it did
// before only comes late and counts; what it does afterwards is nobody's.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { DrillWorld, type Person, texts } from "../../drill/drill-world.ts"
import type { ShownRecord } from "../../drill/adversary/shown-groups.ts"
import type { Ghost } from "../../drill/adversary/ghost.ts"
import { addPhone } from "../../drill/adversary/stolen-phone.ts"
import { removeFirst } from "../../drill/adversary/thief.ts"
import { markdown } from "./forged-content.ts"
import { HostileMember, alarms } from "./hostile-member.ts"

const hourMs = 3_600_000

interface Stage {
  readonly world: DrillWorld
  readonly alice: Person
  readonly bob: Person
  readonly carol: Person
  readonly dave: Person
  readonly chatId: string
  /** What the server keeps back from Alice from now on comes to her after all. */
  readonly letGo: () => void
}

/** The server keeps back what comes to somebody, until it is let go. */
function holdBack(person: Person): () => void {
  const held: ShownRecord[] = []
  person.shown.tamper = (record) => {
    held.push(record)
    return []
  }
  return () => {
    person.shown.tamper = (record) => [record]
    person.shown.inject(...held)
  }
}

/** Bob's group with Alice and Carol. The server keeps back what comes to Alice. */
async function stage(run: (stage: Stage) => Promise<void>): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const [carol, dave] = [await world.person("carol"), await world.person("dave")]
    const chatId = await world.group(bob, alice, carol)
    const letGo = holdBack(alice)
    await run({ world, alice, bob, carol, dave, chatId, letGo })
  })
}

test("What a member did before their account ended counts when it comes afterwards: words, a name, people, a role", () =>
  stage(async ({ world, alice, bob, carol, dave, chatId, letGo }) => {
    await world.do(bob.device.send(chatId, { text: "farewell" }))
    await world.do(bob.device.rename(chatId, "Without me"))
    await world.do(bob.device.findContact("dave"))
    await world.do(bob.device.addMembers(chatId, [toHex(dave.accountId)]))
    await world.do(bob.device.setRole(chatId, toHex(alice.accountId), "admin"))
    // The server says the hour only.
    await world.rest(hourMs)
    await world.do(bob.device.deleteAccount())
    await world.rest(2 * hourMs)
    world.forgetSigns()
    letGo()
    await world.rest(60_000)
    assert.ok((await texts(alice, chatId)).includes("farewell"))
    const { state, title, ownRole } = await alice.device.chat(chatId)
    assert.deepEqual([state, title, ownRole], ["active", "Without me", "admin"])
    assert.deepEqual(await inside(alice, chatId), accounts(alice, carol, dave))
    assert.deepEqual(alarms(world, alice), [])
    await world.say(alice, chatId, "noted")
    assert.ok((await texts(carol, chatId)).includes("noted"))
  }))

test("What a device did before its owner removed it counts when it comes afterwards", () =>
  stage(async ({ world, alice, bob, carol, dave, chatId, letGo }) => {
    await world.do(bob.device.findContact("dave"))
    await world.do(bob.device.addMembers(chatId, [toHex(dave.accountId)]))
    await world.do(bob.device.send(chatId, { text: "from the old one" }))
    await world.rest(hourMs)
    const phone = await addPhone(world, bob)
    await world.seize(bob)
    await removeFirst(world, bob, phone)
    await world.rest(2 * hourMs)
    world.forgetSigns()
    letGo()
    await world.rest(60_000)
    assert.deepEqual(await inside(alice, chatId), accounts(alice, carol, dave))
    assert.ok((await texts(alice, chatId)).includes("from the old one"))
    assert.deepEqual(alarms(world, alice), [])
  }))

test("A removed device changes no role, removes nobody and lets nobody in; that its commit moves the keys on is taken, and it goes", async () => {
  const hostile = async (act: (thief: HostileMember, stage: Stage) => Promise<void>): Promise<void> => {
    await stage(async (at) => {
      const { world, alice, bob, carol, chatId, letGo } = at
      const phone = await addPhone(world, bob)
      letGo()
      const thief = await HostileMember.seize(world, bob, chatId)
      await removeFirst(world, bob, phone)
      await act(thief, at)
      await world.rest(60_000)
      for (const person of [alice, carol]) {
        assert.deepEqual(alarms(world, person).filter(notOfDevices), ["commit_refused_removed_device_unclear"])
        assert.equal((await person.device.chat(chatId)).state, "active")
        assert.deepEqual(await inside(person, chatId), accounts(alice, carol))
        // In the same hour it may have been before, so nobody is accused.
        assert.deepEqual(
          (await person.device.alarms()).filter(({ level, accountId }) => level === "red" && accountId !== undefined),
          [],
        )
      }
    })
  }
  await hostile((thief, { carol }) =>
    thief.commit([thief.policy({ kind: "group", name: "Weekend", admins: [thief.accountId, carol.accountId] })]),
  )
  await hostile((thief, { alice }) => thief.remove(alice))
  await stage(async ({ world, alice, bob, carol, chatId, letGo }) => {
    const phone = await addPhone(world, bob)
    letGo()
    const thief = await HostileMember.seize(world, bob, chatId)
    await removeFirst(world, bob, phone)
    await thief.commit([])
    await world.rest(2 * hourMs)
    for (const person of [alice, carol]) assert.deepEqual(alarms(world, person).filter(notOfDevices), [])
    assert.deepEqual(await inside(alice, chatId), accounts(alice, carol))
    await world.say(alice, chatId, "without it")
    assert.ok((await texts(carol, chatId)).includes("without it"))
    await thief.say(markdown("still here")).catch(() => undefined)
    assert.ok(!(await texts(alice, chatId)).includes("still here"))
  })
})

test("Who was away while the account went on after the removal judges by when the removal was, as everybody does", () =>
  stage(async ({ world, alice, bob, carol, chatId, letGo }) => {
    const phone = await addPhone(world, bob)
    letGo()
    const thief = await HostileMember.seize(world, bob, chatId)
    await world.rest(5_000)
    alice.virtual.reachable = false
    await removeFirst(world, bob, phone)
    const admins = [thief.accountId, carol.accountId]
    await thief.commit([thief.policy({ kind: "group", name: "Weekend", admins })])
    await world.rest(60_000)
    assert.deepEqual(await inside(carol, chatId), accounts(alice, carol))
    await removeFirst(world, bob, phone)
    world.forgetSigns()
    alice.virtual.reachable = true
    await world.rest(60_000)
    assert.deepEqual(alarms(world, alice).filter(notOfDevices), ["commit_refused_removed_device_unclear"])
    assert.deepEqual(await inside(alice, chatId), accounts(alice, carol))
    await world.say(carol, chatId, "among us")
    assert.ok((await texts(alice, chatId)).includes("among us"))
  }))

test("Who was away while the account went on after the removal takes what was done before it", () =>
  stage(async ({ world, alice, bob, carol, dave, chatId, letGo }) => {
    const phone = await addPhone(world, bob)
    letGo()
    await world.rest(5_000)
    alice.virtual.reachable = false
    await world.do(bob.device.findContact("dave"))
    await world.do(bob.device.addMembers(chatId, [toHex(dave.accountId)]))
    await world.rest(hourMs)
    await world.seize(bob)
    for (let version = 0; version < 2; version++) await removeFirst(world, bob, phone)
    world.forgetSigns()
    alice.virtual.reachable = true
    await world.rest(2 * hourMs)
    assert.deepEqual(await inside(alice, chatId), accounts(alice, carol, dave))
    assert.deepEqual(alarms(world, alice).filter(notOfDevices), [])
  }))

/** Bob is in Alice's group with two devices, and the first one is in other hands. */
async function stolen(
  run: (at: Omit<Stage, "dave"> & { readonly phone: Ghost; readonly thief: HostileMember }) => Promise<void>,
): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const phone = await addPhone(world, bob)
    const chatId = await world.group(alice, bob, carol)
    const letGo = holdBack(alice)
    const thief = await HostileMember.seize(world, bob, chatId)
    assert.ok(thief.hasLeaf(phone))
    world.forgetSigns()
    await run({ world, alice, bob, carol, phone, thief, chatId, letGo })
  })
}

test("A removed device has nobody else's leaf taken out by asking the others for it, and goes itself", () =>
  stolen(async ({ world, alice, bob, carol, chatId, letGo, phone, thief }) => {
    letGo()
    await removeFirst(world, bob, phone)
    await thief.propose({ type: "remove", leafIndex: thief.leafOf(phone) })
    await world.rest(5 * 60_000)
    assert.deepEqual([await hasLeaf(carol, phone), await hasLeaf(carol, bob)], [true, false])
    for (const person of [alice, carol]) {
      assert.deepEqual(await inside(person, chatId), accounts(alice, bob, carol))
      assert.deepEqual(alarms(world, person).filter(notOfDevices), [])
    }
    await world.say(alice, chatId, "the phone stays")
    assert.ok((await texts(carol, chatId)).includes("the phone stays"))
  }))

test("A removed device may ask for its own leaf to be taken out", () =>
  stolen(async ({ world, alice, bob, carol, chatId, letGo, phone, thief }) => {
    letGo()
    await removeFirst(world, bob, phone)
    await thief.propose({ type: "remove", leafIndex: thief.leafOf(bob) })
    await world.rest(5 * 60_000)
    assert.deepEqual([await hasLeaf(carol, phone), await hasLeaf(carol, bob)], [true, false])
    for (const person of [alice, carol]) assert.deepEqual(alarms(world, person).filter(notOfDevices), [])
    assert.equal((await alice.device.chat(chatId)).state, "active")
  }))

test("What a device asked for before it was removed was its owner's, also for who hears of it afterwards", () =>
  stolen(async ({ world, alice, bob, carol, chatId, letGo, phone, thief }) => {
    await thief.propose({ type: "remove", leafIndex: thief.leafOf(phone) })
    await world.rest(hourMs)
    assert.deepEqual([await hasLeaf(carol, phone), await hasLeaf(carol, bob)], [false, true])
    await removeFirst(world, bob, phone)
    await world.rest(2 * hourMs)
    world.forgetSigns()
    letGo()
    await world.rest(60_000)
    for (const person of [alice, carol]) assert.deepEqual(alarms(world, person).filter(notOfDevices), [])
    await world.say(alice, chatId, "as it was asked")
    assert.ok((await texts(carol, chatId)).includes("as it was asked"))
  }))

/** That somebody has a new device is no alarm about anybody's commit. */
function notOfDevices(code: string): boolean {
  return code !== "contact_device_added"
}

async function hasLeaf({ virtual }: Person, { deviceId }: Pick<Person, "deviceId">): Promise<boolean> {
  return (await virtual.disk.read("SELECT 1 AS one FROM member WHERE device_id = ?", [deviceId])).length > 0
}

async function inside(person: Person, chatId: string): Promise<readonly string[]> {
  return (await person.device.members(chatId)).map(({ accountId }) => accountId).toSorted()
}

function accounts(...people: readonly Pick<Person, "accountId">[]): readonly string[] {
  return people.map(({ accountId }) => toHex(accountId)).toSorted()
}
