// From Staged to Applied: the next epoch becomes the state, and what it replaces is erased in the same change.

import { equal } from "@nodoor/bytes"
import type { Engine, Member, RecordWrite } from "../api/api.ts"
import { type Group, type PastEpoch, group as makeGroup, internal } from "./group-state.ts"
import { memberOf } from "../tree/leaf-node.ts"
import { maxPastEpochs } from "../codec/limits.ts"
import { check } from "../codec/mls-error.ts"
import { type RatchetTree, leafAt } from "../tree/ratchet-tree.ts"
import { epochRecord, groupRecord, keyWrites, nodeWrites, pastRecord, pastRecordKey, proposalRecordKey } from "./records.ts"
import { retire, secretTree, secretTreeRecords } from "../secrets/secret-tree.ts"
import type { Staged } from "./staged-commit.ts"

/** @throws MlsError `wrong_group`, `wrong_epoch` when the commit was staged for another state */
export const applyCommit: Engine["applyCommit"] = (env, state, input) => {
  const before = internal(state)
  const staged = input as Staged
  check(equal(staged.groupId, before.groupId), "wrong_group", "a commit staged for another group")
  check(
    staged.epoch === before.epoch && equal(staged.treeHashBefore, before.context.treeHash),
    "wrong_epoch",
    "a commit staged for another epoch",
  )
  if (staged.next === undefined) return leave(before)
  const { next } = staged
  const retired = retire(before.secretTree, before.ownLeafIndex)
  const passed: PastEpoch = {
    epoch: before.epoch,
    passedMs: env.timeMs,
    context: before.context.encoded,
    senderData: before.secrets.senderData,
    resumption: before.secrets.resumption,
    secretTree: retired.tree,
    leaves: leavesThatDiffer(before.tree, next.tree),
  }
  const past = [passed, ...before.past]
  const dropped = past.slice(maxPastEpochs)
  const after = makeGroup({
    ...before,
    epoch: next.context.epoch,
    active: staged.reinitProposal === undefined,
    context: next.context,
    tree: next.tree,
    privateKeys: next.privateKeys,
    secrets: next.epoch.secrets,
    confirmationTag: next.confirmationTag,
    interimTranscriptHash: next.interimTranscriptHash,
    secretTree: secretTree(next.context.epoch, next.tree.leafCount, next.epoch.encryption),
    past: past.slice(0, maxPastEpochs),
    proposals: new Map(),
    reinit: staged.reinitProposal,
  })
  return {
    state: after,
    writes: [
      ...(staged.reinitProposal === undefined ? [] : [groupRecord(after)]),
      epochRecord(after),
      ...nodeWrites(before.tree, after.tree),
      ...keyWrites(before.privateKeys, after.privateKeys),
      ...retired.writes,
      pastRecord(passed),
      ...secretTreeRecords(after.secretTree),
      ...dropped.flatMap(erasePast),
      ...eraseProposals(before),
    ],
  }
}

/** Our own removal: nothing secret stays; members and extensions can still be read. */
function leave(before: Group): ReturnType<Engine["applyCommit"]> {
  const none = new Uint8Array(0)
  const secrets = { senderData: none, exporter: none, external: none, membership: none, resumption: none, authenticator: none, init: none }
  const after = makeGroup({
    ...before,
    active: false,
    privateKeys: new Map(),
    secrets,
    secretTree: secretTree(before.epoch, before.tree.leafCount, undefined),
    past: [],
    proposals: new Map(),
  })
  return {
    state: after,
    writes: [
      groupRecord(after),
      epochRecord(after),
      ...keyWrites(before.privateKeys, after.privateKeys),
      ...secretTreeRecords(before.secretTree).map(erased),
      ...before.past.flatMap(erasePast),
      ...eraseProposals(before),
    ],
  }
}

function leavesThatDiffer(before: RatchetTree, after: RatchetTree): ReadonlyMap<number, Member | undefined> {
  const leaves = new Map<number, Member | undefined>()
  for (let leafIndex = 0; leafIndex < Math.max(before.leafCount, after.leafCount); leafIndex++) {
    const old = leafIndex < before.leafCount ? leafAt(before, leafIndex) : undefined
    const now = leafIndex < after.leafCount ? leafAt(after, leafIndex) : undefined
    if (old !== now) leaves.set(leafIndex, old && memberOf(leafIndex, old))
  }
  return leaves
}

function erased(write: RecordWrite): RecordWrite {
  return { key: write.key, value: undefined }
}

export function erasePast(past: PastEpoch): RecordWrite[] {
  return [{ key: pastRecordKey(past.epoch), value: undefined }, ...secretTreeRecords(past.secretTree).map(erased)]
}

function eraseProposals(before: Group): RecordWrite[] {
  return [...before.proposals.keys()].map((ref) => ({ key: proposalRecordKey(ref), value: undefined }))
}
