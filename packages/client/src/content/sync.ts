// What a device tells the other devices of its account, in the self group (docs/sync.md): a list of entries [key, value, ms, counter, device].

import { type CborValue, CodecError, decodeCbor, encodeCbor } from "@nodoor/bytes"
import { idBytes } from "@nodoor/wire"
import { type SyncEntry, syncLimits } from "../store/sync/sync-entry.ts"
import { contentOf, mimeTypes, singlePart } from "./body.ts"
import type { ContentType } from "./content-type.ts"

export const sync: ContentType<{ readonly entries: readonly SyncEntry[] }, never> = {
  name: "sync",
  isSilent: true,
  compose: async (writing, { entries }) => await writing.queue({ part: singlePart(mimeTypes.sync, encodeEntries(entries)) }),
  accepts: ({ part }) => contentOf(part, mimeTypes.sync) !== undefined,
  /** Everybody in such a group is this account (P5). Anywhere else it is somebody's attempt to set this account's devices. */
  receive: async ({ group, part, synced }) => {
    const encoded = contentOf(part, mimeTypes.sync)
    if (group.policy.kind === "self" && encoded) await synced(decodeEntries(encoded))
  },
}

export function encodeEntries(entries: readonly SyncEntry[]): Uint8Array {
  return encodeCbor(entries.map(({ key, value, stamp: { ms, counter, deviceId } }) => [key, value, ms, counter, deviceId]))
}

/** Nothing is taken from a list that is not well-formed as a whole. */
function decodeEntries(encoded: Uint8Array): readonly SyncEntry[] {
  try {
    return entriesOf(decodeCbor(encoded, { maxBytes: syncLimits.postBytes }))
  } catch (error) {
    if (error instanceof CodecError) return []
    throw error
  }
}

/** @throws CodecError */
export function entriesOf(value: CborValue): readonly SyncEntry[] {
  if (!Array.isArray(value)) throw new CodecError("invalid_value", "sync entries")
  if (value.length > syncLimits.postEntries) throw new CodecError("oversized", "sync entries")
  return value.map(entryOf)
}

const keyPattern = /^[a-z][a-z0-9/_.-]*$/

function entryOf(entry: unknown): SyncEntry {
  if (!Array.isArray(entry) || entry.length !== 5) throw new CodecError("invalid_value", "sync entry")
  const [key, value, ms, counter, deviceId] = entry as CborValue[]
  if (typeof key !== "string" || key.length > syncLimits.keyCharacters || !keyPattern.test(key))
    throw new CodecError("invalid_value", "sync key")
  if (value === undefined || encodeCbor(value).length > syncLimits.draftBytes) throw new CodecError("oversized", "sync value")
  if (!isCount(ms) || !isCount(counter)) throw new CodecError("invalid_value", "sync stamp")
  if (!(deviceId instanceof Uint8Array) || deviceId.length !== idBytes) throw new CodecError("invalid_value", "sync device")
  return { key, value, stamp: { ms, counter, deviceId } }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}
