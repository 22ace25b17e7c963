// Messages on their way: shown twice, not at all, in another order, changed, or to one more device.

import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { fanoutOf } from "../adversary/adversary-server.ts"
import type { BodyRecord } from "../adversary/shown-mailbox.ts"
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
async function tampered(world: DrillWorld, begin: (talk: Talk) => (record: BodyRecord) => readonly BodyRecord[]): Promise<Observation> {
  const { alice, bob, chatId, groupId } = await talk(world)
  const tamper = begin({ alice, bob, chatId, groupId })
  let touched = 0
  alice.mailbox.tamper = (record) => {
    const made = Buffer.compare(record.groupId, groupId) === 0 && record.kind === "post" ? tamper(record) : [record]
    if (made.length !== 1 || made[0] !== record) touched++
    return made
  }
  await world.do(bob.device.send(chatId, { text: "first" }))
  await world.say(bob, chatId, "second")
  alice.mailbox.tamper = (record) => [record]
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

/** The ghost's mailbox stands in the group's delivery list. `told`: the server tells members the list as it is. */
async function injectedMailbox(world: DrillWorld, { told }: { readonly told: boolean }): Promise<Observation> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const chatId = await world.group(alice, bob)
  const groupId = await world.groupIdOf(alice, chatId)
  const ghost = world.ghost(bob.accountId)
  world.adversary.sql("INSERT INTO mailboxes (mailbox, floor) VALUES (?, 0)", ghost.deviceId)
  world.adversary.sql("INSERT INTO deliveries (group_id, mailbox) VALUES (?, ?)", groupId, ghost.deviceId)
  const honest = fanoutOf([alice.deviceId, bob.deviceId])
  if (!told)
    for (const { mailbox } of [alice, bob]) mailbox.tamper = (record) => [record.kind === "commit" ? { ...record, fanout: honest } : record]
  await world.attempt(alice, alice.device.rename(chatId, "Longer weekend"))
  await world.rest(5_000)
  await world.say(alice, chatId, words)
  await world.say(bob, chatId, `${words} too`)
  const { records } = await world.adversary.store.readMailbox({ mailbox: ghost.deviceId, after: 0, maxRecords: 100, maxBytes: 1_000_000 })
  if (records.length === 0) throw new Never("the ghost's mailbox gets anything")
  ghost.tryAll(world.adversary.heard)
  return {
    gained: ghost.holds(words) ? ["the ghost read what members wrote"] : [],
    tried: `${records.length} bodies were delivered to the ghost; it tried its keys in vain ${ghost.failures} times`,
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
            const next = nextRecord(world, { person: alice, groupId }, { kind: "post", body: record.body })
            alice.mailbox.shiftOrders(groupId, 1)
            alice.mailbox.inject(next)
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
          alice.mailbox.shiftOrders(groupId, -1)
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
        let held: BodyRecord | undefined
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
    expected: { kind: "detected", code: "decryption_failed" },
    run: (world) =>
      tampered(world, () =>
        once((record) => {
          const body = record.body.slice()
          body[body.length - 20] = (body[body.length - 20] ?? 0) ^ 1
          return [{ ...record, body }]
        }),
      ),
  },
  {
    name: "mailbox-injected",
    attack: "Mailbox injected into the fan-out",
    did: "Put a mailbox of its own into the group's delivery list, and told members the list without it.",
    expected: { kind: "impossible" },
    run: (world) => injectedMailbox(world, { told: false }),
  },
  {
    name: "mailbox-injected-told",
    attack: "Mailbox injected into the fan-out of an unchanged server",
    did: "Put a mailbox of its own into the group's delivery list; the server software told members the list as it is.",
    expected: { kind: "refused", code: "history_fanout" },
    run: (world) => injectedMailbox(world, { told: true }),
  },
  {
    name: "blackout",
    attack: "Everything withheld from one person",
    did: "Showed Bob nothing any more.",
    expected: { kind: "unnoticed" },
    limit: "Who runs the line can cut it. Alice sees her messages stay at sent, never delivered; docs/threat-model.md says so.",
    run: async (world) => {
      const { alice, bob, chatId } = await talk(world)
      bob.mailbox.tamper = () => []
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
function once(tamper: (record: BodyRecord) => readonly BodyRecord[]): (record: BodyRecord) => readonly BodyRecord[] {
  let done = false
  return (record) => {
    if (done) return [record]
    done = true
    return tamper(record)
  }
}
