// Ending accounts that live, in the log that erases what it holds of those that ended.

import { equal, toHex } from "@nodoor/bytes"
import {
  type LabelAnswer,
  accountLabel,
  accountStateHash,
  decodeSearchResponse,
  decodeSignedAccountState,
  encodeAccountState,
  encodeSearchResponse,
  handleLabel,
  signAccountState,
} from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { logSearch } from "@nodoor/wire"
import type { Attack } from "../attack.ts"
import { following } from "../adversary/ghost.ts"

const hourMs = 3_600_000

export const endingAttacks: readonly Attack[] = [
  {
    name: "living-erased",
    attack: "Living account shown as erased",
    did: "Answered Alice's search for @bob as if the states of his account had been erased, with its living state in the place of its end.",
    expected: { kind: "refused", code: "identity_erased_living" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      world.adversary.on(logSearch, async (_request, honest) => {
        const decoded = decodeSearchResponse((await honest()).response)
        return { response: encodeSearchResponse({ ...decoded, answers: decoded.answers.map((one) => erasedAs(bob.accountId, one)) }) }
      })
      const found = await world.attempt(alice, alice.device.findContact("bob"))
      await world.rest(10_000)
      return { gained: found ? ["Alice took what she was shown for Bob's account"] : [], tried: "Alice looked for @bob" }
    },
  },
  {
    name: "ended-behind-owner",
    attack: "Account ended behind its owner's back",
    did: "Logged two versions of Bob's account that none of his devices signed, the second an end without keys, and erased how it came to that.",
    expected: { kind: "detected", code: "own_account_ended" },
    run: async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      const chatId = await world.chat(alice, bob)
      const before = await world.adversary.account(bob.accountId)
      const ghost = world.ghost(bob.accountId, bob.deviceId)
      const signers = [{ deviceId: ghost.deviceId, privateKey: ghost.signer.privateKey }]
      const next = following(before, before.state.devices)
      const stateHash = accountStateHash(serverCrypto, encodeAccountState(next))
      const end = { ...following({ state: next, stateHash }, []), kind: "tombstone" as const, recoveryKey: undefined }
      for (const state of [next, end]) {
        const { accountId, version } = state
        const row = { order: 0, accountId, version, state: signAccountState(serverCrypto, { state, signers }), handle: undefined }
        world.adversary.log.more = [row]
        await world.adversary.publishLog()
      }
      world.adversary.log.keeper.eraseEnded({ account: accountLabel(before.state.accountId), handle: handleLabel("bob") })
      await world.rest(2 * hourMs)
      const chat = await alice.device.chat(chatId)
      const known = await alice.device.contact(toHex(bob.accountId))
      return {
        gained: [
          ...(chat.state === "left" ? ["nobody can write to Bob any more"] : []),
          ...(known.deviceCount > 0 ? ["Alice knows other devices of Bob's"] : []),
        ],
        tried: "two hours",
      }
    },
  },
]

/** The answer about that account as if it had ended: its state stands where its end would. Others stay as they are. */
function erasedAs(accountId: Uint8Array, answer: LabelAnswer): LabelAnswer {
  if (answer.status !== "present" || answer.states.length > 0 || !isStateOf(accountId, answer.value)) return answer
  const { version, opening, value, vrfProofs } = answer
  return { status: "erased", version, tombstone: { opening, value }, vrfProofs }
}

function isStateOf(accountId: Uint8Array, value: Uint8Array): boolean {
  try {
    return equal(decodeSignedAccountState(value).state.accountId, accountId)
  } catch {
    return false // a handle's binding
  }
}
