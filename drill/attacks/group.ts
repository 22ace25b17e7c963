// A ghost in a group: through MLS's entries for outsiders, through the Welcome, and through a member who obeys the adversary.

import { type ProposalInput, extensions, parseKeyPackage } from "@nodoor/mls"
import { serverCrypto } from "@nodoor/server"
import type { DeviceClaim } from "@nodoor/wire"
import { type CommitDetails, fanoutOf } from "@nodoor/wire/delivery"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { externalAdd, externalCommit, policyExtension, pretendedAdd, publicApplication } from "../adversary/forgery.ts"
import type { Ghost } from "../adversary/ghost.ts"
import { type HandMade, seatKeysOf } from "../adversary/hand-made-group.ts"
import type { Insider } from "../adversary/insider.ts"
import { policyExtensionType } from "../adversary/leaf.ts"
import { newSeat } from "../adversary/seats.ts"
import type { ShownRecord } from "../adversary/shown-groups.ts"
import { invite, newGroup } from "../adversary/thief.ts"

const secret = "not-for-strangers"

const hourMs = 3_600_000

/** The next place of a group as it is shown to a person, with the bytes that the adversary puts there. */
export function nextRecord(
  world: DrillWorld,
  { person, groupId }: { readonly person: Person; readonly groupId: Uint8Array },
  content: { readonly type: "post"; readonly body: Uint8Array } | ({ readonly type: "commit" } & CommitDetails),
): ShownRecord {
  const order = Math.max(0, ...person.shown.of(groupId).map((record) => record.order)) + 1
  return { ...content, groupId, order, hour: Math.floor(world.time.nowMs() / hourMs) }
}

/** What a server says of a commit that adds somebody. It has no seat's key to sign it with. */
async function unsigned(world: DrillWorld, groupId: Uint8Array, epoch: bigint, commit: Uint8Array): Promise<CommitDetails> {
  const seats = await world.adversary.seats(groupId)
  const added = seatKeysOf(newSeat())
  const [seat = added.seat] = seats
  return {
    epoch: Number(epoch),
    seat,
    signature: new Uint8Array(64),
    adds: [added],
    removes: [],
    nextKeyHash: new Uint8Array(32),
    infoHash: new Uint8Array(32),
    fanout: fanoutOf(serverCrypto.sha256, [...seats, added.seat]),
    commit,
  }
}

/** Two people in a group, and bytes by an outsider that want a ghost let in; then one of them writes. */
async function outsider(
  world: DrillWorld,
  forge: (
    ghost: Ghost,
    target: { readonly groupId: Uint8Array; readonly epoch: bigint },
  ) => { readonly type: "post" | "commit"; readonly body: Uint8Array },
): Promise<Observation> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const chatId = await world.group(alice, bob)
  const groupId = await world.groupIdOf(alice, chatId)
  const ghost = world.ghost(bob.accountId)
  const [row] = await alice.virtual.disk.read("SELECT epoch FROM mls_group WHERE group_id = ?", [groupId])
  const epoch = BigInt(Number(row?.["epoch"]))
  const forged = forge(ghost, { groupId, epoch })
  const { type, body } = forged
  const content = type === "post" ? { type, body } : { type, ...(await unsigned(world, groupId, epoch, body)) }
  for (const person of [alice, bob]) {
    person.shown.inject(nextRecord(world, { person, groupId }, content))
    person.shown.shiftOrders(groupId, 1)
  }
  await world.rest(10_000)
  await world.say(alice, chatId, secret)
  await world.collect(alice, bob)
  ghost.tryAll(world.adversary.heard)
  const shown = [...(await texts(alice, chatId)), ...(await texts(bob, chatId))]
  return {
    gained: [
      ...(ghost.holds(secret) ? ["the ghost read what Alice wrote"] : []),
      ...(shown.includes(forgedWords) ? ["people saw words that no member wrote"] : []),
    ],
    tried: `${forged.body.length} bytes shown to Alice and Bob in the group's next place; the ghost tried its keys in vain ${ghost.failures} times`,
  }
}

const openRules = { add: "everyone", rename: "everyone", post: "everyone" } as const
const forgedWords = "pay-the-adversary"

/** A group of Alice, Bob and Mallory. Mallory obeys the adversary. Everybody may add people. Only Alice may change the rules. */
async function withInsider(
  world: DrillWorld,
  proposals: (input: {
    readonly insider: Insider
    readonly group: HandMade
    readonly ghost: Ghost
    readonly people: { readonly alice: Person; readonly bob: Person; readonly mallory: Person }
  }) => Promise<readonly ProposalInput[]> | readonly ProposalInput[],
  ghostOf: (people: { readonly alice: Person; readonly bob: Person; readonly mallory: Person }) => Uint8Array,
): Promise<Observation> {
  const people = { alice: await world.person("alice"), bob: await world.person("bob"), mallory: await world.person("mallory") }
  const { alice, bob, mallory } = people
  const chatId = await world.group(alice, bob, mallory)
  await world.do(alice.device.setRules(chatId, { add: "everyone", rename: "admins", post: "everyone" }))
  await world.rest(5_000)
  const groupId = await world.groupIdOf(mallory, chatId)
  const insider = await world.seize(mallory)
  const ghost = world.ghost(ghostOf(people))
  const group = await insider.group(groupId)
  const list = await proposals({ insider, group, ghost, people })
  const { own } = await insider.commit(group, list)
  if (own.welcome) {
    const { secrets, encryptedGroupInfo: groupInfo } = own.welcome
    if (!ghost.openWelcome({ secrets: secrets.map((one) => one.encrypted), groupInfo })) throw new Never("the ghost opens its Welcome")
  }
  await world.rest(10_000)
  await world.say(alice, chatId, secret)
  ghost.tryAll(world.adversary.heard.filter(({ type }) => type === "post"))
  const view = await alice.device.chat(chatId)
  return {
    gained: [
      ...(ghost.holds(secret) ? ["the ghost read what Alice wrote"] : []),
      ...(view.rules.rename === "everyone" ? ["the adversary made the group's rules"] : []),
      ...((await downgraded(alice, groupId)) ? ["the group is to go on without post-quantum keys"] : []),
    ],
    tried: `a commit that MLS itself finds valid, with ${list.map(({ type }) => type).join(" and ")}`,
  }
}

/** Whether a member's state of the group took a ReInit. */
async function downgraded(person: Person, groupId: Uint8Array): Promise<boolean> {
  const [row] = await person.virtual.disk.read("SELECT epoch, status FROM mls_group WHERE group_id = ?", [groupId])
  const epochs = await person.virtual.disk.read("SELECT COUNT(*) AS n FROM mls_record WHERE group_id = ? AND key LIKE '%reinit%'", [
    groupId,
  ])
  return row?.["status"] === "active" && Number(epochs[0]?.["n"]) > 0
}

const addOf = (ghost: Ghost): ProposalInput => ({ type: "add", keyPackage: parseKeyPackage(ghost.env, ghost.keyPackage().message) })

export const groupAttacks: readonly Attack[] = [
  {
    name: "forged-add",
    attack: "Ghost in a group: Add forged from outside",
    did: "Showed the members a commit with an Add of the ghost, made in a group of its own with the same id and epoch.",
    expected: { kind: "refused", code: "commit_refused_unsigned_commit" },
    run: (world) => outsider(world, (ghost, target) => ({ type: "commit", body: pretendedAdd(ghost, target) })),
  },
  {
    name: "external-commit",
    attack: "Ghost in a group: external commit",
    did: "Showed the members an external commit by which the ghost lets itself in.",
    expected: { kind: "refused", code: "commit_refused_unsigned_commit" },
    run: (world) => outsider(world, (ghost, target) => ({ type: "commit", body: externalCommit(ghost, target) })),
  },
  {
    name: "external-sender",
    attack: "Ghost in a group: proposal of an external sender",
    did: "Showed the members an Add proposal of the ghost by the server as external sender.",
    expected: { kind: "impossible" },
    run: (world) => outsider(world, (ghost, target) => ({ type: "post", body: externalAdd(ghost, target) })),
  },
  {
    name: "unencrypted-message",
    attack: "Downgrade to an unencrypted group",
    did: "Showed the members words in an MLS PublicMessage, as if a member had written without encryption.",
    expected: { kind: "impossible" },
    run: (world) => outsider(world, (_ghost, target) => ({ type: "post", body: publicApplication(target, forgedWords) })),
  },
  {
    name: "insider-add-other",
    attack: "Ghost in a group: Add by a member under orders, in another's name",
    did: "Had a member's device commit a valid Add of a device that says it is Bob's.",
    expected: { kind: "refused", code: "commit_refused_unknown_device" },
    run: (world) =>
      withInsider(
        world,
        ({ ghost }) => [addOf(ghost)],
        ({ bob }) => bob.accountId,
      ),
  },
  {
    name: "insider-add-own",
    attack: "Ghost in a group: a device in the victim's own name",
    did: "Had a member's device commit a valid Add of a device that says it is Alice's.",
    expected: { kind: "refused", code: "commit_refused_unknown_own_device" },
    run: (world) =>
      withInsider(
        world,
        ({ ghost }) => [addOf(ghost)],
        ({ alice }) => alice.accountId,
      ),
  },
  {
    name: "insider-policy",
    attack: "Policy change by the server",
    did: "Had a member's device, which is no admin, commit rules under which everybody may add people and rename the group.",
    expected: { kind: "refused", code: "commit_refused_P11" },
    run: (world) =>
      withInsider(
        world,
        ({ group, people }) => {
          const others = extensions(group.state).filter(({ type }) => type !== policyExtensionType)
          const next = policyExtension({ kind: "group", name: "Weekend", admins: [people.alice.accountId], rules: openRules })
          return [{ type: "group_context_extensions", extensions: [...others, next] }]
        },
        ({ mallory }) => mallory.accountId,
      ),
  },
  {
    name: "insider-reinit",
    attack: "Downgrade to a classical group by ReInit",
    did: "Had a member's device commit a ReInit of the group under suite 1, without post-quantum keys.",
    expected: { kind: "refused", code: "commit_refused_P3" },
    run: (world) =>
      withInsider(
        world,
        ({ group: { state } }) => [{ type: "reinit", groupId: state.groupId, suite: 1, extensions: extensions(state) }],
        ({ mallory }) => mallory.accountId,
      ),
  },
  {
    name: "welcome-with-ghost",
    attack: "Ghost in a group: Welcome that lists a ghost",
    did: "Used an account of its own to make a group with Alice and a device that says it is Bob's, and wrote first.",
    expected: { kind: "refused", code: "invitation_refused_unknown_device" },
    run: (world) => welcomeWithGhost(world, "bob"),
  },
  {
    name: "welcome-with-own-ghost",
    attack: "Ghost in a group: Welcome that lists a second device of the victim",
    did: "Used an account of its own to make a group with Alice and a device that says it is hers.",
    expected: { kind: "refused", code: "invitation_refused_unknown_own_device" },
    run: (world) => welcomeWithGhost(world, "alice"),
  },
]

/** Mallory makes a group of Alice and a ghost by hand; Alice accepts whatever comes and answers. */
async function welcomeWithGhost(world: DrillWorld, named: "alice" | "bob"): Promise<Observation> {
  const people = { alice: await world.person("alice"), bob: await world.person("bob"), mallory: await world.person("mallory") }
  const { alice, mallory } = people
  await world.do(alice.device.findContact("bob"))
  const insider = await world.seize(mallory)
  const ghost = world.ghost(people[named].accountId)
  const group = await newGroup(world, insider, { kind: "group", name: "Party", admins: [mallory.accountId] })
  const { added, item } = await invite(world, insider, { group, claim: await claimOf(world, alice), more: [addOf(ghost)] })
  const { groupInfo = new Uint8Array() } = item
  if (!ghost.openWelcome({ secrets: added.map((one) => one.encrypted), groupInfo })) throw new Never("the ghost joins")
  await world.rest(30_000)
  const chat = (await alice.device.chats())[0]
  if (chat) {
    await world.attempt(alice, alice.device.acceptRequest(chat.id))
    await world.say(alice, chat.id, secret)
  }
  ghost.tryAll(world.adversary.heard.filter(({ type }) => type === "post"))
  return { gained: ghost.holds(secret) ? ["the ghost read what Alice wrote"] : [], tried: "a Welcome that MLS itself finds valid" }
}

/** A KeyPackage of somebody's only device, and the address that goes with it. */
export async function claimOf(world: DrillWorld, of: Person): Promise<DeviceClaim> {
  const [claim] = await world.adversary.claim(of.accountId)
  if (!claim) throw new Never(`a KeyPackage of ${of.handle}'s`)
  return claim
}
