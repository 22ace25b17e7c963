// Whether an account lists a device, and since which version it does not.

import { equal, toHex } from "@nodoor/bytes"
import { type AccountId, type DeviceId, type VerifiedAccountState, findDevice } from "@nodoor/keylog"
import type { CryptoProvider } from "@nodoor/mls"
import type { Reader } from "../../store/reader.ts"
import { listStates } from "../../store/trust/account-states.ts"
import { findEndedVersion } from "../../store/trust/ended-accounts.ts"

/** A device with the key that its leaf has. */
export interface ListedLeaf {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly signatureKey: Uint8Array
}

export function lists(account: VerifiedAccountState, leaf: ListedLeaf): boolean {
  const device = findDevice(account.state, leaf.deviceId)
  return device !== undefined && equal(device.signatureKey, leaf.signatureKey)
}

/** The version that left the leaf's device out, or ended its account; undefined when none can have listed it with its key. */
export async function versionWithout(crypto: CryptoProvider, reader: Reader, leaf: ListedLeaf): Promise<number | undefined> {
  const states = await listStates(crypto, reader, leaf.accountId)
  const last = states.find((state) => lists(state, leaf))
  const ended = await findEndedVersion(reader, leaf.accountId)
  // An end without proof is one that came with versions unknown here, and erased: any of them may have listed it. It goes again either way.
  if (!last) return ended
  return last === states[0] ? ended : last.state.version + 1
}

export function leafKey({ accountId, deviceId, signatureKey }: ListedLeaf): string {
  return `${toHex(accountId)}/${toHex(deviceId)}/${toHex(signatureKey)}`
}
