// Welcomes that come when they should not, and that do not come when they should.

import { toHex } from "@nodoor/bytes"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, texts } from "../drill-world.ts"

const secret = "mallory-must-not-know"

export const invitationAttacks: readonly Attack[] = [
  {
    name: "welcome-replayed",
    attack: "Welcome injected: an old one again",
    did: "Had Alice invited by her last-resort KeyPackage, waited until Mallory was removed, and showed Alice the old Welcome again. Mallory's keys, which the adversary holds, can read the group as it was then.",
    expected: { kind: "refused", code: "invitation_refused_live_group" },
    run: (world) => replayedWelcome(world, "mallory"),
  },
  {
    name: "welcome-replayed-after-leaving",
    attack: "Welcome injected: an old one, to somebody who is out",
    did: "The same, after Alice herself had been removed from the group.",
    expected: { kind: "refused", code: "invitation_refused_old_epoch" },
    run: (world) => replayedWelcome(world, "alice"),
  },
  {
    name: "welcome-withheld",
    attack: "Welcome withheld",
    did: "Did not give Bob the invitation to a group of Alice's.",
    expected: { kind: "unnoticed" },
    limit: "Who runs the line can cut it. Alice sees her message stay at sent, never delivered; docs/threat-model.md says so.",
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      bob.mailbox.tamper = (record) => (record.kind === "welcome" ? [] : [record])
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

/** Somebody is removed from a group; then Alice is shown the Welcome with which she once came in. */
async function replayedWelcome(world: DrillWorld, removed: "mallory" | "alice"): Promise<Observation> {
  const people = { alice: await world.person("alice"), bob: await world.person("bob"), mallory: await world.person("mallory") }
  const { alice, bob, mallory } = people
  world.adversary.sql("DELETE FROM key_packages WHERE device_id = ? AND last_resort = 0", alice.deviceId)
  const chatId = await world.group(bob, alice, mallory)
  const groupId = await world.groupIdOf(alice, chatId)
  const welcome = alice.mailbox.of(groupId).find((record) => record.kind === "welcome")
  if (!welcome) throw new Never("alice has a Welcome")
  const insider = await world.seize(mallory)
  const before = await insider.group(groupId)
  await world.do(bob.device.removeMember(chatId, toHex(people[removed].accountId)))
  const isOut = async (): Promise<boolean> =>
    removed === "alice" ? (await alice.device.chat(chatId)).state === "left" : (await alice.device.members(chatId)).length === 2
  await world.until(`${removed} is out for alice`, isOut)
  await world.rest(5_000)
  const order = Math.max(...alice.mailbox.of(groupId).map((record) => record.order)) + 1
  alice.mailbox.inject({ ...welcome, order })
  await world.rest(10_000)
  const back = !(await isOut())
  const already = world.adversary.heard.length
  if (back || removed === "mallory") await world.say(alice, chatId, secret)
  const bodies = world.adversary.heard.slice(already).flatMap((heard) => (heard.kind === "post" ? [heard.request.body] : []))
  const read = insider.read(before, bodies).some((plaintext) => Buffer.from(plaintext).includes(secret))
  return {
    gained: [
      ...(back ? ["Alice's device is back in an epoch with Mallory in it"] : []),
      ...(read ? ["Mallory reads what Alice writes"] : []),
    ],
    tried: `a Welcome of epoch ${String(before.epoch)}, genuine in every bit; ${bodies.length} bodies tried with Mallory's old keys`,
  }
}
