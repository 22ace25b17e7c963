// What a member's commit may change: people, roles, rules (docs/protocol.md, "Policy"). A commit that may not is applied by nobody, and
// the chat goes on without the device that made it. Each rule by itself is tested beside `policy-check.ts`; here, that devices ask for it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { applyCommit, commit } from "@nodoor/mls"
import { type Person, texts } from "../../drill/drill-world.ts"
import type { ShownRecord } from "../../drill/adversary/shown-groups.ts"
import { seatOf } from "../../drill/adversary/hand-made-group.ts"
import { markdown } from "./forged-content.ts"
import { type Scene, alarms, withHostileMember } from "./hostile-member.ts"

const open = { add: "everyone", rename: "everyone", post: "everyone" } as const

test("A member that is no admin removes nobody; an admin does", async () => {
  await withHostileMember(async (scene) => {
    const { bob, mallory } = scene
    await mallory.remove(bob)
    await assertRefused(scene, "commit_refused_P9")
  })
  await withHostileMember(async (scene) => {
    const { world, alice, bob, chatId, mallory } = scene
    await world.do(alice.device.setRole(chatId, toHex(mallory.accountId), "admin"))
    await world.rest(3_000)
    await mallory.remove(bob)
    assert.deepEqual(await inside(alice, chatId), accounts(alice, mallory))
    assert.equal((await bob.device.chat(chatId)).state, "left")
    assert.deepEqual(await bob.virtual.disk.read("SELECT key FROM mls_record"), [])
    assert.deepEqual(alarms(world, alice), [])
  })
})

test("A member adds somebody only where everybody may", async () => {
  await withHostileMember(async (scene) => {
    const dave = await scene.world.person("dave")
    await scene.mallory.add(dave)
    await assertRefused(scene, "commit_refused_P6")
    assert.equal((await dave.device.chats()).length, 0)
  })
  await withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    const dave = await world.person("dave")
    await world.do(alice.device.setRules(chatId, open))
    await world.rest(3_000)
    await mallory.add(dave)
    assert.deepEqual(await inside(alice, chatId), accounts(alice, bob, dave, mallory))
    assert.equal((await dave.device.chats())[0]?.state, "request")
    assert.deepEqual(alarms(world, alice), [])
  })
})

test("A member renames the group only where everybody may, and makes nobody an admin", async () => {
  const named = (scene: Scene, name: string, admins: readonly Uint8Array[], rules?: typeof open): Promise<void> =>
    scene.mallory.commit([scene.mallory.policy({ kind: "group", name, admins, ...(rules && { rules }) })])
  await withHostileMember(async (scene) => {
    await named(scene, "Mallory's", [scene.alice.accountId])
    await assertRefused(scene, "commit_refused_P10")
  })
  await withHostileMember(async (scene) => {
    await named(scene, "Weekend", [scene.alice.accountId, scene.mallory.accountId])
    await assertRefused(scene, "commit_refused_P11")
  })
  await withHostileMember(async (scene) => {
    const { world, alice, bob, chatId } = scene
    await world.do(alice.device.setRules(chatId, open))
    await world.rest(3_000)
    await named(scene, "Everybody's", [alice.accountId], open)
    for (const person of [alice, bob]) assert.equal((await person.device.chat(chatId)).title, "Everybody's")
    assert.deepEqual(alarms(world, alice), [])
  })
})

test("A commit whose list for the server is not what it does to the tree is refused, and names whose seat signed it", async () => {
  await withHostileMember(async (scene) => {
    const { bob, mallory } = scene
    await mallory.commit([], { removes: [seatOf(mallory.group(), bob.deviceId)?.seat ?? new Uint8Array()] })
    await assertRefused(scene, "commit_refused_removes")
  })
  await withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
    await mallory.commit([])
    await world.say(alice, chatId, "after an update")
    assert.ok((await texts(bob, chatId)).includes("after an update"))
    for (const person of [alice, bob]) assert.deepEqual(alarms(world, person), [])
  })
})

test("A commit that was posted as a message changes nothing, and a message that the server shows in a commit's place accuses nobody", async () => {
  await withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    const state = mallory.state()
    const { message } = commit(mallory.insider.env, state, { proposals: [], signer: mallory.insider.signer, forcePath: true })
    await mallory.insider.post(mallory.group(), message)
    await world.rest(2_000)
    const { messages } = await alice.device.messages(chatId, { limit: 10 })
    assert.deepEqual(messages.at(-1)?.content, { type: "waiting", reason: "commit_out_of_band" })
    await world.say(alice, chatId, "same epoch")
    assert.ok((await texts(bob, chatId)).includes("same epoch"))
  })
  await withHostileMember(async (scene) => {
    const { alice, bob, mallory } = scene
    const epoch = Number(mallory.state().epoch)
    for (const person of [alice, bob]) person.shown.tamper = (record) => [record.type === "post" ? asCommit(record, epoch) : record]
    await mallory.say(markdown("in a commit's place"))
    await assertStands(scene, "commit_refused_unsigned_commit")
    assert.equal((await alice.device.alarms())[0]?.accountId, undefined)
  })
})

test("An own commit that comes back as a message, and an own message that comes back as a commit, take their place and do nothing", async () => {
  await withHostileMember(async ({ world, alice, chatId }) => {
    const epoch = await epochOf(alice)
    alice.shown.tamper = (record) => [record.type === "commit" ? asPost(record) : record]
    await world.do(alice.device.rename(chatId, "Renamed"))
    await world.rest(5_000)
    assert.deepEqual([await epochOf(alice), (await alice.device.chat(chatId)).title], [epoch, "Weekend"])
  })
  await withHostileMember(async ({ world, alice, chatId }) => {
    let first = true
    alice.shown.tamper = (record) => {
      if (!first || record.type !== "post") return [record]
      first = false
      return [asCommit(record)]
    }
    const { id } = await world.do(alice.device.send(chatId, { text: "hello?" }))
    await world.rest(5_000)
    const sent = (await alice.device.messages(chatId, { limit: 10 })).messages.find((message) => message.id === id)
    assert.deepEqual([sent?.order, (await alice.device.chat(chatId)).state], [undefined, "active"])
  })
})

test("What a commit of ours would have made is erased when another one takes its place, and the change is made anew", async () => {
  await withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    let late = true
    world.adversary.posting.on("commit", async ({ asked, address }, honest) => {
      if (late && address === alice.address) {
        late = false
        await mallory.insider.commit(mallory.group(), [])
      }
      return await honest(asked)
    })
    await world.do(alice.device.rename(chatId, "Renamed"))
    await world.rest(60_000)
    const [row] = await alice.virtual.disk.read("SELECT COUNT(*) AS n FROM own_body WHERE staged IS NOT NULL")
    assert.deepEqual([late, row?.["n"]], [false, 0])
    for (const person of [alice, bob]) assert.equal((await person.device.chat(chatId)).title, "Renamed")
  })
})

test("A member's proposal is forgotten unless it is one that an honest commit can carry (P15)", async () => {
  await withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    await mallory.propose({ type: "remove", leafIndex: mallory.leafOf(bob) })
    await mallory.propose(mallory.policy({ kind: "group", name: "Mallory's", admins: [mallory.accountId] }))
    for (const person of [alice, bob]) {
      const [row] = await person.virtual.disk.read("SELECT proposals FROM mls_group")
      assert.equal(row?.["proposals"], 0)
    }
    await world.do(alice.device.rename(chatId, "Renamed"))
    await world.say(bob, chatId, "still here")
    assert.equal((await bob.device.chat(chatId)).title, "Renamed")
    assert.deepEqual(await inside(alice, chatId), accounts(alice, bob, mallory))
    assert.ok((await texts(alice, chatId)).includes("still here"))
    await mallory.propose({ type: "update" })
    await mallory.propose({ type: "remove", leafIndex: mallory.leafOf(mallory.person) })
    await world.rest(10_000)
    assert.deepEqual(await inside(alice, chatId), accounts(alice, bob))
    assert.deepEqual([...alarms(world, alice), ...alarms(world, bob)], [])
  })
})

test("A member that was removed is not heard in the next epoch, and what it commits there is not applied", async () => {
  await withHostileMember(async ({ world, alice, bob, chatId, mallory }) => {
    const before = mallory.group()
    await world.do(alice.device.removeMember(chatId, toHex(mallory.accountId)))
    await world.rest(5_000)
    const { own } = await mallory.insider.commit(before, [])
    await world.rest(2_000)
    assert.ok(applyCommit(mallory.insider.env, before.state, own.staged))
    await world.say(bob, chatId, "among us")
    assert.ok((await texts(alice, chatId)).includes("among us"))
    assert.deepEqual(await inside(alice, chatId), accounts(alice, bob))
  })
})

function asPost({ groupId, order, hour, commit: body }: Extract<ShownRecord, { readonly type: "commit" }>): ShownRecord {
  return { type: "post", groupId, order, hour, body }
}

function asCommit({ groupId, order, hour, body }: Extract<ShownRecord, { readonly type: "post" }>, epoch = 1): ShownRecord {
  const nothing = { seat: new Uint8Array(16), signature: new Uint8Array(64), nextKeyHash: new Uint8Array(32), fanout: new Uint8Array(32) }
  return { type: "commit", groupId, order, hour, epoch, adds: [], removes: [], infoHash: undefined, commit: body, ...nothing }
}

/** Both refuse the commit, with evidence, and go on without the device that made it. */
async function assertRefused({ world, alice, bob, mallory, chatId }: Scene, code: string): Promise<void> {
  await world.rest(20_000)
  for (const person of [alice, bob]) {
    assert.deepEqual(alarms(world, person), [code])
    const [alarm] = await person.device.alarms()
    assert.deepEqual([alarm?.accountId, alarm?.evidence], [toHex(mallory.accountId), true])
    assert.equal((await person.device.chat(chatId)).state, "active")
    assert.deepEqual(await inside(person, chatId), accounts(alice, bob))
  }
}

/** Both stand still with this alarm, everybody is still a member, and nothing more is sent. */
async function assertStands({ world, alice, bob, mallory, chatId }: Scene, code: string): Promise<void> {
  await world.rest(20_000)
  for (const person of [alice, bob]) {
    assert.deepEqual(alarms(world, person), [code])
    assert.equal((await person.device.chat(chatId)).state, "halted")
    assert.deepEqual(await inside(person, chatId), accounts(alice, bob, mallory))
  }
}

/** Who is in a chat, as somebody sees it. */
async function inside(person: Person, chatId: string): Promise<readonly string[]> {
  return (await person.device.members(chatId)).map(({ accountId }) => accountId).toSorted()
}

function accounts(...people: readonly Pick<Person, "accountId">[]): readonly string[] {
  return people.map(({ accountId }) => toHex(accountId)).toSorted()
}

async function epochOf(person: Person): Promise<unknown> {
  const [row] = await person.virtual.disk.read("SELECT epoch FROM mls_group")
  return row?.["epoch"]
}
