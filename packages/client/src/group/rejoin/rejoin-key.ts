// The key of an epoch with which a member who cannot go on seals its request to be let in again. All members of the epoch have it, and keep it for
// as long as bodies wait at the server: who stands at an old epoch can still ask.

import { concat, encodeTls, equal, toHex, toUtf8 } from "@nodoor/bytes"
import { type Environment, type GroupState, exportSecret, extensions, members } from "@nodoor/mls"
import { hashBytes } from "@nodoor/wire"
import { type Policy, encodePolicy, policyOf, roleOf } from "../../core/policy.ts"
import type { Transaction } from "../../core/transaction.ts"
import { hasAnybodyComeSince } from "../../store/group/membership.ts"
import type { Reader } from "../../store/reader.ts"
import { type RejoinKey, deleteRejoinKeysBefore, findNewestRejoinKey, saveRejoinKey } from "../../store/rejoin/rejoin-keys.ts"
import { identify } from "../../trust/trust.ts"

/** As long as the server keeps what nobody fetched, and a day for clocks. */
export const rejoinKeptMs: number = 31 * 86_400_000

/** MLS-Exporter("nodoor rejoin", epoch as uint64, 32) (RFC 9420 §8.5). */
export function rejoinKey(env: Environment, state: GroupState): Uint8Array {
  const context = encodeTls((w) => w.u64(state.epoch))
  return exportSecret(env, state, { label: "nodoor rejoin", context, lengthBytes: 32 })
}

/**
 * Whether what a member says of the group now is enough for a device that knows it as it was in an older epoch (`isReadmissionVouchedFor`): for
 * more than that its own rules have stayed, and that nobody came, the device wants an admin.
 */
export async function isWordEnough(
  reader: Reader,
  { groupId, policy }: { readonly groupId: Uint8Array; readonly policy: Policy },
  { asked, account }: { readonly asked: RejoinKey; readonly account: Uint8Array },
): Promise<boolean> {
  if (policy.kind !== "group" || roleOf(policy, account) === "admin") return true
  const [then, now] = [asked.shape, (await findNewestRejoinKey(reader, groupId))?.shape]
  if (!then || !now || !equal(then.subarray(0, hashBytes), now.subarray(0, hashBytes))) return false
  return equal(then, now) || !(await hasAnybodyComeSince(reader, { groupId, epoch: asked.epoch }))
}

/** SHA-256 of the policy but for the name, then of who is there. */
function shapeOf({ crypto }: Environment, state: GroupState): Uint8Array {
  const accounts = members(state).map((member) => toHex(identify(member).accountId))
  const policy = encodePolicy({ ...policyOf(extensions(state)), name: "", picture: undefined })
  return concat(crypto.sha256(policy), crypto.sha256(toUtf8([...new Set(accounts)].toSorted().join())))
}

/** An epoch begins on this device. */
export function keepRejoinKey(tx: Transaction, env: Environment, state: GroupState): void {
  const { groupId, epoch } = state
  saveRejoinKey(tx, groupId, { epoch: Number(epoch), key: rejoinKey(env, state), madeMs: env.timeMs, shape: shapeOf(env, state) })
  deleteRejoinKeysBefore(tx, env.timeMs - rejoinKeptMs)
}
