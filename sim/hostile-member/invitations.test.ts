// What an invitation may be: an introduction by somebody whose keys are in order, made as no honest client makes it. The drill plays those of
// devices that the log does not list.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { Extension } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import type { DeviceClaim } from "@nodoor/wire"
import { fanoutOf } from "@nodoor/wire/delivery"
import { DrillWorld, type Person } from "../../drill/drill-world.ts"
import { policyExtension } from "../../drill/adversary/forgery.ts"
import type { Deviation } from "../../drill/adversary/hand-made-group.ts"
import type { IntroductionDeviation } from "../../drill/adversary/introductions.ts"
import { policyExtensionType } from "../../drill/adversary/leaf.ts"
import { newSeat } from "../../drill/adversary/seats.ts"
import { invite, newGroup } from "../../drill/adversary/thief.ts"
import { alarms } from "./hostile-member.ts"

interface Invitation {
  readonly policy: Extension
  readonly commit?: Deviation
  readonly introduction?: IntroductionDeviation
}

interface Stranger {
  readonly world: DrillWorld
  readonly alice: Person
  readonly mallory: Person
  readonly policy: (changed?: Partial<Parameters<typeof policyExtension>[0]>) => Extension
  /** Invites Alice; returns the group's id. */
  readonly invite: (invitation: Invitation) => Promise<Uint8Array>
}

/** Mallory, whose device does what the test wants, and Alice, who never heard of her. */
async function withStranger(run: (stranger: Stranger) => Promise<void>): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, mallory] = [await world.person("alice"), await world.person("mallory")]
    const insider = await world.seize(mallory)
    const claims: DeviceClaim[] = []
    for (let i = 0; i < 2; i++) claims.push(...(await insider.claims(alice.accountId)))
    await run({
      world,
      alice,
      mallory,
      policy: (changed) => policyExtension({ kind: "group", name: "Party", admins: [mallory.accountId], ...changed }),
      invite: async ({ policy, ...deviations }) => {
        const claim = claims.shift()
        assert.ok(claim)
        const group = await newGroup(world, insider, policy)
        await invite(world, insider, { group, claim, ...deviations })
        await world.rest(60_000)
        return group.state.groupId
      },
    })
  })
}

test("A stranger's invitation is a request, and uses up the KeyPackage that it was made for", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    const before = await oneTimeKeyPackages(alice)
    await invite({ policy: policy() })
    assert.deepEqual(
      (await alice.device.chats()).map(({ state, title }) => [state, title]),
      [["request", "Party"]],
    )
    assert.equal(await oneTimeKeyPackages(alice), before - 1)
    assert.deepEqual(alarms(world, alice), [])
  })
})

test("An invitation by somebody who may not add anybody, or against the shape of a group, is refused", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    await invite({ policy: policy({ admins: [alice.accountId] }) })
    assert.deepEqual(alarms(world, alice), ["invitation_refused_P6"])
    await invite({ policy: policy({ kind: "dm", name: "", admins: [alice.accountId, new Uint8Array(16)] }) })
    assert.deepEqual(alarms(world, alice), ["invitation_refused_P6", "invitation_refused_P4"])
    assert.deepEqual(await alice.device.chats(), [])
  })
})

test("An introduction to another group's seat leads nowhere, and one in the name of somebody else is dropped", async () => {
  await withStranger(async ({ alice, policy, invite }) => {
    await invite({ policy: policy(), introduction: { groupId: nodeProvider.random(32) } })
    await invite({ policy: policy(), introduction: { signature: new Uint8Array(64) } })
    assert.deepEqual(await alice.device.chats(), [])
  })
})

test("An invitation without a policy, or with one that cannot be read, is refused", async () => {
  await withStranger(async ({ world, alice, invite }) => {
    await invite({ policy: { type: policyExtensionType, data: new Uint8Array([1]) } })
    assert.equal(alarms(world, alice).length, 1)
    assert.deepEqual(await alice.device.chats(), [])
  })
})

test("Who was blocked invites in vain, without a word; after that they may ask again", async () => {
  await withStranger(async ({ world, alice, mallory, policy, invite }) => {
    await world.do(alice.device.findContact("mallory"))
    await world.do(alice.device.setBlocked(toHex(mallory.accountId), true))
    await invite({ policy: policy() })
    assert.deepEqual([await alice.device.chats(), alarms(world, alice)], [[], []])
    await world.do(alice.device.setBlocked(toHex(mallory.accountId), false))
    await invite({ policy: policy() })
    assert.equal((await alice.device.chats()).length, 1)
  })
})

test("A server that delivers a new group to other seats than those of its tree is told of at once", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    alice.shown.tamper = (record) => [
      record.type === "join" ? { ...record, fanout: fanoutOf(nodeProvider.sha256, [newSeat().seat]) } : record,
    ]
    await invite({ policy: policy() })
    assert.deepEqual(alarms(world, alice), ["history_fanout"])
  })
})

test("An invitation that is shown twice is one", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    const again = world.adversary.repeatIntroductionsTo(alice.address)
    await invite({ policy: policy() })
    again.repeat()
    await world.rest(60_000)
    assert.deepEqual([(await alice.device.chats()).length, alarms(world, alice)], [1, []])
  })
})

async function oneTimeKeyPackages(person: Person): Promise<number> {
  const [row] = await person.virtual.disk.read("SELECT COUNT(*) AS n FROM key_package WHERE last_resort = 0")
  return Number(row?.["n"])
}
