// Starting somebody's account over without their words. The server in these rows is the honest one.

import { equal } from "@nodoor/bytes"
import { signAccountState } from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { encodeMessage, recoverAccount } from "@nodoor/wire"
import type { Attack } from "../attack.ts"
import { following } from "../adversary/ghost.ts"
import type { DrillWorld, Person } from "../drill-world.ts"
import { writeToBob } from "./identity.ts"

/** A stranger sends a reset of the account to themselves, with what they have in place of the recovery key. */
async function startOver(world: DrillWorld, person: Person, signedBy: "nobody" | "another key"): Promise<string[]> {
  const before = await world.adversary.account(person.accountId)
  const [ghost, key] = [world.ghost(person.accountId), world.ghost(person.accountId)]
  const state = following(before, [ghost.listed(before.state.version + 1)], "reset")
  const signed = signAccountState(serverCrypto, {
    state,
    signers: [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }],
    recoveryPrivateKey: signedBy === "nobody" ? undefined : key.signer.privateKey,
  })
  await world.do(world.adversary.delivery.handle(recoverAccount.path, { address: "192.0.2.66" }, encodeMessage({ state: signed })))
  await world.rest(3_000)
  const after = await world.adversary.account(person.accountId)
  return after.state.devices.some(({ deviceId }) => equal(deviceId, ghost.deviceId)) ? [`${person.handle}'s account is the stranger's`] : []
}

export const recoveryAttacks: readonly Attack[] = [
  {
    name: "recovery-without-key",
    attack: "a recovery by somebody without the key",
    did: "a stranger sent the server resets of two accounts: one with another key's signature, one of an account from before recovery keys with none",
    expected: { kind: "impossible" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const carol = await world.person("carol", { older: true })
      await world.chat(alice, bob)
      const gained = [...(await startOver(world, bob, "another key")), ...(await startOver(world, carol, "nobody"))]
      const ghost = world.ghost(bob.accountId)
      const written = await writeToBob(world, { alice, bob, ghost })
      return { gained: [...gained, ...written.gained], tried: `the server refused both; ${written.tried}` }
    },
  },
]
