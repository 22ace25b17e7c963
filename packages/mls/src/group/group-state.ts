// One group at one moment, as the engine holds it. `GroupState` of the API is this, seen from outside.

import { bytes, toHex } from "@nodoor/bytes"
import type { GroupOptions, GroupState, Member, PskLookup, RecordWrite } from "../api/api.ts"
import type { VerifiedContent } from "../message/content-authentication.ts"
import type { GroupContext } from "../codec/group-context.ts"
import type { EpochSecrets } from "../secrets/key-schedule.ts"
import { memberOf } from "../tree/leaf-node.ts"
import { check } from "../codec/mls-error.ts"
import type { ReInit } from "../message/proposal.ts"
import { type RatchetTree, leafAt } from "../tree/ratchet-tree.ts"
import type { SecretTree } from "../secrets/secret-tree.ts"

/** A proposal received or sent in this epoch, until a commit takes it. */
export interface PendingProposal {
  readonly ref: Uint8Array
  readonly content: VerifiedContent
  /** Private encryption key of the leaf, for an Update of our own. */
  readonly ownLeafKey: Uint8Array | undefined
}

/** What is kept of a passed epoch, for application messages that come late. */
export interface PastEpoch {
  readonly epoch: bigint
  /** When it passed; undefined for one that a version kept which did not note it, until `forgetOld` has seen it. */
  readonly passedMs: number | undefined
  /** The encoded GroupContext, which signatures cover. */
  readonly context: Uint8Array
  readonly senderData: Uint8Array
  readonly resumption: Uint8Array
  readonly secretTree: SecretTree
  /** Leaves that the next commit changed, as they were in this epoch; undefined for a blank one. */
  readonly leaves: ReadonlyMap<number, Member | undefined>
}

interface GroupFields {
  readonly groupId: GroupState["groupId"]
  readonly epoch: bigint
  readonly suite: GroupState["suite"]
  readonly ownLeafIndex: number
  readonly active: boolean
  readonly options: Required<GroupOptions>
  readonly context: GroupContext
  readonly tree: RatchetTree
  /** Private keys of our leaf and of the nodes above it that we know, by node index. */
  readonly privateKeys: ReadonlyMap<number, Uint8Array>
  readonly secrets: EpochSecrets
  readonly confirmationTag: Uint8Array
  readonly interimTranscriptHash: Uint8Array
  readonly secretTree: SecretTree
  /** Newest first. */
  readonly past: readonly PastEpoch[]
  /** By hexadecimal ref, in the order they came. */
  readonly proposals: ReadonlyMap<string, PendingProposal>
  /** Set once a ReInit was committed: this group is closed. */
  readonly reinit: ReInit | undefined
}

export type Group = GroupFields & GroupState

export function group(fields: GroupFields): Group {
  return fields as Group
}

export function internal(state: GroupState): Group {
  return state as Group
}

/** @throws MlsError `group_inactive` */
export function checkActive(state: Group): void {
  check(state.active, "group_inactive", "this member has left the group, or the group was re-initialised")
}

export function proposalKey(ref: Uint8Array): string {
  return toHex(ref)
}

/** The member at a leaf in a retained epoch, current or past. */
export function memberAt(state: Group, epoch: bigint, leafIndex: number): Member | undefined {
  for (const past of state.past.filter((candidate) => candidate.epoch >= epoch).reverse()) {
    if (past.leaves.has(leafIndex)) return past.leaves.get(leafIndex)
  }
  const leaf = leafIndex < state.tree.leafCount ? leafAt(state.tree, leafIndex) : undefined
  return leaf && memberOf(leafIndex, leaf)
}

/** The caller's keys, and before them the resumption PSKs of this group's retained epochs (RFC 9420 §8.6). */
export function withOwnResumption(state: Group, lookup: PskLookup | undefined): PskLookup {
  return (id) => {
    if (id.type === "resumption" && toHex(id.groupId) === toHex(state.groupId)) {
      if (id.epoch === state.epoch) return state.secrets.resumption
      const past = state.past.find((candidate) => candidate.epoch === id.epoch)
      if (past !== undefined) return past.resumption
    }
    return lookup?.(id)
  }
}

/** Writes of a message: a state with another secret tree in the given epoch. */
export function withSecretTree(
  state: Group,
  tree: SecretTree,
  writes: readonly RecordWrite[],
): { readonly state: Group; readonly writes: readonly RecordWrite[] } {
  if (tree.epoch === state.epoch) return { state: { ...state, secretTree: tree }, writes }
  const past = state.past.map((candidate) => (candidate.epoch === tree.epoch ? { ...candidate, secretTree: tree } : candidate))
  return { state: { ...state, past }, writes }
}

export function asGroupId(raw: Uint8Array): GroupState["groupId"] {
  return bytes<"GroupId">(raw)
}
