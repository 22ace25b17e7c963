// Messages on their way: shown twice, not at all, in another order, changed, or to one more device.

import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { serverCrypto } from "@nodoor/server"
import { fanoutOf } from "@nodoor/wire/delivery"
import { newSeat } from "../adversary/seats.ts"
import { type ShownRecord, bodyOf } from "../adversary/shown-groups.ts"
import { nextRecord } from "./group.ts"

interface Talk {
  readonly alice: Person
  readonly bob: Person
  readonly chatId: string
  readonly groupId: Uint8Array
}

async function talk(world: DrillWorld): Promise<Talk> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const chatId = await world.chat(alice, bob)
  const groupId = await world.groupIdOf(alice, chatId)
  return { alice, bob, chatId, groupId }
}

/** Bob writes twice while the adversary changes what Alice is shown. Then both write once more. */
async function tampered(world: DrillWorld, begin: (talk: Talk) => (record: ShownRecord) => readonly ShownRecord[]): Promise<Observation> {
  const { alice, bob, chatId, groupId } = await talk(world)
  const tamper = begin({ alice, bob, chatId, groupId })
  let touched = 0
  alice.shown.tamper = (record) => {
    const made = Buffer.compare(record.groupId, groupId) === 0 && record.type === "post" ? tamper(record) : [record]
    if (made.length !== 1 || made[0] !== record) touched++
    return made
  }
  await world.do(bob.device.send(chatId, { text: "first" }))
  await world.say(bob, chatId, "second")
  alice.shown.tamper = (record) => [record]
  await world.say(alice, chatId, "third")
  await world.say(bob, chatId, "fourth")
  await world.collect(alice, bob)
  if (touched === 0) throw new Never("the adversary touches a message")
  const shown = (await texts(alice, chatId)).filter((text) => text === "first" || text === "second")
  return {
    gained: [
      ...(shown.includes("first") && shown.includes("second") ? [] : ["Alice does not have a message of Bob's"]),
      ...(shown.length > 2 ? ["Alice sees a message of Bob's twice"] : []),
      ...(shown.indexOf("second") < shown.indexOf("first") && shown.includes("second")
        ? ["Alice sees Bob's messages in another order"]
        : []),
    ],
    tried: `${touched} of Bob's bodies tampered with on their way to Alice`,
  }
}

/** A seat of the adversary's own gets whatever the group gets. `told`: the server tells members of it. */
async function injectedSeat(world: DrillWorld, { told }: { readonly told: boolean }): Promise<Observation> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const chatId = await world.group(alice, bob)
  const groupId = await world.groupIdOf(alice, chatId)
  const ghost = world.ghost(bob.accountId)
  const fanout = fanoutOf(serverCrypto.sha256, [...(await world.adversary.seats(groupId)), newSeat().seat])
  if (told) for (const { shown } of [alice, bob]) shown.tamper = (record) => [record.type === "commit" ? { ...record, fanout } : record]
  const already = world.adversary.heard.length
  await world.attempt(alice, alice.device.rename(chatId, "Longer weekend"))
  await world.rest(5_000)
  await world.say(alice, chatId, words)
  await world.say(bob, chatId, `${words} too`)
  const bodies = world.adversary.heard.length - already
  if (bodies === 0) throw new Never("the ghost's seat gets anything")
  ghost.tryAll(world.adversary.heard)
  return {
    gained: ghost.holds(words) ? ["the ghost read what members wrote"] : [],
    tried: `${bodies} bodies were given to the ghost; it tried its keys in vain ${ghost.failures} times`,
  }
}

const words = "the-key-is-under-the-mat"

export const deliveryAttacks: readonly Attack[] = [
  {
    name: "replayed",
    attack: "Message replayed",
    did: "Showed Alice a message of Bob's again in the next place, and numbered all that followed accordingly.",
    expected: { kind: "refused", code: "history_fork" },
    run: (world) =>
      tampered(world, ({ alice, groupId }) => {
        let done = false
        return (record) => {
          if (done) return [record]
          done = true
          world.time.after(2_000, () => {
            const next = nextRecord(world, { person: alice, groupId }, { type: "post", body: bodyOf(record) })
            alice.shown.shiftOrders(groupId, 1)
            alice.shown.inject(next)
          })
          return [{ ...record }]
        }
      }),
  },
  {
    name: "dropped",
    attack: "Message dropped",
    did: "Left a message of Bob's out of what Alice is shown.",
    expected: { kind: "detected", code: "history_gap" },
    run: (world) => tampered(world, () => once(() => [])),
  },
  {
    name: "dropped-renumbered",
    attack: "Message dropped, hole closed",
    did: "Left a message of Bob's out of what Alice is shown, and numbered all that followed so that no place is empty.",
    expected: { kind: "detected", code: "history_fork" },
    run: (world) =>
      tampered(world, ({ alice, groupId }) =>
        once(() => {
          alice.shown.shiftOrders(groupId, -1)
          return []
        }),
      ),
  },
  {
    name: "reordered",
    attack: "Messages reordered",
    did: "Showed Alice two messages of Bob's in each other's place.",
    expected: { kind: "detected", code: "history_fork" },
    run: (world) =>
      tampered(world, () => {
        let held: ShownRecord | undefined
        let done = false
        return (record) => {
          if (done) return [record]
          const first = held
          held = record
          if (!first) return []
          done = true
          return [
            { ...record, order: first.order },
            { ...first, order: record.order },
          ]
        }
      }),
  },
  {
    name: "duplicated",
    attack: "Message duplicated",
    did: "Showed Alice every message of Bob's twice in the same place.",
    expected: { kind: "impossible" },
    run: (world) => tampered(world, () => (record) => [record, record]),
  },
  {
    name: "altered",
    attack: "Message altered",
    did: "Flipped one bit of a message of Bob's.",
    expected: { kind: "refused", code: "history_fork" },
    run: (world) =>
      tampered(world, () =>
        once((record) => {
          if (record.type !== "post") return [record]
          const body = record.body.slice()
          body[body.length - 20] = (body[body.length - 20] ?? 0) ^ 1
          return [{ ...record, body }]
        }),
      ),
  },
  {
    name: "seat-injected",
    attack: "Seat injected into the fan-out",
    did: "Gave a seat of its own all that the group gets, and told members the seats without it.",
    expected: { kind: "impossible" },
    run: (world) => injectedSeat(world, { told: false }),
  },
  {
    name: "seat-injected-told",
    attack: "Seat injected into the fan-out of an unchanged server",
    did: "Gave a seat of its own all that the group gets; the server software told members the seats as they are.",
    expected: { kind: "refused", code: "history_fanout" },
    run: (world) => injectedSeat(world, { told: true }),
  },
  {
    name: "blackout",
    attack: "Everything withheld from one person",
    did: "Showed Bob nothing any more.",
    expected: { kind: "unnoticed" },
    limit: "Who runs the line can cut it. Alice sees her messages stay at sent, never delivered; docs/threat-model.md says so.",
    run: async (world) => {
      const { alice, bob, chatId } = await talk(world)
      bob.shown.tamper = () => []
      await world.say(alice, chatId, words)
      await world.rest(2 * 3_600_000)
      await world.collect(alice, bob)
      const missing = !(await texts(bob, chatId)).includes(words)
      const status = (await alice.device.messages(chatId)).messages.at(-1)?.status
      return { gained: missing ? ["Bob does not have Alice's message"] : [], tried: `two hours; Alice's message is shown as ${status}` }
    },
  },
]

/** Tampers with the first record it is given, and no other. */
function once(tamper: (record: ShownRecord) => readonly ShownRecord[]): (record: ShownRecord) => readonly ShownRecord[] {
  let done = false
  return (record) => {
    if (done) return [record]
    done = true
    return tamper(record)
  }
}
