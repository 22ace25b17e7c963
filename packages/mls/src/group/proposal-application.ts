// Applying a valid list of proposals to a tree and a list of extensions, RFC 9420 §12.3.

import type { Extension } from "../api/api.ts"
import { type LeafNode, detachLeafNode } from "../tree/leaf-node.ts"
import { assert } from "@nodoor/bytes"
import type { ReInit } from "../message/proposal.ts"
import type { CommittedProposal } from "./proposal-list.ts"
import type { PreSharedKeyId } from "../secrets/psk.ts"
import type { TreeDraft } from "../tree/ratchet-tree.ts"

export interface AppliedProposals {
  readonly extensions: readonly Extension[]
  readonly extensionsChanged: boolean
  /** Leaf indices. */
  readonly added: readonly number[]
  readonly updated: readonly number[]
  readonly removed: readonly number[]
  readonly psks: readonly PreSharedKeyId[]
  readonly reinit: ReInit | undefined
  readonly kemOutput: Uint8Array | undefined
  /** Our new leaf key, when our own Update was among them. */
  readonly ownLeafKey: Uint8Array | undefined
}

/** Changes `draft`; gives everything else that the list brings. @throws MlsError `group_full` */
export function applyProposals(
  draft: TreeDraft,
  list: readonly CommittedProposal[],
  extensionsBefore: readonly Extension[],
): AppliedProposals {
  let extensions = extensionsBefore
  let reinit: ReInit | undefined
  let kemOutput: Uint8Array | undefined
  let ownLeafKey: Uint8Array | undefined
  const updated: number[] = []
  const removed: number[] = []
  const psks: PreSharedKeyId[] = []
  const adds: LeafNode[] = []
  for (const item of list) {
    const { proposal, sender } = item
    switch (proposal.type) {
      case "group_context_extensions":
        extensions = proposal.extensions.map(({ type, data }) => ({ type, data: new Uint8Array(data) }))
        break
      case "update":
        assert(sender.type === "member", "updates come from members")
        draft.setLeaf(sender.leafIndex, detachLeafNode(proposal.leafNode))
        draft.blankPath(sender.leafIndex)
        updated.push(sender.leafIndex)
        ownLeafKey = item.ownLeafKey ?? ownLeafKey
        break
      case "remove":
        removed.push(proposal.removed)
        break
      case "add":
        adds.push(detachLeafNode(proposal.keyPackage.leafNode))
        break
      case "psk":
        psks.push(proposal.psk)
        break
      case "reinit":
        reinit = proposal.reinit
        break
      case "external_init":
        kemOutput = proposal.kemOutput
        break
      case "private_use":
    }
  }
  for (const leafIndex of removed) draft.removeLeaf(leafIndex)
  if (removed.length > 0) draft.truncate()
  const added = adds.map((leaf) => draft.addLeaf(leaf))
  return { extensions, extensionsChanged: extensions !== extensionsBefore, added, updated, removed, psks, reinit, kemOutput, ownLeafKey }
}
