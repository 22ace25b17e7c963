// How long a copy of a device's store reads on.

import type { Attack } from "../attack.ts"
import { type DrillWorld, Never, type Person } from "../drill-world.ts"
import { CopiedStore } from "../adversary/copied-store.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Each writes a line every four hours. */
async function talk(world: DrillWorld, chatId: string, days: number, ...people: readonly Person[]): Promise<void> {
  for (let hour = 0; hour < 24 * days; hour += 4) {
    for (const person of people) await world.do(person.device.send(chatId, { text: `hour ${hour}, of ${person.handle}` }))
    await world.rest(4 * hourMs)
  }
}

export const copiedStoreAttacks: readonly Attack[] = [
  {
    name: "store-copied",
    attack: "A copy of a device's store",
    did: "Copied Bob's store once, as from a backup, and tried it for three days on everything in his chat with Alice. What counts is what was written more than a day of use later.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      const groupId = await world.groupIdOf(alice, chatId)
      const copy = await CopiedStore.of(world, bob, groupId)
      const copiedMs = world.time.nowMs()
      await world.say(alice, chatId, "written-at-once")
      await talk(world, chatId, 3, alice, bob)
      copy.follow(alice.shown.of(groupId))
      if (copy.holding("written-at-once") === 0) throw new Never("the copy opens anything")
      const late = copy.read.filter(({ timeMs }) => timeMs > copiedMs + dayMs)
      const lastMs = Math.max(...copy.read.map(({ timeMs }) => timeMs))
      return {
        gained: late.length > 0 ? [`the copy read ${late.length} texts of later days`] : [],
        tried: `the copy opened ${copy.read.length} bodies, the last ${((lastMs - copiedMs) / hourMs).toFixed(1)} hours after it was made`,
      }
    },
  },
  {
    name: "store-copied-joining",
    attack: "A copy of a device's store, made as it joined a chat",
    did: "Copied Bob's store when he had been let into Alice's chat and had not answered, and tried it on what came after his first answer.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const contact = await world.do(alice.device.findContact("bob"))
      const chat = await world.do(alice.device.openChat(contact.accountId))
      await world.say(alice, chat.id, "before-his-answer")
      const groupId = await world.groupIdOf(alice, chat.id)
      const copy = await CopiedStore.of(world, bob, groupId)
      await world.say(alice, chat.id, "still-before-his-answer")
      await world.do(bob.device.acceptRequest(chat.id))
      await world.say(bob, chat.id, "the answer")
      await world.say(alice, chat.id, "after-his-answer")
      copy.follow(alice.shown.of(groupId))
      if (copy.holding("still-before-his-answer") === 0) throw new Never("the copy opens what comes before")
      return {
        gained: copy.holding("after-his-answer") > 0 ? ["the copy read what Alice wrote after the answer"] : [],
        tried: "Bob's first message brought new keys along",
      }
    },
  },
  {
    name: "store-copied-silent",
    attack: "A copy of the store of a device that never comes back",
    did: "Copied Bob's store, and kept his device offline from then on, while Alice wrote.",
    expected: { kind: "unnoticed" },
    limit: "Only the device itself can bring new keys. While it is away, and nobody removes it, its copy reads what the others write.",
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      const groupId = await world.groupIdOf(alice, chatId)
      const copy = await CopiedStore.of(world, bob, groupId)
      bob.virtual.reachable = false
      await talk(world, chatId, 2, alice)
      copy.follow(alice.shown.of(groupId))
      const read = copy.holding("of alice")
      return { gained: read > 0 ? [`the copy read ${read} of 12 texts`] : [], tried: "two days" }
    },
  },
]
