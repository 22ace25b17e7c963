// A KeyPackage of this device for the other person of a chat of two, beside the stock that the account service holds.

import { generateKeyPackage } from "@nodoor/mls"
import type { Transaction } from "../../core/transaction.ts"
import { productSuite } from "../../core/suite.ts"
import { hasDeviceEnded } from "../../store/device.ts"
import { hasLeftSpare, leaveSpare } from "../../store/group/spare-key-packages.ts"
import { applicationTypes } from "../seat/seat-list.ts"
import { type MakingParts, earlierS, lifetimeS } from "./key-packages.ts"

/** Another takes its place while the old one is still good. */
const renewAfterMs = 60 * 86_400_000

/** Undefined while one is there that was not used. The secret of a new one is stored before it leaves. */
export async function dueSpare(parts: MakingParts, tx: Transaction, groupId: Uint8Array): Promise<Uint8Array | undefined> {
  const nowMs = parts.clock.nowMs()
  if ((await hasDeviceEnded(tx)) || (await hasLeftSpare(tx, groupId, { afterMs: nowMs - renewAfterMs }))) return undefined
  const { ref, secret, message } = generateKeyPackage(parts.states.environment(), {
    suite: productSuite,
    signer: parts.own.signer,
    lifetimeS,
    earlierS,
    lastResort: false,
    ...applicationTypes,
  })
  leaveSpare(tx, groupId, { ref, secret, hash: parts.crypto.sha256(message), createdMs: nowMs })
  return message
}
