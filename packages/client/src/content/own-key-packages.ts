// KeyPackages of one device of an account for another one, in the group of its own devices: with them the other adds it to groups without asking
// the account service.

import { CodecError, decodeCbor, encodeCbor, equal } from "@nodoor/bytes"
import type { DeviceId } from "@nodoor/keylog"
import { idBytes, limits } from "@nodoor/wire"
import { insertOwnKeyPackages } from "../store/group/own-key-packages.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"

interface Left {
  readonly deviceId: DeviceId
  readonly keyPackages: readonly Uint8Array[]
}

/** As many as fit into a post, with room for what is around them. */
const listMax = 80

export const ownKeyPackages: ContentType<Left, never> = {
  name: "own-key-packages",
  isSilent: true,
  compose: async (writing, { deviceId, keyPackages }) =>
    await writing.queue({ part: singlePart(mimeTypes.ownKeyPackages, encodeCbor([deviceId, [...keyPackages]])) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.ownKeyPackages) !== undefined,
  /** Whether they are the device's own, and good, is checked when each is used, as for every claimed one. */
  receive: async ({ tx, group, sender, isOwn, part, receivedMs, ownDeviceId, ownDevicesChanged }) => {
    if (!isOwn || group.policy.kind !== "self") return
    const left = decode(contentOf(part, mimeTypes.ownKeyPackages) ?? new Uint8Array())
    if (!left || !equal(left.deviceId, ownDeviceId)) return
    await insertOwnKeyPackages(tx, { deviceId: sender.deviceId, keyPackages: left.keyPackages, arrivedMs: receivedMs })
    ownDevicesChanged()
  },
}

/** Undefined for what is no such list. */
function decode(content: Uint8Array): { readonly deviceId: Uint8Array; readonly keyPackages: readonly Uint8Array[] } | undefined {
  try {
    const value: unknown = decodeCbor(content, { maxBytes: limits.postBytes })
    if (!Array.isArray(value) || value.length !== 2) return undefined
    const [deviceId, list] = value as unknown[]
    if (!(deviceId instanceof Uint8Array) || deviceId.length !== idBytes || !Array.isArray(list) || list.length > listMax) return undefined
    const isKeyPackage = (one: unknown): one is Uint8Array =>
      one instanceof Uint8Array && one.length > 0 && one.length <= limits.keyPackageBytes
    return list.every(isKeyPackage) ? { deviceId, keyPackages: list } : undefined
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
