// A thief has somebody else's device, or an account of their own. They make groups by hand, and the adversary shows them to people.

import { equal } from "@nodoor/bytes"
import { signAccountState } from "@nodoor/keylog"
import {
  type Environment,
  type GroupId,
  type GroupState,
  type ProposalInput,
  type Signer,
  applyCommit,
  commit,
  createGroup,
  generateKeyPackage,
  members,
  parseKeyPackage,
  protect,
} from "@nodoor/mls"
import { serverCrypto } from "@nodoor/server"
import type { DrillWorld, Person } from "../drill-world.ts"
import { policyExtension } from "./forgery.ts"
import { type Ghost, following, policyExtensionType, suite } from "./ghost.ts"
import { fanoutOf, randomId } from "./adversary-server.ts"

/** Keys and the production engine: all that it takes. */
export interface Hands {
  readonly env: Environment
  readonly signer: Signer
}

/** The owner takes the first device off the account with the phone, while somebody else holds it. */
export async function removeFirst(world: DrillWorld, person: Person, phone: Ghost): Promise<void> {
  const before = await world.adversary.account(person.accountId)
  const rest = before.state.devices.filter(({ deviceId }) => !equal(deviceId, person.deviceId))
  const state = following(before, rest)
  const signers = [{ deviceId: phone.deviceId, privateKey: phone.signer.privateKey }]
  await world.adversary.appendLinked(state, signAccountState(serverCrypto, { state, signers }))
  await world.rest(3_000)
}

export function newGroup(hands: Hands, policy: Parameters<typeof policyExtension>[0], groupId: Uint8Array = anyGroupId()): GroupState {
  const extensions = [policyExtension(policy)]
  const made = createGroup(hands.env, {
    suite,
    groupId: groupId as GroupId,
    signer: hands.signer,
    extensions,
    extensionTypes: [policyExtensionType],
  })
  return made.state
}

export function addOf(hands: Hands, keyPackage: Uint8Array): ProposalInput {
  return { type: "add", keyPackage: parseKeyPackage(hands.env, keyPackage) }
}

/** A KeyPackage of the hands' own. */
export function keyPackageOf(hands: Hands): Uint8Array {
  const input = { suite, signer: hands.signer, lifetimeS: 86_400, lastResort: false, extensionTypes: [policyExtensionType] } as const
  return generateKeyPackage(hands.env, input).message
}

/** Makes a group with `keyPackage` and whoever else `more` adds, and shows the person who left it the Welcome. */
export function invite(
  world: DrillWorld,
  hands: Hands,
  {
    person,
    state,
    keyPackage,
    more = [],
  }: { readonly person: Person; readonly state: GroupState; readonly keyPackage: Uint8Array; readonly more?: readonly ProposalInput[] },
): GroupState {
  const own = commit(hands.env, state, { proposals: [addOf(hands, keyPackage), ...more], signer: hands.signer })
  const next = applyCommit(hands.env, state, own.staged).state
  world.adversary.takePostsOf(state.groupId)
  person.mailbox.inject({
    kind: "welcome",
    seq: 0,
    groupId: state.groupId,
    order: 1,
    timeMs: world.time.nowMs(),
    body: own.welcome?.secrets[0]?.encrypted ?? new Uint8Array(),
    groupInfo: own.welcome?.encryptedGroupInfo ?? new Uint8Array(),
    fanout: fanoutOf(members(next).map(({ identity }) => identity.slice(-16))),
  })
  return next
}

/** Shows a person a message in the group. */
export function say(
  world: DrillWorld,
  hands: Hands,
  {
    person,
    state,
    plaintext,
    order,
  }: { readonly person: Person; readonly state: GroupState; readonly plaintext: Uint8Array; readonly order: number },
): void {
  const { message: body } = protect(hands.env, state, { plaintext, signer: hands.signer })
  person.mailbox.inject({ kind: "post", seq: 0, groupId: state.groupId, order, timeMs: world.time.nowMs(), body })
}

function anyGroupId(): Uint8Array {
  return new Uint8Array([...randomId(), ...randomId()])
}
