// What every message of our own goes through: the right signer, then our next key (RFC 9420 §6.3, §9.1).

import { equal, present } from "@nodoor/bytes"
import type { Change, Environment, Signer } from "../api/api.ts"
import type { AuthenticatedContent } from "../message/framing.ts"
import { type Group, withSecretTree } from "./group-state.ts"
import { check } from "../codec/mls-error.ts"
import { encodePrivateMessage } from "../message/mls-message.ts"
import { sealContent } from "../message/private-message.ts"
import { leafAt } from "../tree/ratchet-tree.ts"
import { takeNext } from "../secrets/secret-tree.ts"

/** @throws MlsError `wrong_signer` unless the signer's key is that of our leaf */
export function checkOwnSigner(group: Group, signer: Signer): void {
  const leaf = present(leafAt(group.tree, group.ownLeafIndex), "our own leaf")
  check(equal(leaf.signatureKey, signer.publicKey), "wrong_signer", "a signer that is not the one of this member's leaf")
}

/** Seals our own signed content with our next key. */
export function sealOwn(
  env: Environment,
  group: Group,
  content: AuthenticatedContent,
): { readonly message: Uint8Array; readonly change: Change } {
  const suite = env.crypto.suite(group.suite)
  const type = content.framed.content.type === "application" ? "application" : "handshake"
  const { tree, writes, generation, key, nonce } = takeNext(suite, group.secretTree, group.ownLeafIndex, type)
  const senderData = { leafIndex: group.ownLeafIndex, generation, reuseGuard: env.crypto.random(4) }
  const message = sealContent(suite, content, {
    senderDataSecret: group.secrets.senderData,
    key: { key, nonce },
    senderData,
    paddingBytes: 0,
  })
  return { message: encodePrivateMessage(message), change: withSecretTree(group, tree, writes) }
}
