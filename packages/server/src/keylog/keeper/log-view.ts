// What the first `size` entries of the log say: its keys, its policy, its last epoch.

import { assert, equal } from "@nodoor/bytes"
import {
  type EntryReference,
  type EpochEntry,
  type LogCrypto,
  type LogPin,
  type TreeHead,
  TiledTree,
  type ReadTile,
  type WitnessPolicy,
  parseLogEntry,
  parsePolicy,
  pinLog,
  verifyRekey,
} from "@nodoor/keylog"
import type { Database } from "../../sqlite/database.ts"
import { lastEpochBefore, otherEntries, readEntry } from "./log-rows.ts"

export interface LogView extends TreeHead {
  readonly tree: TiledTree
  readonly pin: LogPin
  /** The key that signs a checkpoint of this size. */
  readonly logKey: Uint8Array
  readonly rekeys: readonly { readonly index: number; readonly entry: Uint8Array; readonly oldKey: Uint8Array }[]
  readonly policy: EntryReference & { readonly entry: Uint8Array; readonly parsed: WitnessPolicy }
  readonly release: EntryReference | undefined
  readonly notice: EntryReference | undefined
  /** No entry but the last epoch comes after. */
  readonly ended: boolean
  readonly epoch: { readonly entry: EpochEntry; readonly bytes: Uint8Array; readonly hash: Uint8Array }
}

/** Undefined for a log without entries. The entries are our own, so an invalid one is a bug or a damaged file. */
export function viewLog(
  crypto: LogCrypto,
  db: Database,
  { size, readTile }: { readonly size: number; readonly readTile: ReadTile },
): LogView | undefined {
  if (size === 0) return undefined
  const tree = new TiledTree(crypto, { size, readTile })
  const last = lastEpochBefore(db, size)
  assert(last !== undefined && last.index === size - 1, "the last entry is an epoch")
  const bytes = readEntry(db, last.index)
  assert(bytes !== undefined, "the entry of an epoch")
  const entry = parseLogEntry(bytes)
  assert(entry.kind === "epoch", "the entry of an epoch is one")
  const view = readOthers(crypto, db, size)
  return { ...view, ...tree.head(), tree, epoch: { entry, bytes, hash: crypto.sha256(bytes) } }
}

type Others = Pick<LogView, "pin" | "logKey" | "rekeys" | "policy" | "release" | "notice" | "ended">

function readOthers(crypto: LogCrypto, db: Database, size: number): Others {
  let pin: LogPin | undefined
  let logKey: Uint8Array = new Uint8Array()
  let policy: Others["policy"] | undefined
  let release: EntryReference | undefined
  let notice: EntryReference | undefined
  let ended = false
  const rekeys: Others["rekeys"][number][] = []
  for (const { index, entry } of otherEntries(db, size)) {
    const parsed = parseLogEntry(entry)
    const reference = { index, hash: crypto.sha256(entry) }
    switch (parsed.kind) {
      case "config":
        pin = pinLog(crypto, entry)
        logKey = pin.logKey
        break
      case "policy":
        assert(pin !== undefined, "config comes first")
        policy = { ...reference, entry, parsed: parsePolicy(crypto, { entry, origin: pin.origin, logKey }) }
        break
      case "rekey":
        assert(pin !== undefined && equal(parsed.oldKey, logKey), "config and the key before come first")
        rekeys.push({ index, entry, oldKey: logKey })
        logKey = verifyRekey(crypto, { entry, origin: pin.origin, logKey })
        break
      case "release":
        release = reference
        break
      case "notice":
        notice = reference
        break
      case "end":
        ended = true
        break
      case "epoch":
        assert(false, "epochs are read apart")
    }
  }
  assert(pin !== undefined && policy !== undefined, "a log begins with config and policy")
  return { pin, logKey, rekeys, policy, release, notice, ended }
}
