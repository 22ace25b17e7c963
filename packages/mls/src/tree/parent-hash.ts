// Parent hashes, RFC 9420 §7.9: each commit's leaf signs the keys it put above itself.

import { TlsWriter } from "@nodoor/bytes"
import { empty } from "../codec/cryptographic-objects.ts"
import type { SuiteCrypto } from "../provider/provider.ts"
import { type ParentNode, type PathStep, type TreeDraft, parentAt } from "./ratchet-tree.ts"

/** Hash of ParentHashInput. `siblingTreeHash` is original_sibling_tree_hash. */
export function parentHash(
  suite: SuiteCrypto,
  node: Pick<ParentNode, "encryptionKey" | "parentHash">,
  siblingTreeHash: Uint8Array,
): Uint8Array {
  return suite.hash(new TlsWriter().vector(node.encryptionKey).vector(node.parentHash).vector(siblingTreeHash).finish())
}

/**
 * Puts the public keys of a path into the draft, with their parent hashes from the root down, and gives the hash that the leaf must carry.
 * `keys` belong to `path` one by one.
 */
export function mergePath(
  suite: SuiteCrypto,
  draft: TreeDraft,
  leafIndex: number,
  path: readonly PathStep[],
  keys: readonly Uint8Array[],
): Uint8Array {
  draft.blankPath(leafIndex)
  let above: Uint8Array = empty
  for (let i = path.length - 1; i >= 0; i--) {
    const { node, copath } = path[i] as PathStep
    draft.setParent(node, { encryptionKey: keys[i] as Uint8Array, parentHash: above, unmergedLeaves: [] })
    // The copath lies off the path, so its tree hash is already that of the new tree.
    above = parentHash(suite, parentAt(draft, node) as ParentNode, draft.hash(copath))
  }
  return above
}
