// Other keys in somebody's name: in the account's chain, and in what is handed out to those who want to write.

import { equal } from "@nodoor/bytes"
import { serverCrypto } from "@nodoor/server"
import { signAccountState } from "@nodoor/keylog"
import { claimDevices } from "@nodoor/wire"
import type { Attack, Observation } from "../attack.ts"
import type { DrillWorld, Person } from "../drill-world.ts"
import { type Ghost, following } from "../adversary/ghost.ts"
import { randomId } from "../adversary/random-id.ts"
import { stock } from "../adversary/stolen-phone.ts"

const secret = "only-for-bob"

/** Alice makes a group with Bob, whatever the server says about him now, and writes into it. */
export async function writeToBob(
  world: DrillWorld,
  { alice, bob, ghost }: { alice: Person; bob: Person; ghost: Ghost },
): Promise<Observation> {
  const contact = await world.attempt(alice, alice.device.findContact("bob"))
  const accountId = contact?.accountId ?? Buffer.from(bob.accountId).toString("hex")
  const chat = await world.attempt(alice, alice.device.createGroup({ name: "Plans", accountIds: [accountId] }))
  await world.rest(10_000)
  if (chat) await world.say(alice, chat.id, secret)
  await world.rest(10_000)
  ghost.tryAll(world.adversary.heard)
  const gained = ghost.holds(secret) ? ["the ghost read what Alice wrote to Bob"] : []
  return { gained, tried: `the ghost tried its keys in vain ${ghost.failures} times` }
}

/** Bob, known to Alice; then a new state of his account, signed by the ghost alone. */
async function unsignedChain(world: DrillWorld, kind: "added" | "swapped"): Promise<Observation> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  await world.chat(alice, bob)
  const before = await world.adversary.account(bob.accountId)
  const ghost = world.ghost(bob.accountId, kind === "swapped" ? bob.deviceId : undefined)
  const devices = kind === "swapped" ? [ghost.listed(0)] : [...before.state.devices, ghost.listed(1)]
  const state = following(before, devices)
  const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
  await world.adversary.appendUnchecked(state, signAccountState(serverCrypto, { state, signers }))
  await stock(world, ghost)
  if (kind === "swapped") onlyTheGhosts(world, ghost)
  await world.rest(3_000)
  return await writeToBob(world, { alice, bob, ghost })
}

/** Whoever asks for the KeyPackages of the ghost's account gets the ghost's. */
export function onlyTheGhosts(world: DrillWorld, ghost: Ghost, { classical = false }: { readonly classical?: boolean } = {}): void {
  world.adversary.on(claimDevices, async (_request, honest) => {
    const { claims, refused } = await honest()
    const shown = claims.flatMap((claim) => {
      if (!equal(claim.accountId, ghost.accountId)) return [claim]
      return equal(claim.deviceId, ghost.deviceId) ? [{ ...claim, keyPackage: ghost.keyPackage({ classical }).message }] : []
    })
    return { claims: shown, refused }
  })
}

export const identityAttacks: readonly Attack[] = [
  {
    name: "ghost-unsigned",
    attack: "Ghost device on an account, unsigned",
    did: "Wrote a state of Bob's account with a second device into database and log, signed by that device alone, and stocked its KeyPackages.",
    expected: { kind: "refused", code: "identity_account_unsigned" },
    run: (world) => unsignedChain(world, "added"),
  },
  {
    name: "key-swap",
    attack: "Key swap on a known account",
    did: "Wrote a state of Bob's account with the same device and another key into database and log, and handed out the ghost's KeyPackages.",
    expected: { kind: "refused", code: "identity_account_device_changed" },
    run: (world) => unsignedChain(world, "swapped"),
  },
  {
    name: "key-package-substitution",
    attack: "KeyPackage substitution",
    did: "Answered a claim for Bob's device with a KeyPackage in its name, signed with a key that the adversary made.",
    expected: { kind: "refused", code: "change_failed_identity_untrusted" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const ghost = world.ghost(bob.accountId, bob.deviceId)
      onlyTheGhosts(world, ghost)
      return await writeToBob(world, { alice, bob, ghost })
    },
  },
  {
    name: "classical-key-package",
    attack: "Downgrade to a classical group by a KeyPackage",
    did: "Answered a claim for Bob's device with a KeyPackage of suite 1, without post-quantum keys.",
    expected: { kind: "refused", code: "change_failed_identity_untrusted" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const ghost = world.ghost(bob.accountId, bob.deviceId)
      onlyTheGhosts(world, ghost, { classical: true })
      return await writeToBob(world, { alice, bob, ghost })
    },
  },
  {
    name: "garbage-key-package",
    attack: "KeyPackage that is none",
    did: "Answered a claim for Bob's device with random bytes.",
    expected: { kind: "refused", code: "change_failed_identity_untrusted" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const ghost = world.ghost(bob.accountId, bob.deviceId)
      world.adversary.on(claimDevices, async (_request, honest) => {
        const { claims, refused } = await honest()
        return { claims: claims.map((claim) => ({ ...claim, keyPackage: randomId() })), refused }
      })
      return await writeToBob(world, { alice, bob, ghost })
    },
  },
]
