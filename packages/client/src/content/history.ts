// A part of the account's history, for a device that was let in: where it stands and what opens it, in the group of the own devices. The parts
// are blobs of the server, which reads nothing of them.

import { CodecError, decodeCbor, encodeCbor, equal } from "@nodoor/bytes"
import type { DeviceId } from "@nodoor/keylog"
import { hashBytes, idBytes } from "@nodoor/wire"
import { type HistoryPart, deleteHistoryDue, insertHistoryPart, isHistoryDue } from "../store/history-transfer.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"

interface Given extends HistoryPart {
  readonly deviceId: DeviceId
}

/** Enough for some gigabytes. */
const numberMax = 1_023
const sizeMax = 16 * 1_048_576
const encodedMax = 256

export const history: ContentType<Given, never> = {
  name: "history",
  isSilent: true,
  compose: async (writing, { deviceId, archiveKey, number, blobId, size, last }) =>
    await writing.queue({ part: singlePart(mimeTypes.history, encodeCbor([deviceId, archiveKey, number, blobId, size, last])) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.history) !== undefined,
  /** Only what this device waits for. What is in it is checked when it is read. */
  receive: async ({ tx, group, isOwn, part, ownDeviceId, historyArrived }) => {
    if (!isOwn || group.policy.kind !== "self") return
    const given = decode(contentOf(part, mimeTypes.history) ?? new Uint8Array())
    if (!given) return
    if (equal(given.deviceId, ownDeviceId)) {
      if ((await isHistoryDue(tx, ownDeviceId)) && (await insertHistoryPart(tx, given.part))) historyArrived()
      // This device was asked as well, and need not give what another one has given.
    } else if (given.part.last) deleteHistoryDue(tx, given.deviceId)
  },
}

/** Undefined for what is no such part. */
function decode(content: Uint8Array): { readonly deviceId: Uint8Array; readonly part: HistoryPart } | undefined {
  try {
    const value: unknown = decodeCbor(content, { maxBytes: encodedMax })
    if (!Array.isArray(value) || value.length !== 6) return undefined
    const [deviceId, archiveKey, number, blobId, size, last] = value as unknown[]
    const isCount = (one: unknown, max: number): one is number =>
      typeof one === "number" && Number.isSafeInteger(one) && one >= 0 && one <= max
    if (!(deviceId instanceof Uint8Array) || deviceId.length !== idBytes) return undefined
    if (!(archiveKey instanceof Uint8Array) || archiveKey.length !== hashBytes) return undefined
    if (!(blobId instanceof Uint8Array) || blobId.length !== hashBytes) return undefined
    if (!isCount(number, numberMax) || !isCount(size, sizeMax) || typeof last !== "boolean") return undefined
    return { deviceId, part: { archiveKey, number, blobId, size, last } }
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
