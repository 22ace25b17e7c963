// The groups that a group goes on from: a GroupContext extension of private-use type 0xF0D3 (RFC 9420 §13.3). Each was broken by a commit that
// no honest device makes; the device that made it has no place in any that follows (docs/protocol.md, "Successor groups").

import { CodecError, bytes, decodeTls, encodeTls, equal, toHex } from "@nodoor/bytes"
import type { AccountId, DeviceId } from "@nodoor/keylog"
import type { Extension } from "@nodoor/mls"
import { hashBytes, idBytes, limits } from "@nodoor/wire"

export const predecessorExtensionType = 0xf0d3

/** After this many a chat does not go on by itself: every one costs a member's device, so somebody is at work who brings new ones. */
export const predecessorsMax = 64

export interface Predecessor {
  readonly groupId: Uint8Array
  /** The last good one. */
  readonly epoch: number
  /** SHA-256 of the commit that broke it. */
  readonly commitHash: Uint8Array
  /** The device whose seat signed that commit. */
  readonly accountId: AccountId
  readonly deviceId: DeviceId
}

/** Oldest first. */
export function encodePredecessors(predecessors: readonly Predecessor[]): Uint8Array {
  return encodeTls((w) => {
    for (const { groupId, epoch, commitHash, accountId, deviceId } of predecessors)
      w.raw(groupId).u64(BigInt(epoch)).raw(commitHash).raw(accountId).raw(deviceId)
  })
}

/** @throws CodecError */
export function decodePredecessors(data: Uint8Array): readonly Predecessor[] {
  return decodeTls(data, (reader) => {
    const predecessors: Predecessor[] = []
    while (reader.remainingBytes > 0) {
      if (predecessors.length === predecessorsMax) throw new CodecError("oversized", "predecessors of a group")
      const groupId = reader.raw(limits.groupIdBytes)
      const epoch = Number(reader.u64())
      if (!Number.isSafeInteger(epoch)) throw new CodecError("invalid_value", "epoch of a predecessor")
      const commitHash = reader.raw(hashBytes)
      const [accountId, deviceId] = [bytes<"AccountId">(reader.raw(idBytes)), bytes<"DeviceId">(reader.raw(idBytes))]
      predecessors.push({ groupId, epoch, commitHash, accountId, deviceId })
    }
    if (predecessors.length === 0) throw new CodecError("invalid_value", "predecessors of a group")
    return predecessors
  })
}

/** None for a group that goes on from no other. @throws CodecError also for more than one list */
export function predecessorsOf(extensions: readonly Extension[]): readonly Predecessor[] {
  const found = extensions.filter(({ type }) => type === predecessorExtensionType)
  if (found.length > 1) throw new CodecError("invalid_value", "lists of predecessors")
  return found[0] ? decodePredecessors(found[0].data) : []
}

export function predecessorExtensions(predecessors: readonly Predecessor[]): readonly Extension[] {
  return predecessors.length === 0 ? [] : [{ type: predecessorExtensionType, data: encodePredecessors(predecessors) }]
}

/** Whether the device broke a group that this one goes on from. */
export function isShutOut(
  predecessors: readonly Pick<Predecessor, "accountId" | "deviceId">[],
  { accountId, deviceId }: { readonly accountId: Uint8Array; readonly deviceId: Uint8Array },
): boolean {
  return predecessors.some((each) => equal(each.accountId, accountId) && equal(each.deviceId, deviceId))
}

export function samePredecessors(a: readonly Predecessor[], b: readonly Predecessor[]): boolean {
  return toHex(encodePredecessors(a)) === toHex(encodePredecessors(b))
}
