// The key of an epoch with which a member who cannot go on seals its request to be let in again. All members of the epoch have it, and keep it for
// as long as bodies wait at the server: who stands at an old epoch can still ask.

import { encodeTls } from "@nodoor/bytes"
import { type Environment, type GroupState, exportSecret } from "@nodoor/mls"
import type { Transaction } from "../../core/transaction.ts"
import { deleteRejoinKeysBefore, saveRejoinKey } from "../../store/rejoin/rejoin-keys.ts"

/** As long as the server keeps what nobody fetched, and a day for clocks. */
export const rejoinKeptMs: number = 31 * 86_400_000

/** MLS-Exporter("nodoor rejoin", epoch as uint64, 32) (RFC 9420 §8.5). */
export function rejoinKey(env: Environment, state: GroupState): Uint8Array {
  const context = encodeTls((w) => w.u64(state.epoch))
  return exportSecret(env, state, { label: "nodoor rejoin", context, lengthBytes: 32 })
}

/** An epoch begins on this device. */
export function keepRejoinKey(tx: Transaction, env: Environment, state: GroupState): void {
  saveRejoinKey(tx, state.groupId, { epoch: Number(state.epoch), key: rejoinKey(env, state), madeMs: env.timeMs })
  deleteRejoinKeysBefore(tx, env.timeMs - rejoinKeptMs)
}
