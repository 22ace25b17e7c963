// A thief has somebody else's device, or an account of their own, and makes groups by hand.

import { equal } from "@nodoor/bytes"
import { signAccountState } from "@nodoor/keylog"
import { type Extension, type GroupId, type ProposalInput, generateKeyPackage, parseKeyPackage, protect } from "@nodoor/mls"
import { serverCrypto } from "@nodoor/server"
import type { DeviceClaim } from "@nodoor/wire"
import type { DrillWorld, Person } from "../drill-world.ts"
import { randomId } from "./random-id.ts"
import { policyExtension } from "./forgery.ts"
import { type Ghost, following } from "./ghost.ts"
import { type Deviation, type HandMade, type Hands, type MadeCommit, commitByHand, foundGroup, postByHand } from "./hand-made-group.ts"
import { type Adder, type IntroductionDeviation, sealIntroduction } from "./introductions.ts"
import { suite, understood } from "./leaf.ts"

/** The owner takes the first device off the account with the phone, while somebody else holds it. */
export async function removeFirst(world: DrillWorld, person: Person, phone: Ghost): Promise<void> {
  const before = await world.adversary.account(person.accountId)
  const rest = before.state.devices.filter(({ deviceId }) => !equal(deviceId, person.deviceId))
  const state = following(before, rest)
  const signers = [{ deviceId: phone.deviceId, privateKey: phone.signer.privateKey }]
  await world.adversary.appendLinked(state, signAccountState(serverCrypto, { state, signers }))
  await world.rest(3_000)
}

/** A group of one, which the server knows. */
export async function newGroup(
  world: DrillWorld,
  hands: Hands,
  policy: Parameters<typeof policyExtension>[0] | Extension,
  groupId: Uint8Array = anyGroupId(),
): Promise<HandMade> {
  const { held, item } = foundGroup(hands, groupId as GroupId, ["data" in policy ? policy : policyExtension(policy)])
  await world.adversary.hand(item)
  return held
}

export function addOf(hands: Hands, keyPackage: Uint8Array): ProposalInput {
  return { type: "add", keyPackage: parseKeyPackage(hands.env, keyPackage) }
}

/** A KeyPackage of the hands' own. */
export function keyPackageOf(hands: Hands): Uint8Array {
  return generateKeyPackage(hands.env, { suite, signer: hands.signer, lifetimeS: 86_400, lastResort: false, ...understood }).message
}

/** Adds the person whose KeyPackage was claimed, and whoever else `more` adds, and introduces that person. */
export async function invite(
  world: DrillWorld,
  hands: Adder,
  {
    group,
    claim,
    more = [],
    commit = {},
    introduction = {},
  }: {
    readonly group: HandMade
    readonly claim: DeviceClaim
    readonly more?: readonly ProposalInput[]
    readonly commit?: Deviation
    readonly introduction?: IntroductionDeviation
  },
): Promise<MadeCommit> {
  const made = commitByHand(hands, group, [addOf(hands, claim.keyPackage), ...more], commit)
  await world.adversary.hand(made.item)
  const [first] = made.added
  if (first) await world.adversary.leave(claim.address, sealIntroduction(hands, made.item.groupId, first, introduction))
  return made
}

/** Writes into the group. */
export async function say(world: DrillWorld, hands: Hands, group: HandMade, plaintext: Uint8Array): Promise<void> {
  const { message } = protect(hands.env, group.state, { plaintext, signer: hands.signer })
  await world.adversary.hand(postByHand(hands.env, group.state, message))
}

function anyGroupId(): Uint8Array {
  return new Uint8Array([...randomId(), ...randomId()])
}
