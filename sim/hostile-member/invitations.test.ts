// What an invitation may be: a Welcome by somebody whose keys are in order, made as no honest client makes it, and shown by a server that
// helps. The drill plays those of devices that the log does not list.

import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { type Extension, type GroupId, type GroupState, applyCommit, commit, createGroup, parseKeyPackage } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { DrillWorld, type Person } from "../../drill/drill-world.ts"
import { policyExtension } from "../../drill/adversary/forgery.ts"
import { policyExtensionType, suite } from "../../drill/adversary/ghost.ts"
import type { Insider } from "../../drill/adversary/insider.ts"
import { fanoutOf } from "../../drill/adversary/adversary-server.ts"
import type { BodyRecord } from "../../drill/adversary/shown-mailbox.ts"
import { alarms } from "./hostile-member.ts"

interface Invitation {
  readonly policy: Extension
  /** Id that the server shows it under, if not the group's. */
  readonly shownAs?: Uint8Array
  /** Devices that the server says it delivers to, if not those of the tree. */
  readonly listed?: readonly Uint8Array[]
  /** Bytes in the place of the Welcome's. */
  readonly garbled?: boolean
}

interface Stranger {
  readonly world: DrillWorld
  readonly alice: Person
  readonly mallory: Person
  readonly policy: (changed?: Partial<Parameters<typeof policyExtension>[0]>) => Extension
  /** Shows Alice an invitation; returns the group's id. */
  readonly invite: (invitation: Invitation) => Promise<Uint8Array>
}

/** Mallory, whose device does what the test wants, and Alice, who never heard of her. */
async function withStranger(run: (stranger: Stranger) => Promise<void>): Promise<void> {
  await DrillWorld.with(async (world) => {
    const [alice, mallory] = [await world.person("alice"), await world.person("mallory")]
    const insider = await world.seize(mallory)
    // Asked for beforehand, since a server does not answer whom somebody has blocked.
    const keyPackages: Uint8Array[] = []
    for (let i = 0; i < 2; i++)
      for (const { keyPackage } of await insider.claims(alice.accountId)) if (keyPackage) keyPackages.push(keyPackage)
    await run({
      world,
      alice,
      mallory,
      policy: (changed) => policyExtension({ kind: "group", name: "Party", admins: [mallory.accountId], ...changed }),
      invite: async (invitation) => {
        const made = welcome(insider, keyPackages.shift(), invitation)
        alice.mailbox.inject(made)
        await world.rest(3_000)
        return made.groupId
      },
    })
  })
}

function welcome(insider: Insider, keyPackage: Uint8Array | undefined, invitation: Invitation): BodyRecord {
  const { env, signer } = insider
  const groupId = nodeProvider.random(32) as GroupId
  assert.ok(keyPackage)
  const state: GroupState = createGroup(env, {
    suite,
    groupId,
    signer,
    extensions: [invitation.policy],
    extensionTypes: [policyExtensionType],
  }).state
  const own = commit(env, state, { proposals: [{ type: "add", keyPackage: parseKeyPackage(env, keyPackage) }], signer })
  const { secrets = [], encryptedGroupInfo = new Uint8Array() } = own.welcome ?? {}
  const body = secrets[0]?.encrypted ?? new Uint8Array()
  return {
    kind: "welcome",
    seq: 0,
    groupId: invitation.shownAs ?? groupId,
    order: 1,
    timeMs: env.timeMs,
    body: invitation.garbled === true ? body.map((byte) => byte ^ 1) : body,
    groupInfo: encryptedGroupInfo,
    fanout: fanoutOf(invitation.listed ?? insider.mailboxes(applyCommit(env, state, own.staged).state)),
  }
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

test("An invitation that is shown under another group's id, or has a bit changed, is refused", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    const shownAs = nodeProvider.random(32)
    await invite({ policy: policy(), shownAs })
    assert.deepEqual(alarms(world, alice), ["invitation_refused_invalid_value"])
    await invite({ policy: policy(), garbled: true })
    assert.equal(alarms(world, alice).length, 2)
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

test("A server that delivers a new group to other devices than those of its tree is told of at once", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    await invite({ policy: policy(), listed: [alice.deviceId] })
    assert.deepEqual(alarms(world, alice), ["history_fanout"])
  })
})

test("An invitation that is shown twice is one", async () => {
  await withStranger(async ({ world, alice, policy, invite }) => {
    const groupId = await invite({ policy: policy() })
    const again = alice.mailbox.of(groupId)[0]
    assert.ok(again)
    alice.mailbox.inject(again)
    await world.rest(3_000)
    assert.deepEqual([(await alice.device.chats()).length, alarms(world, alice)], [1, []])
  })
})

async function oneTimeKeyPackages(person: Person): Promise<number> {
  const [row] = await person.virtual.disk.read("SELECT COUNT(*) AS n FROM key_package WHERE last_resort = 0")
  return Number(row?.["n"])
}
