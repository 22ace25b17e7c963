// Seats, and what is said at them: taken over, spoken for, made without anybody to sit there; commits that wreck a group, and who is blamed.

import { randomBytes } from "node:crypto"
import { toHex } from "@nodoor/bytes"
import { serverCrypto } from "@nodoor/server"
import { rekeySignatureInput } from "@nodoor/wire/delivery"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { type HandMade, commitByHand, postByHand, seatKeysOf, seatOf } from "../adversary/hand-made-group.ts"
import type { Insider } from "../adversary/insider.ts"
import { type OwnSeat, keysOf, newSeat } from "../adversary/seats.ts"
import { randomId } from "../adversary/random-id.ts"
import { addOf, invite, newGroup } from "../adversary/thief.ts"
import { claimOf } from "./group.ts"

const hourMs = 3_600_000
const secret = "for-alice-alone"

/** Mallory's group with Alice, who has taken her seat over. Mallory drew the seat and its first secret. */
async function invited(world: DrillWorld): Promise<{
  readonly alice: Person
  readonly insider: Insider
  readonly group: HandMade
  readonly drawn: OwnSeat
  readonly chatId: string
}> {
  const [alice, mallory] = [await world.person("alice"), await world.person("mallory")]
  const insider = await world.seize(mallory)
  const founded = await newGroup(world, insider, { kind: "group", name: "Party", admins: [mallory.accountId] })
  const { added, next } = await invite(world, insider, { group: founded, claim: await claimOf(world, alice) })
  await world.until("alice is asked", async () => (await alice.device.chats()).length === 1)
  const chatId = (await alice.device.chats())[0]?.id ?? ""
  await world.do(alice.device.acceptRequest(chatId))
  await world.say(alice, chatId, "thank you")
  await world.rest(60_000)
  const drawn = added[0]?.seat
  if (!drawn) throw new Never("a seat was drawn")
  return { alice, insider, group: next, drawn, chatId }
}

/** Bytes in a commit's place that a member's keys vouch for towards the server, and that no member can open. */
function wrecking(insider: Insider, group: HandMade): ReturnType<typeof commitByHand>["item"] {
  const given = (commit: Uint8Array): Uint8Array => commit.map((byte, at) => (at === commit.length - 1 ? byte ^ 1 : byte))
  return commitByHand(insider, group, [], { given }).item
}

export const seatAttacks: readonly Attack[] = [
  {
    name: "seat-stolen",
    attack: "A seat is taken from who sits there",
    did: "Had drawn Alice's seat and its first secret when it let her in; when she had taken the seat over, tried to read there, to take it back, and to commit in its name.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const { insider, group, drawn } = await invited(world)
      const { groupId } = group.state
      const reads = world.adversary.read({ type: "subscribe", sub: 1, groupId, ...drawn, readSecret: keysOf(drawn).readSecret, after: 0 })
      const again = newSeat(drawn.seat)
      const rekey = { groupId, ...seatKeysOf(again), n: 1_000 }
      const signature = serverCrypto.signEd25519({ privateKey: keysOf(drawn).privateKey, message: rekeySignatureInput(rekey) })
      const taken = await world.adversary.hand({ type: "rekey", ref: 0, ...rekey, signature })
      const committed = await insider.commit(group, [], { signs: drawn })
      await world.rest(10_000)
      return {
        gained: [
          ...(reads.answers.some(({ type }) => type === "subscribed") ? ["who drew the seat reads there"] : []),
          ...(taken.type === "done" ? ["who drew the seat has it back"] : []),
          ...(committed.answer.type === "committed" ? ["who drew the seat commits in its name"] : []),
        ],
        tried: "the seat's first secret, for reading, re-keying and committing",
      }
    },
  },
  {
    name: "ack-for-another",
    attack: "Acknowledging for somebody else",
    did: "Was a member, and acknowledged at Bob's seat, while he was away, whatever was there, so that the server would erase it.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const { alice, bob, chatId, groupId, group } = await world.infiltrated()
      const [his, own] = [seatOf(group, bob.deviceId), keysOf(group.own)]
      if (!his) throw new Never("bob has a seat")
      bob.virtual.reachable = false
      await world.rest(60_000)
      await world.say(alice, chatId, secret)
      const order = Math.max(...alice.shown.of(groupId).map((record) => record.order))
      const ack = (sub: number) => ({ type: "ack", sub, order }) as const
      const streams = [own.readSecret, new Uint8Array(32), own.readHash].map((readSecret) =>
        world.adversary.read({ type: "subscribe", sub: 1, groupId, seat: his.seat, readSecret, after: 0 }),
      )
      streams.push(world.adversary.read({ type: "subscribe", sub: 1, groupId, seat: own.seat, readSecret: own.readSecret, after: 0 }))
      await world.rest(5_000)
      for (const { say } of streams) say(ack(1))
      await world.rest(2 * hourMs)
      bob.virtual.reachable = true
      await world.rest(10 * 60_000)
      const arrived = (await texts(bob, chatId)).includes(secret)
      return {
        gained: arrived ? [] : ["Bob never gets what was written while he was away"],
        tried: "three secrets that are not his seat's",
      }
    },
  },
  {
    name: "seats-unattached",
    attack: "Seats at which nobody sits, to exhaust a quota",
    did: "Made a group with 40 seats that nobody ever takes, and wrote more into it than a group's log may hold, while Bob was away.",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob, mallory] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
      const chatId = await world.chat(alice, bob)
      const insider = await world.seize(mallory)
      bob.virtual.reachable = false
      await world.say(alice, chatId, secret)
      const founded = await newGroup(world, insider, { kind: "group", name: "Nobody", admins: [mallory.accountId] })
      const nobody = Array.from({ length: 40 }, () => addOf(insider, world.ghost(randomId()).keyPackage().message))
      const { item, next } = commitByHand(insider, founded, nobody)
      await world.adversary.hand(item)
      const [bodyBytes, bodies] = [200_000, 30]
      for (let n = 0; n < bodies; n++) await world.adversary.hand(postByHand(insider.env, next.state, randomBytes(bodyBytes)))
      await world.rest(hourMs)
      const { bytes } = await world.adversary.depth()
      bob.virtual.reachable = true
      await world.rest(10 * 60_000)
      return {
        gained: [
          ...((await texts(bob, chatId)).includes(secret) ? [] : ["another chat lost what waited for Bob"]),
          ...(bytes > 2 * world.adversary.groupMaxBytes ? ["the server's disk fills"] : []),
        ],
        tried: `${bodies} bodies of ${bodyBytes} bytes; ${bytes} bytes wait at the end`,
      }
    },
  },
  {
    name: "commit-wrecking",
    attack: "A commit that nobody can open",
    did: "Had a member's device hand in a commit with a bit changed, in order towards the server, so that the group stands still.",
    expected: { kind: "refused", code: "commit_refused_decryption_failed" },
    run: (world) => wreck(world, { framed: false }),
  },
  {
    name: "member-framed",
    attack: "A wrecking commit in another member's name",
    did: "The same, and showed it as signed by Bob's seat.",
    expected: { kind: "detected", code: "commit_refused_unsigned_commit" },
    run: (world) => wreck(world, { framed: true }),
  },
]

/** Mallory hands in a commit that nobody can open. `framed`: the server says that it came from Bob's seat. */
async function wreck(world: DrillWorld, { framed }: { readonly framed: boolean }): Promise<Observation> {
  const { alice, bob, mallory, chatId, insider, group } = await world.infiltrated()
  const his = seatOf(group, bob.deviceId)
  if (!his) throw new Never("bob has a seat")
  if (framed)
    for (const { shown } of [alice, bob]) shown.tamper = (record) => [record.type === "commit" ? { ...record, seat: his.seat } : record]
  const answer = await world.adversary.hand(wrecking(insider, group))
  if (answer.type !== "committed") throw new Never("the server takes the commit")
  await world.rest(30_000)
  const blamed = (await alice.device.alarms()).flatMap(({ accountId }) => accountId ?? [])
  const stands = (await alice.device.chat(chatId)).state === "halted"
  return {
    gained: [
      ...(stands ? ["the group stands still"] : []),
      ...(blamed.includes(toHex(bob.accountId)) ? ["Bob is blamed"] : []),
      ...(!framed && !blamed.includes(toHex(mallory.accountId)) ? ["nobody is blamed"] : []),
    ],
    tried: `a commit with one bit changed, which the server took`,
  }
}
