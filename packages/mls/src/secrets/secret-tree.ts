// The secret tree and the sender ratchets, RFC 9420 §9, with the window for late messages of §15.3. Every operation gives a new
// secret tree and the writes that erase what it consumed (§9.2).

import { TlsReader, TlsWriter, toUtf8 } from "@nodoor/bytes"
import type { RecordWrite } from "../api/api.ts"
import { deriveTreeSecret, empty, expandWithLabel } from "../codec/cryptographic-objects.ts"
import { maxForwardGenerations, maxKeptMs, maxKeyBytes, maxSkippedKeys } from "../codec/limits.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import { PersistentArray } from "../tree/persistent-array.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import * as math from "../tree/tree-math.ts"

export type RatchetType = "handshake" | "application"

/** A ratchet's next generation and the secret it comes from. */
export interface Ratchet {
  readonly generation: number
  readonly secret: Uint8Array
}

export interface MessageKey {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
}

/** A key that was passed over. */
export interface SkippedKey extends MessageKey {
  /** When; undefined for one that a version kept which did not note it, until `withoutOldKeys` has seen it. */
  readonly keptMs: number | undefined
}

export interface SecretTree {
  readonly epoch: bigint
  readonly leafCount: number
  /** Secrets of nodes from which no key was taken yet, by node index. */
  readonly nodes: PersistentArray<Uint8Array>
  /** At 2 × leaf index the handshake ratchet, after it the application ratchet, of leaves that have begun. */
  readonly ratchets: PersistentArray<Ratchet>
  /** Keys passed over, by generation in rising order, at the same index as their ratchet. */
  readonly skipped: PersistentArray<ReadonlyMap<number, SkippedKey>>
}

export interface TakenKey extends MessageKey {
  readonly generation: number
  readonly tree: SecretTree
  readonly writes: readonly RecordWrite[]
}

/** A new epoch's secret tree; without `encryptionSecret`, one that has no key left. */
export function secretTree(epoch: bigint, leafCount: number, encryptionSecret: Uint8Array | undefined): SecretTree {
  return {
    epoch,
    leafCount,
    nodes: PersistentArray.empty<Uint8Array>(math.nodeCount(leafCount)).with(math.root(leafCount), encryptionSecret),
    ratchets: PersistentArray.empty<Ratchet>(2 * leafCount),
    skipped: PersistentArray.empty<ReadonlyMap<number, SkippedKey>>(2 * leafCount),
  }
}

/** The next key of our own ratchet, consumed. */
export function takeNext(suite: SuiteCrypto, tree: SecretTree, leafIndex: number, type: RatchetType): TakenKey {
  const begun = begin(suite, tree, leafIndex, type)
  const index = ratchetIndex(leafIndex, type)
  const ratchet = begun.tree.ratchets.get(index) as Ratchet
  const next = step(suite, ratchet)
  return {
    ...messageKey(suite, ratchet),
    generation: ratchet.generation,
    tree: { ...begun.tree, ratchets: begun.tree.ratchets.with(index, next) },
    writes: merge(begun.writes, [ratchetWrite(tree.epoch, index, next)]),
  }
}

/**
 * The key of one generation of a sender, consumed; keys passed over on the way are kept for late messages, as of `timeMs`.
 * @throws MlsError `generation_consumed` for a replay or a message later than the window, `generation_too_far`
 */
export function takeGeneration(
  suite: SuiteCrypto,
  tree: SecretTree,
  {
    leafIndex,
    type,
    generation,
    timeMs,
  }: { readonly leafIndex: number; readonly type: RatchetType; readonly generation: number; readonly timeMs: number },
): TakenKey {
  const begun = begin(suite, tree, leafIndex, type)
  const index = ratchetIndex(leafIndex, type)
  let ratchet = begun.tree.ratchets.get(index) as Ratchet
  const kept = begun.tree.skipped.get(index)
  if (generation < ratchet.generation) {
    const key = kept?.get(generation)
    if (kept === undefined || key === undefined || isOld(key.keptMs, timeMs))
      throw new MlsError("generation_consumed", "a message key that was used or dropped")
    const rest = new Map(kept)
    rest.delete(generation)
    const skipped = begun.tree.skipped.with(index, rest.size === 0 ? undefined : rest)
    const writes = merge(begun.writes, [{ key: skippedRecord(tree.epoch, index, generation), value: undefined }])
    return { key: key.key, nonce: key.nonce, generation, tree: { ...begun.tree, skipped }, writes }
  }
  // RFC 9420 §15.3: a bound on how far one message may move the ratchet.
  check(generation - ratchet.generation <= maxForwardGenerations, "generation_too_far", "a message too many generations ahead")
  const writes: RecordWrite[] = []
  let { skipped } = begun.tree
  if (generation > ratchet.generation) {
    const passed = new Map(kept)
    for (; ratchet.generation < generation; ratchet = step(suite, ratchet)) {
      if (generation - ratchet.generation > maxSkippedKeys) continue
      const key = { ...messageKey(suite, ratchet), keptMs: timeMs }
      passed.set(ratchet.generation, key)
      writes.push({ key: skippedRecord(tree.epoch, index, ratchet.generation), value: encodeSkippedKey(key) })
    }
    for (const oldest of passed.keys()) {
      if (passed.size <= maxSkippedKeys) break
      passed.delete(oldest)
      writes.push({ key: skippedRecord(tree.epoch, index, oldest), value: undefined })
    }
    skipped = skipped.with(index, passed)
  }
  const next = step(suite, ratchet)
  writes.push(ratchetWrite(tree.epoch, index, next))
  const ratchets = begun.tree.ratchets.with(index, next)
  return { ...messageKey(suite, ratchet), generation, tree: { ...begun.tree, ratchets, skipped }, writes: merge(begun.writes, writes) }
}

function messageKey(suite: SuiteCrypto, { secret, generation }: Ratchet): MessageKey {
  return {
    key: deriveTreeSecret(suite, secret, "key", generation, suite.keyBytes),
    nonce: deriveTreeSecret(suite, secret, "nonce", generation, suite.nonceBytes),
  }
}

function step(suite: SuiteCrypto, { secret, generation }: Ratchet): Ratchet {
  check(generation < 0xffffffff, "generation_too_far", "the ratchet of this epoch is used up")
  return { generation: generation + 1, secret: deriveTreeSecret(suite, secret, "secret", generation, suite.hashBytes) }
}

/** Derives both ratchets of a leaf, consuming the secrets on the path from the root (RFC 9420 §9). */
function begin(
  suite: SuiteCrypto,
  tree: SecretTree,
  leafIndex: number,
  type: RatchetType,
): { readonly tree: SecretTree; readonly writes: readonly RecordWrite[] } {
  if (tree.ratchets.get(ratchetIndex(leafIndex, type)) !== undefined) return { tree, writes: [] }
  const leaf = math.leafNode(leafIndex)
  let at = leaf
  while (tree.nodes.get(at) === undefined) {
    // An erased epoch, or the other ratchet of this leaf dropped with its epoch: nothing is left to derive from.
    if (at === math.root(tree.leafCount)) throw new MlsError("generation_consumed", "the keys of this sender are erased")
    at = math.parent(at)
  }
  let secret = tree.nodes.get(at) as Uint8Array
  let nodes = tree.nodes.with(at, undefined)
  const writes: RecordWrite[] = [{ key: nodeRecord(tree.epoch, at), value: undefined }]
  while (at !== leaf) {
    const leftSecret = expandWithLabel(suite, secret, "tree", toUtf8("left"), suite.hashBytes)
    const rightSecret = expandWithLabel(suite, secret, "tree", toUtf8("right"), suite.hashBytes)
    const goesLeft = leaf < at
    const other = goesLeft ? math.right(at) : math.left(at)
    const otherSecret = goesLeft ? rightSecret : leftSecret
    nodes = nodes.with(other, otherSecret)
    writes.push({ key: nodeRecord(tree.epoch, other), value: otherSecret })
    secret = goesLeft ? leftSecret : rightSecret
    at = goesLeft ? math.left(at) : math.right(at)
  }
  let { ratchets } = tree
  for (const label of ["handshake", "application"] as const) {
    const ratchet = { generation: 0, secret: expandWithLabel(suite, secret, label, empty, suite.hashBytes) }
    ratchets = ratchets.with(ratchetIndex(leafIndex, label), ratchet)
    writes.push(ratchetWrite(tree.epoch, ratchetIndex(leafIndex, label), ratchet))
  }
  return { tree: { ...tree, nodes, ratchets }, writes }
}

/** What of a passed epoch stays for late application messages of others: no handshake keys, nothing of our own. */
export function retire(tree: SecretTree, ownLeafIndex: number): { readonly tree: SecretTree; readonly writes: readonly RecordWrite[] } {
  let { ratchets, skipped } = tree
  const writes: RecordWrite[] = []
  const isKept = (index: number): boolean => index % 2 === 1 && index >> 1 !== ownLeafIndex
  for (const [index] of tree.ratchets.entries()) {
    if (isKept(index)) continue
    // It cannot be derived again: the secrets above a begun leaf are gone.
    ratchets = ratchets.with(index, undefined)
    writes.push({ key: ratchetRecord(tree.epoch, index), value: undefined })
  }
  for (const [index, keys] of tree.skipped.entries()) {
    if (isKept(index)) continue
    skipped = skipped.with(index, undefined)
    for (const generation of keys.keys()) writes.push({ key: skippedRecord(tree.epoch, index, generation), value: undefined })
  }
  return { tree: { ...tree, ratchets, skipped }, writes }
}

/**
 * The tree without the keys that were passed over too long ago (RFC 9420 §15.3). One whose time is not known, or has not come, because the
 * clock was set back, counts from now.
 */
export function withoutOldKeys(tree: SecretTree, timeMs: number): { readonly tree: SecretTree; readonly writes: readonly RecordWrite[] } {
  let { skipped } = tree
  const writes: RecordWrite[] = []
  for (const [index, keys] of tree.skipped.entries()) {
    const rest = new Map(keys)
    for (const [generation, key] of keys) {
      if (isOld(key.keptMs, timeMs)) rest.delete(generation)
      else if (key.keptMs === undefined || key.keptMs > timeMs) rest.set(generation, { ...key, keptMs: timeMs })
      else continue
      const now = rest.get(generation)
      writes.push({ key: skippedRecord(tree.epoch, index, generation), value: now && encodeSkippedKey(now) })
    }
    if (writes.length > 0) skipped = skipped.with(index, rest.size === 0 ? undefined : rest)
  }
  return { tree: { ...tree, skipped }, writes }
}

/** Whether what was kept since then is kept no longer. */
export function isOld(keptMs: number | undefined, timeMs: number): boolean {
  return keptMs !== undefined && timeMs - keptMs >= maxKeptMs
}

/** All records of a secret tree as it stands. */
export function secretTreeRecords(tree: SecretTree): RecordWrite[] {
  const writes: RecordWrite[] = []
  for (const [node, secret] of tree.nodes.entries()) writes.push({ key: nodeRecord(tree.epoch, node), value: secret })
  for (const [index, ratchet] of tree.ratchets.entries()) writes.push(ratchetWrite(tree.epoch, index, ratchet))
  for (const [index, keys] of tree.skipped.entries()) {
    for (const [generation, key] of keys) writes.push({ key: skippedRecord(tree.epoch, index, generation), value: encodeSkippedKey(key) })
  }
  return writes
}

/** Puts one stored record back, given the parts of its key after the epoch. Undefined for a key of another form. */
export function withRecord(tree: SecretTree, kind: string, indices: readonly number[], value: Uint8Array): SecretTree | undefined {
  const [index, generation] = indices
  if (index === undefined || index >= 2 * tree.leafCount) return undefined
  if (kind === "secret" && indices.length === 1) return { ...tree, nodes: tree.nodes.with(index, value) }
  if (kind === "ratchet" && indices.length === 1) {
    const reader = new TlsReader(value)
    const ratchet = { generation: reader.u32(), secret: reader.vector(maxKeyBytes) }
    reader.end()
    return { ...tree, ratchets: tree.ratchets.with(index, ratchet) }
  }
  if (kind === "skipped" && generation !== undefined) {
    const reader = new TlsReader(value)
    const [key, nonce] = [reader.vector(maxKeyBytes), reader.vector(maxKeyBytes)]
    // Records of earlier versions end here.
    const keptMs = reader.remainingBytes === 0 ? undefined : Number(reader.u64())
    reader.end()
    const sorted = new Map([...(tree.skipped.get(index) ?? []), [generation, { key, nonce, keptMs }] as const].sort(([a], [b]) => a - b))
    return { ...tree, skipped: tree.skipped.with(index, sorted) }
  }
  return undefined
}

function ratchetIndex(leafIndex: number, type: RatchetType): number {
  return 2 * leafIndex + (type === "handshake" ? 0 : 1)
}

function nodeRecord(epoch: bigint, node: number): string {
  return `secret/${epoch}/${node}`
}

function ratchetRecord(epoch: bigint, index: number): string {
  return `ratchet/${epoch}/${index}`
}

function skippedRecord(epoch: bigint, index: number, generation: number): string {
  return `skipped/${epoch}/${index}/${generation}`
}

function ratchetWrite(epoch: bigint, index: number, ratchet: Ratchet): RecordWrite {
  return { key: ratchetRecord(epoch, index), value: new TlsWriter().u32(ratchet.generation).vector(ratchet.secret).finish() }
}

function encodeSkippedKey({ key, nonce, keptMs }: SkippedKey): Uint8Array {
  const writer = new TlsWriter().vector(key).vector(nonce)
  return (keptMs === undefined ? writer : writer.u64(BigInt(Math.max(0, Math.floor(keptMs))))).finish()
}

/** One write per key, the last one. */
function merge(first: readonly RecordWrite[], second: readonly RecordWrite[]): readonly RecordWrite[] {
  if (first.length === 0) return second
  const byKey = new Map<string, RecordWrite>()
  for (const write of first) byKey.set(write.key, write)
  for (const write of second) byKey.set(write.key, write)
  return [...byKey.values()]
}
