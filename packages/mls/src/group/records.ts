// A group as stored: one small record per ratchet, tree node, private key, pending proposal and epoch. Each operation gives the few
// it changed; `records` gives all, `loadGroup` puts them together again.
//
//   group                              suite, id, own leaf, options
//   epoch                              GroupContext, confirmation tag, interim transcript hash, epoch secrets
//   node/N   key/N                     one tree node, one private key
//   past/E                             what is kept of epoch E
//   secret/E/N  ratchet/E/I  skipped/E/I/G   the secret tree of epoch E
//   proposal/REF                       one pending proposal

import { CodecError, type TlsReader, TlsWriter, decodeTls, equal, fromHex } from "@nodoor/bytes"
import type { Engine, Environment, Member, RecordWrite, StoredRecords } from "../api/api.ts"
import { isKnownSuite } from "../codec/capabilities.ts"
import { ownContent } from "../message/content-authentication.ts"
import { readExtensions, writeExtensions } from "../codec/extension.ts"
import { encodeAuthenticatedContent, readAuthenticatedContent } from "../message/framing.ts"
import { readGroupContext } from "../codec/group-context.ts"
import { type Group, type PastEpoch, type PendingProposal, asGroupId, group as makeGroup, internal, proposalKey } from "./group-state.ts"
import type { EpochSecrets } from "../secrets/key-schedule.ts"
import type { LeafNode } from "../tree/leaf-node.ts"
import { maxKeyBytes, maxLeaves, maxMessageBytes, maxOpaqueBytes } from "../codec/limits.ts"
import { MlsError, check } from "../codec/mls-error.ts"
import type { CipherSuiteId } from "../provider/provider.ts"
import { type ParentNode, type RatchetTree, rootHash } from "../tree/ratchet-tree.ts"
import { readTreeNode, treeOfNodes, writeTreeNode } from "../tree/ratchet-tree-extension.ts"
import { type SecretTree, secretTree, secretTreeRecords, withRecord } from "../secrets/secret-tree.ts"
import { isLeaf } from "../tree/tree-math.ts"

const formatVersion = 1
const secretNames: readonly (keyof EpochSecrets)[] = [
  "senderData",
  "exporter",
  "external",
  "membership",
  "resumption",
  "authenticator",
  "init",
]

export function groupRecord(state: Group): RecordWrite {
  const { options } = state
  const flags =
    (state.active ? 1 : 0) |
    (options.handshakes === "any" ? 2 : 0) |
    (options.externalCommits ? 4 : 0) |
    (options.externalProposals ? 8 : 0)
  const lifetimeS = Number.isFinite(options.maxLifetimeS) ? BigInt(options.maxLifetimeS) : 0xffffffffffffffffn
  const writer = new TlsWriter().u8(formatVersion).u16(state.suite).vector(state.groupId).u32(state.ownLeafIndex).u8(flags).u64(lifetimeS)
  writer.optional(state.reinit, (inner, reinit) => {
    inner.vector(reinit.groupId).u16(reinit.version).u16(reinit.suite)
    writeExtensions(inner, reinit.extensions)
  })
  return { key: "group", value: writer.finish() }
}

export function epochRecord(state: Group): RecordWrite {
  const writer = new TlsWriter()
    .raw(state.context.encoded)
    .vector(state.confirmationTag)
    .vector(state.interimTranscriptHash)
    .u32(state.tree.leafCount)
  for (const name of secretNames) writer.vector(state.secrets[name])
  return { key: "epoch", value: writer.finish() }
}

/** Nodes that are not the same object in both trees. `before` undefined: all. */
export function nodeWrites(before: RatchetTree | undefined, after: RatchetTree): RecordWrite[] {
  const writes: RecordWrite[] = []
  for (let node = 0; node < Math.max(before?.nodes.length ?? 0, after.nodes.length); node++) {
    const content = after.nodes[node]
    if (before?.nodes[node] === content) continue
    writes.push({ key: `node/${node}`, value: content && encodeNode(content) })
  }
  return writes
}

function encodeNode(content: LeafNode | ParentNode): Uint8Array {
  const writer = new TlsWriter()
  writeTreeNode(writer, content)
  return writer.finish()
}

export function keyWrites(before: ReadonlyMap<number, Uint8Array>, after: ReadonlyMap<number, Uint8Array>): RecordWrite[] {
  const writes: RecordWrite[] = []
  for (const node of before.keys()) if (!after.has(node)) writes.push({ key: `key/${node}`, value: undefined })
  for (const [node, key] of after) if (before.get(node) !== key) writes.push({ key: `key/${node}`, value: key })
  return writes
}

export function pastRecordKey(epoch: bigint): string {
  return `past/${epoch}`
}

export function pastRecord(past: PastEpoch): RecordWrite {
  const writer = new TlsWriter().vector(past.context).vector(past.senderData).vector(past.resumption).u32(past.secretTree.leafCount)
  writer.list([...past.leaves], (inner, [leafIndex, member]) => {
    inner.u32(leafIndex).optional(member, (at, value) => at.vector(value.identity).vector(value.signatureKey))
  })
  if (past.passedMs !== undefined) writer.u64(BigInt(Math.max(0, Math.floor(past.passedMs))))
  return { key: pastRecordKey(past.epoch), value: writer.finish() }
}

/** `ref` in hexadecimal. */
export function proposalRecordKey(ref: string): string {
  return `proposal/${ref}`
}

export function proposalRecord(order: number, pending: PendingProposal): RecordWrite {
  const writer = new TlsWriter().u32(order).optional(pending.ownLeafKey, (inner, key) => inner.vector(key))
  return { key: proposalRecordKey(proposalKey(pending.ref)), value: writer.raw(encodeAuthenticatedContent(pending.content)).finish() }
}

export const records: Engine["records"] = (state) => {
  const group = internal(state)
  return [
    groupRecord(group),
    epochRecord(group),
    ...nodeWrites(undefined, group.tree).filter(({ value }) => value !== undefined),
    ...keyWrites(new Map(), group.privateKeys),
    ...secretTreeRecords(group.secretTree),
    ...group.past.flatMap((past) => [pastRecord(past), ...secretTreeRecords(past.secretTree)]),
    ...[...group.proposals.values()].map((pending, order) => proposalRecord(order, pending)),
  ]
}

/** @throws MlsError `broken_records` for records that this package did not write, or not all of one state */
export const loadGroup: Engine["loadGroup"] = (env, stored) => {
  try {
    return load(env, stored)
  } catch (error) {
    if (error instanceof CodecError) throw new MlsError("broken_records", error.message)
    throw error
  }
}

function load(env: Environment, stored: StoredRecords): Group {
  const byKind = new Map<string, { readonly indices: readonly string[]; readonly value: Uint8Array }[]>()
  for (const { key, value } of stored) {
    const [kind = "", ...indices] = key.split("/")
    const entry = { indices, value: new Uint8Array(value) }
    const entries = byKind.get(kind)
    if (entries === undefined) byKind.set(kind, [entry])
    else entries.push(entry)
  }
  const all = (kind: string): readonly { readonly indices: readonly string[]; readonly value: Uint8Array }[] => byKind.get(kind) ?? []
  const only = (kind: string): Uint8Array => {
    const [entry] = all(kind)
    if (entry === undefined) throw new MlsError("broken_records", `no record "${kind}"`)
    return entry.value
  }
  const head = decodeTls(only("group"), readGroupRecord)
  const epoch = decodeTls(only("epoch"), readEpochRecord)
  checkLeafCount(epoch.leafCount)
  const nodes = new Array<LeafNode | ParentNode | undefined>(2 * epoch.leafCount - 1).fill(undefined)
  for (const { indices, value } of all("node")) {
    const [node, content] = [indexOf(indices[0], nodes.length), decodeTls(value, readTreeNode)]
    check("signature" in content === isLeaf(node), "broken_records", "a leaf where a parent belongs or the reverse")
    nodes[node] = content
  }
  const tree = treeOfNodes(env.crypto.suite(head.suite), nodes)
  const privateKeys = new Map(all("key").map(({ indices, value }) => [indexOf(indices[0], nodes.length), value] as const))

  const trees = new Map<string, SecretTree>([[`${epoch.context.epoch}`, secretTree(epoch.context.epoch, epoch.leafCount, undefined)]])
  const pastRecords = all("past").map(({ indices, value }) => ({ epoch: indices[0] ?? "", ...decodeTls(value, readPastRecord) }))
  for (const past of pastRecords) {
    check(/^[0-9]{1,20}$/.test(past.epoch), "broken_records", "a key of a record")
    checkLeafCount(past.leafCount)
    trees.set(past.epoch, secretTree(BigInt(past.epoch), past.leafCount, undefined))
  }
  for (const kind of ["secret", "ratchet", "skipped"]) {
    for (const { indices, value } of all(kind)) {
      const [of = "", ...rest] = indices
      const before = trees.get(of)
      const after =
        before &&
        withRecord(
          before,
          kind,
          rest.map((index) => indexOf(index, 0x100000000)),
          value,
        )
      if (after === undefined) throw new MlsError("broken_records", `a record "${kind}" that belongs nowhere`)
      trees.set(of, after)
    }
  }
  const past = pastRecords
    .map(({ context, senderData, resumption, leaves, passedMs, epoch: of }): PastEpoch => {
      return { epoch: BigInt(of), passedMs, context, senderData, resumption, leaves, secretTree: trees.get(of) as SecretTree }
    })
    .sort((a, b) => (a.epoch < b.epoch ? 1 : -1))
  const proposals = all("proposal")
    .map(({ indices, value }) => decodeTls(value, (reader) => readProposalRecord(reader, fromHex(indices[0] ?? ""))))
    .sort((a, b) => a.order - b.order)
    .map(({ pending }) => [proposalKey(pending.ref), pending] as const)
  check(equal(epoch.context.groupId, head.groupId), "broken_records", "records of two groups")
  check(equal(epoch.context.treeHash, rootHash(tree)), "broken_records", "the tree is not the one of the epoch")
  return makeGroup({
    ...head,
    context: epoch.context,
    confirmationTag: epoch.confirmationTag,
    interimTranscriptHash: epoch.interimTranscriptHash,
    secrets: epoch.secrets,
    epoch: epoch.context.epoch,
    tree,
    privateKeys,
    secretTree: trees.get(`${epoch.context.epoch}`) as SecretTree,
    past,
    proposals: new Map(proposals),
  })
}

function checkLeafCount(leafCount: number): void {
  const isPowerOfTwo = leafCount > 0 && (leafCount & (leafCount - 1)) === 0
  check(isPowerOfTwo && leafCount <= maxLeaves, "broken_records", "size of a tree")
}

function indexOf(text: string | undefined, end: number): number {
  const index = text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : -1
  check(index >= 0 && index < end, "broken_records", "a key of a record")
  return index
}

function readGroupRecord(reader: TlsReader): Pick<Group, "suite" | "groupId" | "ownLeafIndex" | "active" | "options" | "reinit"> {
  check(reader.u8() === formatVersion, "broken_records", "version of the records")
  const suite = reader.u16()
  check(isKnownSuite(suite), "broken_records", "cipher suite")
  const groupId = asGroupId(reader.vector(maxOpaqueBytes))
  const ownLeafIndex = reader.u32()
  const flags = reader.u8()
  const lifetimeS = reader.u64()
  const options = {
    handshakes: flags & 2 ? ("any" as const) : ("private" as const),
    externalCommits: (flags & 4) !== 0,
    externalProposals: (flags & 8) !== 0,
    maxLifetimeS: lifetimeS === 0xffffffffffffffffn ? Infinity : Number(lifetimeS),
  }
  const reinit = reader.optional((inner) => ({
    groupId: inner.vector(maxOpaqueBytes),
    version: inner.u16(),
    suite: inner.u16(),
    extensions: readExtensions(inner),
  }))
  return { suite: suite as CipherSuiteId, groupId, ownLeafIndex, active: (flags & 1) !== 0, options, reinit }
}

function readEpochRecord(
  reader: TlsReader,
): Pick<Group, "context" | "confirmationTag" | "interimTranscriptHash" | "secrets"> & { readonly leafCount: number } {
  const fields = {
    context: readGroupContext(reader),
    confirmationTag: reader.vector(maxKeyBytes),
    interimTranscriptHash: reader.vector(maxKeyBytes),
    leafCount: reader.u32(),
  }
  const secrets = Object.fromEntries(secretNames.map((name) => [name, reader.vector(maxKeyBytes)])) as unknown as EpochSecrets
  return { ...fields, secrets }
}

function readPastRecord(reader: TlsReader): Omit<PastEpoch, "epoch" | "secretTree"> & { readonly leafCount: number } {
  const fields = {
    context: reader.vector(maxMessageBytes),
    senderData: reader.vector(maxKeyBytes),
    resumption: reader.vector(maxKeyBytes),
    leafCount: reader.u32(),
  }
  const readLeaf = (inner: TlsReader): readonly [number, Member | undefined] => {
    const leafIndex = inner.u32()
    return [leafIndex, inner.optional((at) => ({ leafIndex, identity: at.vector(maxOpaqueBytes), signatureKey: at.vector(maxKeyBytes) }))]
  }
  const leaves = new Map(reader.list(readLeaf, 2 * maxLeaves))
  // Records of earlier versions end here.
  return { ...fields, leaves, passedMs: reader.remainingBytes === 0 ? undefined : Number(reader.u64()) }
}

function readProposalRecord(reader: TlsReader, ref: Uint8Array): { readonly order: number; readonly pending: PendingProposal } {
  const order = reader.u32()
  const ownLeafKey = reader.optional((inner) => inner.vector(maxKeyBytes))
  return { order, pending: { ref, ownLeafKey, content: ownContent(readAuthenticatedContent(reader)) } }
}
