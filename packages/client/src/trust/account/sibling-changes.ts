// Versions of the own account that another of its devices made: the person did it there. They count at once, and each is told calmly and always.
// What was signed with this device's own key and not made here is somebody else's, whoever signed it too.

import { equal, toHex } from "@nodoor/bytes"
import { type Device, type VerifiedAccountState, decodeSignedAccountState, findDevice } from "@nodoor/keylog"
import type { Random } from "@nodoor/mls"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Transaction } from "../../core/transaction.ts"
import { raiseAlarmOnce } from "../../store/trust/alarms.ts"
import { accountTexts, deviceNames } from "../../texts/en.ts"

/** Whether other devices of the account made all of these: each signed by one that the version before lists, none with this device's key. */
export function isMadeBySiblings(
  mine: VerifiedAccountState,
  after: readonly VerifiedAccountState[],
  own: Pick<OwnDevice, "deviceId">,
): boolean {
  let before = mine
  for (const version of after) {
    const signers = signersOf(before, version)
    const keepsKey = equal(version.state.recoveryKey ?? new Uint8Array(), before.state.recoveryKey ?? new Uint8Array())
    if (version.kind !== "update" || !keepsKey || signers.length === 0) return false
    if (signers.some(({ deviceId }) => equal(deviceId, own.deviceId))) return false
    before = version
  }
  return after.length > 0
}

/** The devices of the version before that vouch for the next one. */
function signersOf(before: VerifiedAccountState, { signed }: VerifiedAccountState): readonly Device[] {
  return decodeSignedAccountState(signed).signatures.flatMap(({ deviceId }) => findDevice(before.state, deviceId) ?? [])
}

/** One line for each device that came or went. */
export async function tellSiblingChanges(
  tx: Transaction,
  { random, own, nowMs }: { readonly random: Random; readonly own: OwnDevice; readonly nowMs: number },
  mine: VerifiedAccountState,
  after: readonly VerifiedAccountState[],
): Promise<void> {
  let before = mine
  for (const version of after) {
    const [signer] = signersOf(before, version)
    const by = signer && deviceNames[signer.deviceClass]
    const [came, went] = [missingIn(before, version), missingIn(version, before)]
    for (const { deviceId, deviceClass } of came)
      await tell({ code: "own_device_added", text: accountTexts.deviceAdded(by, deviceNames[deviceClass]), deviceId })
    for (const { deviceId, deviceClass } of went)
      await tell({ code: "own_device_gone", text: accountTexts.deviceGone(by, deviceNames[deviceClass]), deviceId })
    before = version
  }

  async function tell(what: { readonly code: string; readonly text: string; readonly deviceId: Uint8Array }): Promise<void> {
    await raiseAlarmOnce(tx, random, { ...what, level: "notice", accountId: own.accountId, atMs: nowMs })
  }
}

/** Devices of the second that the first does not list. */
function missingIn({ state }: VerifiedAccountState, other: VerifiedAccountState): readonly Device[] {
  const listed = new Set(state.devices.map(({ deviceId }) => toHex(deviceId)))
  return other.state.devices.filter(({ deviceId }) => !listed.has(toHex(deviceId)))
}
