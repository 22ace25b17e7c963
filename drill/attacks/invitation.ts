// Introductions that come when they should not, and that do not come when they should.

import { toHex } from "@nodoor/bytes"
import { limits, takeIntroductions } from "@nodoor/wire"
import { invite, newGroup } from "../adversary/thief.ts"
import { claimOf } from "./group.ts"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"

/** A device asks for introductions that often. */
const pollMs = 60_000
const secret = "mallory-must-not-know"

export const invitationAttacks: readonly Attack[] = [
  {
    name: "welcome-replayed",
    attack: "Introduction replayed",
    did: "Had Alice invited by her last-resort KeyPackage, waited until Mallory was removed, and showed Alice the old introduction and the commit that let her in again. Mallory's keys, which the adversary holds, can read the group as it was then.",
    expected: { kind: "impossible" },
    run: (world) => replayedWelcome(world, "mallory"),
  },
  {
    name: "welcome-replayed-after-leaving",
    attack: "Introduction replayed to somebody who is out",
    did: "The same, after Alice herself had been removed from the group.",
    expected: { kind: "impossible" },
    run: (world) => replayedWelcome(world, "alice"),
  },
  {
    name: "introduction-foreign",
    attack: "Introduction in another's name",
    did: "Used an account of its own to make a group with Alice, and introduced her to it in the name of Bob's device.",
    expected: { kind: "refused", code: "invitation_refused_unknown_device" },
    run: (world) => foreignIntroduction(world),
  },
  {
    name: "welcome-withheld",
    attack: "Introduction withheld",
    did: "Did not give Bob the invitation to a group of Alice's.",
    expected: { kind: "unnoticed" },
    limit: "Who runs the line can cut it. Alice sees her message stay at sent, never delivered; docs/threat-model.md says so.",
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      world.adversary.on(takeIntroductions, async ({ address }, honest) =>
        address === bob.address ? { introductions: [] } : await honest(),
      )
      await world.rest(pollMs)
      const contact = await world.do(alice.device.findContact("bob"))
      const chat = await world.do(alice.device.openChat(contact.accountId))
      await world.say(alice, chat.id, "are you there?")
      await world.rest(2 * 3_600_000)
      await world.collect(alice, bob)
      const status = (await alice.device.messages(chat.id)).messages.at(-1)?.status
      const missing = !(await texts(bob, chat.id)).includes("are you there?")
      return { gained: missing ? ["Bob does not know of the chat"] : [], tried: `two hours; Alice's message is shown as ${status}` }
    },
  },
]

/** Mallory makes a group with Alice, and says in the introduction that Bob did. */
async function foreignIntroduction(world: DrillWorld): Promise<Observation> {
  const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
  await world.chat(alice, bob)
  const insider = await world.seize(mallory)
  const group = await newGroup(world, insider, { kind: "group", name: "Bob's", admins: [mallory.accountId] })
  await invite(world, insider, { group, claim: await claimOf(world, alice), introduction: { adder: bob } })
  await world.rest(60_000)
  const { length } = await alice.device.chats()
  return { gained: length > 1 ? ["Alice is asked in Bob's name"] : [], tried: "an introduction that names Bob, signed with Mallory's key" }
}

/** Somebody is removed from a group; then Alice is shown the introduction with which she once came in. */
async function replayedWelcome(world: DrillWorld, removed: "mallory" | "alice"): Promise<Observation> {
  const people = { alice: await world.person("alice"), bob: await world.person("bob"), mallory: await world.person("mallory") }
  const { alice, bob, mallory } = people
  await leaveLastResort(world, alice)
  const again = world.adversary.repeatIntroductionsTo(alice.address)
  await world.rest(pollMs)
  const chatId = await world.group(bob, alice, mallory)
  const groupId = await world.groupIdOf(alice, chatId)
  if (again.kept === 0) throw new Never("alice is introduced")
  const insider = await world.seize(mallory)
  const before = await insider.group(groupId)
  await world.do(bob.device.removeMember(chatId, toHex(people[removed].accountId)))
  const isOut = async (): Promise<boolean> =>
    removed === "alice" ? (await alice.device.chat(chatId)).state === "left" : (await alice.device.members(chatId)).length === 2
  await world.until(`${removed} is out for alice`, isOut)
  await world.rest(5_000)
  alice.shown.pretends = removed === "alice"
  again.repeat()
  await world.rest(60_000)
  const back = !(await isOut())
  const already = world.adversary.heard.length
  if (back || removed === "mallory") await world.say(alice, chatId, secret)
  const reads = removed === "alice" || (await hears(world, { alice, bob, chatId }))
  const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.type === "post" ? [heard.body] : []))
  const read = insider.read(before, bodies).some((plaintext) => Buffer.from(plaintext).includes(secret))
  return {
    gained: [
      ...(back ? ["Alice's device is back in an epoch with Mallory in it"] : []),
      ...(reads ? [] : ["Alice's device reads the group no more"]),
      ...(read ? ["Mallory reads what Alice writes"] : []),
    ],
    tried: `an introduction to epoch ${String(before.state.epoch)}, genuine in every bit; ${bodies.length} bodies tried with Mallory's old keys`,
  }
}

/** Takes the KeyPackages that are given out once, until only the one of the last resort is left. */
async function leaveLastResort(world: DrillWorld, person: Person): Promise<void> {
  let last = ""
  for (let taken = 0; taken <= limits.oneTimeKeyPackages; taken++) {
    const next = toHex((await claimOf(world, person)).keyPackage)
    if (next === last) return
    last = next
  }
  throw new Never("only the last resort is left")
}

/** Whether Alice still gets what Bob writes. */
async function hears(
  world: DrillWorld,
  { alice, bob, chatId }: { readonly alice: Person; readonly bob: Person; readonly chatId: string },
): Promise<boolean> {
  await world.say(bob, chatId, "are you still there?")
  return (await texts(alice, chatId)).includes("are you still there?")
}
