// A device that was removed, an account that is nobody yet, and somebody who does not stay out: whatever they do comes to nothing.

import { compare, equal, toHex } from "@nodoor/bytes"
import { signAccountState } from "@nodoor/keylog"
import { protect } from "@nodoor/mls"
import { serverCrypto } from "@nodoor/server"
import { forgeContent, markdown } from "../../sim/hostile-member/forged-content.ts"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { type Ghost, following } from "../adversary/ghost.ts"
import type { HandMade } from "../adversary/hand-made-group.ts"
import type { Insider } from "../adversary/insider.ts"
import { randomId } from "../adversary/random-id.ts"
import { addPhone, stock } from "../adversary/stolen-phone.ts"
import { addOf, invite, keyPackageOf, newGroup, removeFirst, say } from "../adversary/thief.ts"
import { claimOf } from "./group.ts"

const secret = "for-those-who-are-there"
const forged = "my number changed, write to +49"
const hourMs = 3_600_000

export const removedAttacks: readonly Attack[] = [
  {
    name: "removed-opens-dm",
    attack: "A removed device opens a chat in its owner's name",
    did: "Had the phone that Bob had removed invite Alice, moments later, into a group of two with an id of its choice, and write there.",
    expected: { kind: "refused", code: "invitation_refused_removed_device" },
    run: (world) => secondDm(world, { removed: true }),
  },
  {
    name: "second-dm",
    attack: "A chat of two is moved to another group",
    did: "Had a phone that its owner had not missed yet open a second group with the same person, with an id and at a time of its choice and without the owner's other devices.",
    expected: { kind: "impossible" },
    run: (world) => secondDm(world, { removed: false }),
  },
  {
    name: "removed-adds",
    attack: "A removed device lets an accomplice in",
    did: "Had the device of an admin, who had removed it with another one moments before, commit a valid Add of an account that the adversary owns.",
    expected: { kind: "refused", code: "commit_refused_removed_device_unclear" },
    run: async (world) => {
      const mallory = await world.person("mallory")
      const { alice, chatId, insider } = await withRemoved(world)
      const accomplice = await world.seize(mallory)
      const group = await insider.group(await world.groupIdOf(alice, chatId))
      const { own } = await insider.commit(group, [addOf(insider, keyPackageOf(accomplice))])
      await world.rest(10_000)
      await world.say(alice, chatId, secret)
      const added = (await alice.device.members(chatId)).some(({ accountId }) => accountId === toHex(mallory.accountId))
      return { gained: added ? ["the accomplice is in"] : [], tried: `a commit of ${own.message.length} bytes that MLS itself finds valid` }
    },
  },
  {
    name: "removed-writes",
    attack: "A removed device writes in its owner's name",
    did: "Had the device of a member, who had removed it with another one hours before, write into the group, where it is still a leaf because nobody's removal is taken.",
    expected: { kind: "refused", code: "removed_device_wrote" },
    run: async (world) => {
      const { alice, carol, chatId, insider } = await withRemoved(world)
      const group = await insider.group(await world.groupIdOf(alice, chatId))
      for (const person of [alice, carol]) world.adversary.posting.refuse("commit", person.address)
      await world.rest(2 * hourMs)
      world.forgetSigns()
      await insider.post(group, encrypted(insider, group, forged))
      await world.rest(10_000)
      const already = world.adversary.heard.length
      await world.say(alice, chatId, secret)
      const shown = [...(await texts(alice, chatId)), ...(await texts(carol, chatId))].includes(forged)
      const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.type === "post" ? [heard.body] : []))
      const reads = insider.read(group, bodies).some((plaintext) => Buffer.from(plaintext).includes(secret))
      return {
        gained: [...(shown ? ["people are shown it as Bob's words"] : []), ...(reads ? ["it reads what Alice writes after that"] : [])],
        tried: `${bodies.length} bodies tried with its keys`,
      }
    },
  },
  {
    name: "held-sock-puppet",
    attack: "A sock puppet under a reset's hold stalls a group",
    did: "Started an account of its own over, without a recovery key. Its new device is held for a day. Had a member's device let that device into the group.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const people = { alice: await world.person("alice"), bob: await world.person("bob"), mallory: await world.person("mallory") }
      const { alice, bob, mallory } = people
      const puppet = await startedOver(world, await world.person("pat", { older: true }))
      const chatId = await world.group(alice, bob, mallory)
      await world.do(alice.device.setRules(chatId, { add: "everyone", rename: "admins", post: "everyone" }))
      await world.rest(5_000)
      const insider = await world.seize(mallory)
      const group = await insider.group(await world.groupIdOf(alice, chatId))
      const claim = (await insider.claims(puppet.accountId)).find(({ deviceId }) => equal(deviceId, puppet.deviceId))
      if (!claim) throw new Never("a KeyPackage of the puppet's")
      const { own } = await insider.commit(group, [addOf(insider, claim.keyPackage)])
      const { secrets = [], encryptedGroupInfo: groupInfo = new Uint8Array() } = own.welcome ?? {}
      if (!puppet.openWelcome({ secrets: secrets.map(({ encrypted }) => encrypted), groupInfo })) throw new Never("the puppet joins")
      world.forgetSigns()
      await world.rest(30_000)
      await world.say(alice, chatId, secret)
      await world.rest(30_000)
      puppet.tryAll(world.adversary.heard)
      const arrived = (await texts(bob, chatId)).includes(secret)
      return {
        gained: [...(arrived ? [] : ["the group stands still"]), ...(puppet.holds(secret) ? ["the puppet reads along"] : [])],
        tried: `a member's Add of a device that is held; ${(await alice.device.members(chatId)).length} people are in the group a minute later`,
      }
    },
  },
  {
    name: "left-added-again",
    attack: "Somebody who left is added again",
    did: "Had the admin of a group that Alice left add her again, to learn whether she is there and what she is called.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [mallory, alice, carol] = [await world.person("mallory"), await world.person("alice"), await world.person("carol")]
      const chatId = await world.group(mallory, alice, carol)
      await world.do(alice.device.leave(chatId))
      await world.until("she is out", async () => (await carol.device.members(chatId)).length === 2)
      await world.rest(5_000)
      let posts = 0
      world.adversary.posting.on("post", async ({ address }, honest) => {
        if (address === alice.address) posts++
        return await honest()
      })
      await world.do(mallory.device.addMembers(chatId, [toHex(alice.accountId)]))
      await world.do(mallory.device.send(chatId, { text: "are you there?" }))
      await world.rest(60_000)
      const { state } = await alice.device.chat(chatId)
      return {
        gained: [
          ...(state === "request" ? [] : [`Alice's device shows the chat as ${state}`]),
          ...(posts > 0 ? [`her device sent ${posts} messages by itself`] : []),
        ],
        tried: "added again by an admin whom she never accepted",
      }
    },
  },
  {
    name: "crowd-of-nobody",
    attack: "An invitation that costs thousands of questions",
    did: "Used an account of its own to invite Alice into a group with 200 accounts that do not exist.",
    expected: { kind: "refused", code: "invitation_refused_unknown_device" },
    run: async (world) => {
      const [alice, mallory] = [await world.person("alice"), await world.person("mallory")]
      const insider = await world.seize(mallory)
      const group = await newGroup(world, insider, { kind: "group", name: "Party", admins: [mallory.accountId] })
      const claim = await claimOf(world, alice)
      const nobody = Array.from({ length: 200 }, () => addOf(insider, world.ghost(randomId()).keyPackage().message))
      const before = world.adversary.asked(alice.address)
      await invite(world, insider, { group, claim, more: nobody })
      await world.rest(hourMs / 2)
      const asked = world.adversary.asked(alice.address) - before
      return { gained: asked > 60 ? [`Alice's device asks ${asked} times`] : [], tried: `${asked} requests in half an hour` }
    },
  },
]

/** A group of Bob, its admin, with Alice and Carol. The adversary holds Bob's first device. Bob removes that device with his phone. */
async function withRemoved(
  world: DrillWorld,
): Promise<{ readonly alice: Person; readonly carol: Person; readonly chatId: string; readonly insider: Insider }> {
  const people = { alice: await world.person("alice"), bob: await world.person("bob"), carol: await world.person("carol") }
  const { alice, bob, carol } = people
  const chatId = await world.group(bob, alice, carol)
  const phone = await addPhone(world, bob)
  const insider = await world.seize(bob)
  await removeFirst(world, bob, phone)
  return { alice, carol, chatId, insider }
}

/** Whose account id is the lower one has a phone, which opens a second chat with the other: of two openers theirs would be preferred. */
async function secondDm(world: DrillWorld, { removed }: { readonly removed: boolean }): Promise<Observation> {
  const [one, two, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
  const [owner, victim] = compare(one.accountId, two.accountId) < 0 ? [one, two] : [two, one]
  const chatId = await world.chat(victim, owner)
  await world.say(owner, chatId, "hello yourself")
  const phone = await addPhone(world, owner)
  await world.do(victim.device.setVerified(toHex(owner.accountId), true))
  if (removed) await world.do(owner.device.removeOwnDevice(toHex(phone.deviceId)))
  // Long enough for the phone, that is there, to be nothing new; no time at all after it was removed.
  await world.rest(removed ? 1_000 : 2 * hourMs)
  world.forgetSigns()
  const insider = await world.seize(mallory)
  const groupId = new Uint8Array([0, 0, ...randomId(), ...randomId()]).subarray(0, 32)
  const group = await newGroup(world, phone, { kind: "dm", name: "", admins: [owner.accountId, victim.accountId] }, groupId)
  const { next } = await invite(world, phone, { group, claim: await claimOf(world, victim) })
  await world.rest(5_000)
  const { plaintext } = forgeContent({ part: markdown(forged), accountId: owner.accountId, groupId })
  await say(world, phone, next, plaintext)
  await world.rest(10_000)
  const already = world.adversary.heard.length
  await world.say(victim, chatId, secret)
  const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.type === "post" ? [heard.body] : []))
  const reads = insider.read(next, bodies).some((plaintext) => Buffer.from(plaintext).includes(secret))
  const shown = removed && (await texts(victim, chatId)).includes(forged)
  const arrived = (await texts(owner, chatId)).includes(secret)
  return {
    gained: [
      ...(shown ? ["people are shown what it wrote"] : []),
      ...(reads ? ["it reads the answer"] : []),
      ...(arrived ? [] : ["the owner does not get the answer any more"]),
    ],
    tried: "a group of the same two people, with the phone as the only device of its owner",
  }
}

/** The adversary starts an account of its own over. The account's new device is held. */
async function startedOver(world: DrillWorld, person: Person): Promise<Ghost> {
  await world.seize(person)
  const before = await world.adversary.account(person.accountId)
  const ghost = world.ghost(person.accountId)
  const state = following(before, [ghost.listed(before.state.version + 1)], "reset")
  const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
  await world.adversary.appendUnchecked(state, signAccountState(serverCrypto, { state, signers }))
  await stock(world, ghost)
  return ghost
}

function encrypted(insider: Insider, { state }: HandMade, text: string): Uint8Array {
  const { plaintext } = forgeContent({ part: markdown(text), accountId: insider.accountId, groupId: state.groupId })
  return protect(insider.env, state, { plaintext, signer: insider.signer }).message
}
