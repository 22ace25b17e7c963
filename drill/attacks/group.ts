// A ghost in a group: through MLS's entries for outsiders, through the Welcome, and through a member who obeys the adversary.

import { type GroupId, type GroupState, type ProposalInput, createGroup, extensions, parseKeyPackage } from "@nodoor/mls"
import { claimKeyPackages, sessionChallenge, session, sessionSignatureInput } from "@nodoor/wire"
import { serverCrypto } from "@nodoor/server"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person, texts } from "../drill-world.ts"
import { externalAdd, externalCommit, policyExtension, pretendedAdd, publicApplication } from "../adversary/forgery.ts"
import { type Ghost, policyExtensionType, suite } from "../adversary/ghost.ts"
import type { Insider } from "../adversary/insider.ts"
import { fanoutOf, origin, randomId } from "../adversary/adversary-server.ts"
import type { BodyRecord } from "../adversary/shown-mailbox.ts"

const secret = "not-for-strangers"

/** The place of the next body of a group in a person's mailbox, with the bytes the adversary puts there. */
export function nextRecord(
  world: DrillWorld,
  { person, groupId }: { readonly person: Person; readonly groupId: Uint8Array },
  content:
    | { readonly kind: "post"; readonly body: Uint8Array }
    | { readonly kind: "commit"; readonly body: Uint8Array; readonly fanout: Uint8Array },
): BodyRecord {
  const order = Math.max(0, ...person.mailbox.of(groupId).map((record) => record.order)) + 1
  return { ...content, seq: 0, groupId, order, timeMs: world.time.nowMs() }
}

/** Two people in a group, and bytes by an outsider that want a ghost let in; then one of them writes. */
async function outsider(
  world: DrillWorld,
  forge: (
    ghost: Ghost,
    target: { readonly groupId: Uint8Array; readonly epoch: bigint },
  ) => { readonly kind: "post" | "commit"; readonly body: Uint8Array },
): Promise<Observation> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const chatId = await world.group(alice, bob)
  const groupId = await world.groupIdOf(alice, chatId)
  const ghost = world.ghost(bob.accountId)
  const [row] = await alice.virtual.disk.read("SELECT epoch FROM mls_group WHERE group_id = ?", [groupId])
  const forged = forge(ghost, { groupId, epoch: BigInt(Number(row?.["epoch"])) })
  const fanout = fanoutOf([alice.deviceId, bob.deviceId, ghost.deviceId])
  for (const person of [alice, bob]) {
    const { kind, body } = forged
    person.mailbox.inject(nextRecord(world, { person, groupId }, kind === "post" ? { kind, body } : { kind, body, fanout }))
    person.mailbox.shiftOrders(groupId, 1)
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
    readonly state: GroupState
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
  const state = await insider.group(groupId)
  const list = await proposals({ insider, state, ghost, people })
  // The adversary answers for the delivery list too, and names the devices that the tree would name.
  const named = list.some(({ type }) => type === "add") ? [...insider.mailboxes(state), ghost.deviceId] : insider.mailboxes(state)
  for (const person of [alice, bob])
    person.mailbox.tamper = (record) => [record.kind === "commit" ? { ...record, fanout: fanoutOf(named) } : record]
  const { own } = await insider.commit(state, list)
  if (own.welcome) {
    const { secrets, encryptedGroupInfo: groupInfo } = own.welcome
    if (!ghost.openWelcome({ secrets: secrets.map((one) => one.encrypted), groupInfo })) throw new Never("the ghost opens its Welcome")
  }
  await world.rest(10_000)
  await world.say(alice, chatId, secret)
  ghost.tryAll(world.adversary.heard.filter(({ kind }) => kind === "post"))
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
    expected: { kind: "refused", code: "commit_refused_sender_data" },
    run: (world) => outsider(world, (ghost, target) => ({ kind: "commit", body: pretendedAdd(ghost, target) })),
  },
  {
    name: "external-commit",
    attack: "Ghost in a group: external commit",
    did: "Showed the members an external commit by which the ghost lets itself in.",
    expected: { kind: "refused", code: "commit_refused_external_commit_refused" },
    run: (world) => outsider(world, (ghost, target) => ({ kind: "commit", body: externalCommit(ghost, target) })),
  },
  {
    name: "external-sender",
    attack: "Ghost in a group: proposal of an external sender",
    did: "Showed the members an Add proposal of the ghost by the server as external sender.",
    expected: { kind: "refused", code: "external_proposal_refused" },
    run: (world) => outsider(world, (ghost, target) => ({ kind: "post", body: externalAdd(ghost, target) })),
  },
  {
    name: "unencrypted-message",
    attack: "Downgrade to an unencrypted group",
    did: "Showed the members words in an MLS PublicMessage, as if a member had written without encryption.",
    expected: { kind: "refused", code: "public_application" },
    run: (world) => outsider(world, (_ghost, target) => ({ kind: "post", body: publicApplication(target, forgedWords) })),
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
        ({ state, people }) => {
          const others = extensions(state).filter(({ type }) => type !== policyExtensionType)
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
        ({ state }) => [{ type: "reinit", groupId: state.groupId, suite: 1, extensions: extensions(state) }],
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
  const groupId = new Uint8Array([...randomId(), ...randomId()]) as GroupId
  const { env, signer } = insider
  const policy = policyExtension({ kind: "group", name: "Party", admins: [mallory.accountId] })
  const state = createGroup(env, { suite, groupId, signer, extensions: [policy], extensionTypes: [policyExtensionType] }).state
  const keyPackage = parseKeyPackage(env, (await claimAs(world, insider, alice)).keyPackage)
  const { own, next } = await insider.commit(state, [{ type: "add", keyPackage }, addOf(ghost)])
  const { secrets = [], encryptedGroupInfo = new Uint8Array() } = own.welcome ?? {}
  if (!ghost.openWelcome({ secrets: secrets.map((one) => one.encrypted), groupInfo: encryptedGroupInfo }))
    throw new Never("the ghost joins")
  world.adversary.takePostsOf(groupId)
  const placed = { seq: 0, groupId, order: 1, timeMs: world.time.nowMs() }
  alice.mailbox.inject({
    ...placed,
    kind: "welcome",
    body: secrets[0]?.encrypted ?? new Uint8Array(),
    groupInfo: encryptedGroupInfo,
    fanout: fanoutOf(insider.mailboxes(next)),
  })
  await world.rest(30_000)
  const chat = (await alice.device.chats())[0]
  if (chat) {
    await world.attempt(alice, alice.device.acceptRequest(chat.id))
    await world.say(alice, chat.id, secret)
  }
  ghost.tryAll(world.adversary.heard.filter(({ kind }) => kind === "post"))
  return { gained: ghost.holds(secret) ? ["the ghost read what Alice wrote"] : [], tried: "a Welcome that MLS itself finds valid" }
}

/** A KeyPackage of somebody and the token that goes with it, claimed with the insider's own session. */
export async function claimAs(
  world: DrillWorld,
  insider: Insider,
  of: Person,
): Promise<{ readonly keyPackage: Uint8Array; readonly token: Uint8Array }> {
  const { challenge } = (await world.adversary.ask(sessionChallenge, { deviceId: insider.deviceId })) ?? {}
  if (!challenge) throw new Never("a challenge")
  const message = sessionSignatureInput({ origin, challenge, deviceId: insider.deviceId })
  const signature = serverCrypto.signEd25519({ privateKey: insider.signer.privateKey, message })
  const opened = await world.adversary.ask(session, { deviceId: insider.deviceId, challenge, signature })
  const claimed = await world.adversary.ask(claimKeyPackages, { accountId: of.accountId }, opened?.token)
  const { keyPackage, token } = claimed?.claims[0] ?? {}
  if (!keyPackage || !token) throw new Never("a KeyPackage of Alice's")
  return { keyPackage, token }
}
