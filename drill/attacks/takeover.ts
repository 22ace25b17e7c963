// Taking an account over in the log itself: by a reset, by a first entry that is not its owner's, by its handle.

import { toHex } from "@nodoor/bytes"
import { type AccountState, accountStateHash, encodeAccountState, genesisState, signAccountState, signHandleBinding } from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import type { Attack, Observation } from "../attack.ts"
import { type DrillWorld, Never, type Person } from "../drill-world.ts"
import { type Ghost, following } from "../adversary/ghost.ts"
import { origin } from "../adversary/adversary-server.ts"
import { stock } from "../adversary/stolen-phone.ts"
import { onlyTheGhosts, writeToBob } from "./identity.ts"

const hourMs = 3_600_000
const secret = "only-for-the-real-bob"

/** Starts an account over with the ghost as its only device: the one thing that needs no signature of a device from before. */
async function resetTo(world: DrillWorld, person: Person): Promise<Ghost> {
  const before = await world.adversary.account(person.accountId)
  const ghost = world.ghost(person.accountId)
  const state = following(before, [ghost.listed(before.state.version + 1)], "reset")
  const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
  await stock(world, ghost)
  onlyTheGhosts(world, ghost)
  await world.adversary.appendUnchecked(state, signAccountState(serverCrypto, { state, signers }))
  return ghost
}

/** A hard reset that brings a recovery key, and a reset that this key signs: nobody of the account ever had a say. */
async function resetTwice(world: DrillWorld, person: Person): Promise<Ghost> {
  const before = await world.adversary.account(person.accountId)
  const [first, second, recovery] = [world.ghost(person.accountId), world.ghost(person.accountId), world.ghost(person.accountId)]
  const one = {
    ...following(before, [first.listed(before.state.version + 1)], "reset"),
    recoveryKey: recovery.signer.publicKey,
  }
  const signers = [{ deviceId: first.deviceId, privateKey: first.signer.privateKey }]
  await world.adversary.appendUnchecked(one, signAccountState(serverCrypto, { state: one, signers }))
  const stateHash = accountStateHash(serverCrypto, encodeAccountState(one))
  const two = following({ state: one, stateHash }, [second.listed(one.version + 1)], "reset")
  await stock(world, second)
  onlyTheGhosts(world, second)
  const state = signAccountState(serverCrypto, {
    state: two,
    signers: [{ deviceId: second.deviceId, privateKey: second.signer.privateKey }],
    recoveryPrivateKey: recovery.signer.privateKey,
  })
  await world.adversary.appendUnchecked(two, state)
  return second
}

/** Alice writes into her chat with Bob again and again while time passes. */
async function writeForHours(world: DrillWorld, { alice, chatId, hours }: { alice: Person; chatId: string; hours: number }): Promise<void> {
  for (let at = 0; at < hours; at++) {
    await world.rest(hourMs)
    await world.say(alice, chatId, `${secret} ${at}`)
  }
}

function readBy(world: DrillWorld, ghost: Ghost, what: string): string[] {
  ghost.tryAll(world.adversary.heard)
  return ghost.holds(secret) ? [what] : []
}

/** The adversary logs this account in place of one that registers. It has the same ids, and the ghost's key. */
function falseGenesis(ghost: Ghost): { readonly state: AccountState; readonly signed: Uint8Array } {
  const state = genesisState({ origin, accountId: ghost.accountId, device: ghost.listed(0), recoveryKey: undefined })
  const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
  return { state, signed: signAccountState(serverCrypto, { state, signers }) }
}

function bindTo(ghost: Ghost, handle: string, state: AccountState): Uint8Array {
  const genesisHash = accountStateHash(serverCrypto, encodeAccountState(state))
  const { accountId, deviceId } = ghost
  return signHandleBinding(serverCrypto, { origin, handle, accountId, genesisHash, deviceId }, ghost.signer.privateKey)
}

export const takeoverAttacks: readonly Attack[] = [
  {
    name: "ghost-hard-reset",
    attack: "Ghost device through a hard reset",
    did: "Logged a reset of Bob's account, which is from before recovery keys, to the ghost alone, kept his own device connected, and waited for twenty hours.",
    expected: { kind: "refused", code: "own_account_replaced" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
      const chatId = await world.chat(alice, bob)
      const ghost = await resetTo(world, bob)
      await writeForHours(world, { alice, chatId, hours: 20 })
      return { gained: readBy(world, ghost, "the ghost read what Alice wrote to Bob"), tried: "Alice wrote every hour for twenty hours" }
    },
  },
  {
    name: "ghost-hard-reset-waiting",
    attack: "Ghost device through a hard reset, waiting out the delay",
    did: "As before, and went on for thirty hours.",
    expected: { kind: "detected", code: "own_account_replaced" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
      const chatId = await world.chat(alice, bob)
      const ghost = await resetTo(world, bob)
      await writeForHours(world, { alice, chatId, hours: 30 })
      return {
        gained: readBy(world, ghost, "the ghost read what Alice wrote after a day"),
        tried: "Alice wrote every hour for thirty hours",
      }
    },
  },
  {
    name: "ghost-reset-with-key",
    attack: "Ghost device through a reset of an account with a recovery key",
    did: "Logged a reset of Bob's account to the ghost alone, without the recovery key that it has, and went on for thirty hours.",
    expected: { kind: "refused", code: "identity_account_recovery_unsigned" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      const ghost = await resetTo(world, bob)
      await writeForHours(world, { alice, chatId, hours: 30 })
      return { gained: readBy(world, ghost, "the ghost read what Alice wrote to Bob"), tried: "Alice wrote every hour for thirty hours" }
    },
  },
  {
    name: "ghost-reset-verified",
    attack: "Ghost device through a hard reset of somebody who was verified",
    did: "As with the hard reset, three days long, of a Bob from before recovery keys whom Alice had verified.",
    expected: { kind: "refused", code: "contact_reset_verified" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
      const chatId = await world.chat(alice, bob)
      await world.do(alice.device.setVerified(toHex(bob.accountId), true))
      const groupId = await world.do(alice.device.createGroup({ name: "Two", accountIds: [toHex(bob.accountId)] }))
      await world.rest(5_000)
      const ghost = await resetTo(world, bob)
      for (let day = 0; day < 3; day++) {
        await writeForHours(world, { alice, chatId, hours: 24 })
        await world.attempt(alice, alice.device.addMembers(groupId.id, [toHex(bob.accountId)]))
        await world.say(alice, groupId.id, secret)
      }
      return { gained: readBy(world, ghost, "the ghost read what Alice wrote to Bob"), tried: "Alice wrote every hour for three days" }
    },
  },
  {
    name: "ghost-reset-twice",
    attack: "Hold of a hard reset shaken off by a second reset",
    did: "Logged a hard reset to a ghost with a recovery key that the adversary made, then a reset to another ghost signed by that key.",
    expected: { kind: "refused", code: "contact_reset" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
      const chatId = await world.chat(alice, bob)
      const ghost = await resetTwice(world, bob)
      await writeForHours(world, { alice, chatId, hours: 20 })
      return { gained: readBy(world, ghost, "the ghost read what Alice wrote to Bob"), tried: "Alice wrote every hour for twenty hours" }
    },
  },
  {
    name: "swap-and-back",
    attack: "Swap and swap back while the owner is away",
    did: "With Bob offline for two days, reset his account to the ghost, let it read, and logged a further version with his own device again.",
    expected: { kind: "detected", code: "own_account_no_possession" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
      const chatId = await world.chat(alice, bob)
      const before = await world.adversary.account(bob.accountId)
      bob.virtual.reachable = false
      const ghost = await resetTo(world, bob)
      await writeForHours(world, { alice, chatId, hours: 30 })
      const first = following(before, [ghost.listed(1)], "reset")
      const stateHash = accountStateHash(serverCrypto, encodeAccountState(first))
      const device = before.state.devices[0]
      if (!device) throw new Never("bob has a device")
      const back = following({ state: first, stateHash }, [{ ...device, addedVersion: 2 }])
      const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
      await world.adversary.appendUnchecked(back, signAccountState(serverCrypto, { state: back, signers }))
      const told = world.signs.some(({ who }) => who === "bob")
      if (told) throw new Never("bob is away")
      bob.virtual.reachable = true
      await world.rest(2 * hourMs)
      return { gained: readBy(world, ghost, "the ghost read what Alice wrote while Bob was away"), tried: "two versions in two days" }
    },
  },
  {
    name: "false-genesis",
    attack: "Key swap before the first contact",
    did: "Logged another first version in the place of Bob's when he registered, and handed out the ghost's KeyPackages.",
    expected: { kind: "detected", code: "own_value_changed" },
    run: async (world) => {
      const alice = await world.person("alice")
      const made: { ghost?: Ghost } = {}
      world.adversary.log.tamper = (row) => {
        if (row.handle?.name !== "bob") return row
        const device = world.adversary.rows("SELECT device_id FROM devices WHERE account_id = ?", row.accountId)[0]
        const ghost = world.ghost(row.accountId, device?.["device_id"] as Uint8Array)
        const { state, signed } = falseGenesis(ghost)
        made.ghost = ghost
        return { ...row, state: signed, handle: { name: "bob", binding: bindTo(ghost, "bob", state) } }
      }
      const bob = await world.person("bob")
      const { ghost } = made
      if (!ghost) throw new Never("bob's row comes to the log")
      onlyTheGhosts(world, ghost)
      return await writeToBob(world, { alice, bob, ghost })
    },
  },
  {
    name: "handle-remapped",
    attack: "Handle remapped",
    did: "Bound @bob to an account of its own in the log, and kept Bob's own binding out of it.",
    expected: { kind: "detected", code: "own_handle_account" },
    run: async (world) => {
      const alice = await world.person("alice")
      const ghost = world.ghost(new Uint8Array(16).fill(7))
      const { state, signed } = falseGenesis(ghost)
      const binding = bindTo(ghost, "bob", state)
      world.adversary.log.tamper = (row) => {
        if (row.handle?.name === "bob") return toHex(row.accountId) === toHex(ghost.accountId) ? row : { ...row, handle: undefined }
        return row
      }
      world.adversary.log.more = [{ order: 0, accountId: ghost.accountId, version: 0, state: signed, handle: { name: "bob", binding } }]
      await world.adversary.publishLog()
      const bob = await world.person("bob")
      const { accountId, deviceId } = ghost
      world.adversary.sql(
        "INSERT INTO accounts (account_id, handle, holder_name, created_at_ms, last_seen_day, handle_binding, verified_state) VALUES (?, 'nobody', '', 0, '', ?, ?)",
        accountId,
        binding,
        signed,
      )
      world.adversary.sql(
        "INSERT INTO devices (device_id, account_id, signature_key) VALUES (?, ?, ?)",
        deviceId,
        accountId,
        ghost.signer.publicKey,
      )
      await stock(world, ghost)
      const contact = await world.attempt(alice, alice.device.findContact("bob"))
      const led = contact?.accountId === toHex(ghost.accountId)
      const observed: Observation = await writeToBob(world, { alice, bob, ghost })
      return { ...observed, gained: [...(led ? ["Alice takes the adversary's account for Bob's"] : []), ...observed.gained] }
    },
  },
]
