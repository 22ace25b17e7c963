// Members who are let in again: somebody who asks in another's name, and a wish that is used twice.

import { equal } from "@nodoor/bytes"
import type { RejoinItem } from "@nodoor/wire/delivery"
import type { Attack } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { seatOf } from "../adversary/hand-made-group.ts"
import { forgeRejoin } from "../adversary/rejoin.ts"

/** The seats and devices of the group as Alice has them. */
async function leaves(
  { virtual }: Person,
  groupId: Uint8Array,
): Promise<readonly { readonly seat: Uint8Array; readonly deviceId: Uint8Array }[]> {
  const rows = await virtual.disk.read(
    "SELECT s.seat, m.device_id FROM seat s JOIN member m ON m.group_id = s.group_id AND m.leaf_index = s.leaf_index WHERE s.group_id = ?",
    [groupId],
  )
  return rows.map((row) => ({ seat: row["seat"] as Uint8Array, deviceId: row["device_id"] as Uint8Array }))
}

async function stillSits(
  alice: Person,
  groupId: Uint8Array,
  who: { readonly seat: Uint8Array; readonly deviceId: Uint8Array },
): Promise<boolean> {
  return (await leaves(alice, groupId)).some(({ seat, deviceId }) => equal(seat, who.seat) && equal(deviceId, who.deviceId))
}

async function bobReads(world: DrillWorld, { alice, bob, chatId }: { alice: Person; bob: Person; chatId: string }): Promise<boolean> {
  await world.say(alice, chatId, "for bob")
  return (await texts(bob, chatId)).includes("for bob")
}

export const rejoinAttacks: readonly Attack[] = [
  {
    name: "rejoin-forged",
    attack: "A request to be let in again, forged",
    did: "Was a member, with the server on its side, and asked Alice in Bob's name to replace his device: with a device that Bob does not have, with Mallory's own, with a wish for another seat, with garbage.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const { alice, bob, mallory, chatId, groupId, group } = await world.infiltrated()
      const seat = seatOf(group, bob.deviceId)?.seat
      if (!seat) throw new Never("bob has a seat")
      const [made, asBob, own] = [world.ghost(bob.accountId), world.ghost(bob.accountId, bob.deviceId), world.ghost(mallory.accountId)]
      const requests = [
        forgeRejoin(group.state, made, { seat }),
        forgeRejoin(group.state, asBob, { seat }),
        forgeRejoin(group.state, own, { seat }),
        forgeRejoin(group.state, asBob, { seat, signedSeat: group.own.seat }),
        { ...forgeRejoin(group.state, asBob, { seat: group.own.seat }), seat },
        { seat, epoch: 1, sealed: new Uint8Array(8_192) },
      ]
      let taken = 0
      for (const request of requests) {
        alice.shown.ask(groupId, request)
        await world.rest(30_000)
        taken += (await alice.virtual.disk.read("SELECT 1 AS one FROM rejoin_request")).length
      }
      if (taken === 0) throw new Never("Alice opens any of them")
      const sits = await stillSits(alice, groupId, { seat, deviceId: bob.deviceId })
      const reads = await bobReads(world, { alice, bob, chatId })
      return {
        gained: [...(sits ? [] : ["Bob's place was given away"]), ...(reads ? [] : ["Bob is out"])],
        tried: `${requests.length} requests in Bob's name, shown to Alice`,
      }
    },
  },
  {
    name: "rejoin-replayed",
    attack: "A request to be let in again, shown once more",
    did: "Kept the request with which Bob's device was let in again, and showed it to Alice afterwards, for his old place and for his new one.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      const groupId = await world.groupIdOf(alice, chatId)
      let kept: RejoinItem | undefined
      world.adversary.posting.on("rejoin", async ({ asked }, honest) => {
        kept = asked
        return await honest()
      })
      // Bob's device loses what it needs to follow the group.
      await world.do(bob.device.close())
      await bob.virtual.disk.commit([{ sql: "DELETE FROM mls_record WHERE key = 'epoch'", values: [] }])
      await world.do(bob.virtual.start())
      await world.do(alice.device.send(chatId, { text: "are you there?" }))
      await world.until("bob is let in again", async () => (await bob.virtual.disk.read("SELECT 1 AS one FROM healed")).length > 0)
      await world.rest(10_000)
      const request = kept
      const [place] = await bob.virtual.disk.read("SELECT seat FROM own_seat WHERE group_id = ?", [groupId])
      const seat = place?.["seat"] as Uint8Array
      if (!request || !seat) throw new Never("bob asked")
      const { epoch, sealed } = request
      for (const at of [request.seat, seat]) {
        alice.shown.ask(groupId, { seat: at, epoch, sealed })
        await world.rest(60_000)
      }
      const device = bob.virtual.device
      if (!device) throw new Never("bob's device runs")
      const sits = await stillSits(alice, groupId, { seat, deviceId: bob.deviceId })
      const reads = await bobReads(world, { alice, bob: { ...bob, device }, chatId })
      return {
        gained: [...(sits ? [] : ["Bob's new place was given away"]), ...(reads ? [] : ["Bob is out"])],
        tried: "the request as Bob's device made it, twice",
      }
    },
  },
]
