// Leaf node validation, RFC 9420 §7.3. What needs only the leaf is checked here; what needs the other members stands in
// membership-validation.ts.

import type { Extension } from "../api/api.ts"
import { mls10 } from "../codec/capabilities.ts"
import { credentialType } from "../codec/credential.ts"
import { checkDistinct, isDefaultExtension, requiredCapabilities } from "../codec/extension.ts"
import { type LeafNode, type LeafPlace, verifyLeafNode } from "./leaf-node.ts"
import { check } from "../codec/mls-error.ts"
import type { SuiteCrypto } from "../provider/provider.ts"

export interface LeafCheck extends LeafPlace {
  /** Longest total lifetime accepted, in seconds; undefined for no limit. */
  readonly maxLifetimeS: number | undefined
  /** Whether the encryption key is also tried as a key of its KEM. Not on joining: the members did so when the leaf came in. */
  readonly importKey: boolean
}

/** Signature, capabilities, extensions, lifetime's length and key forms. @throws MlsError */
export function checkLeafNode(suite: SuiteCrypto, leaf: LeafNode, input: LeafCheck): void {
  checkLeafExtensions(leaf)
  const { capabilities } = leaf
  // RFC 9420 §7.2: the credential type used "MUST be included in the credentials field of the capabilities field"
  check(capabilities.credentials.includes(leaf.credential.type), "leaf_capabilities", "a leaf's credential type is not in its capabilities")
  check(capabilities.versions.includes(mls10), "leaf_capabilities", "a leaf does not list this protocol version")
  check(capabilities.cipherSuites.includes(suite.id), "leaf_capabilities", "a leaf does not list this cipher suite")
  check(leaf.credential.type === credentialType.basic, "credential_unsupported", "only basic credentials are supported by this member")
  checkLifetimeLength(leaf, input.maxLifetimeS)
  const keyFits =
    leaf.encryptionKey.length === suite.kemPublicKeyBytes && (!input.importKey || suite.importPublicKey(leaf.encryptionKey) !== undefined)
  check(keyFits, "invalid_public_key", "encryption key of a leaf")
  check(verifyLeafNode(suite, leaf, input), "leaf_signature", "a leaf's signature does not verify")
}

/** RFC 9420 §7.2, §7.3. @throws MlsError `leaf_extension`, `duplicate_extension` */
export function checkLeafExtensions({ extensions, capabilities }: Pick<LeafNode, "extensions" | "capabilities">): void {
  checkDistinct(extensions)
  for (const extension of extensions) {
    const listed = isDefaultExtension(extension.type) || capabilities.extensions.includes(extension.type)
    check(listed, "leaf_extension", "a leaf uses an extension that its capabilities do not list")
  }
}

/** RFC 9420 §7.2: applications "reject any LeafNode where the total lifetime is longer". @throws MlsError `leaf_lifetime_length` */
export function checkLifetimeLength(leaf: LeafNode, maxLifetimeS: number | undefined): void {
  if (leaf.source.type !== "key_package") return
  const { notBeforeS, notAfterS } = leaf.source.lifetime
  check(notBeforeS <= notAfterS, "leaf_lifetime_length", "a lifetime ends before it begins")
  const isShort = maxLifetimeS === undefined || notAfterS - notBeforeS <= BigInt(maxLifetimeS)
  check(isShort, "leaf_lifetime_length", "a lifetime is longer than accepted")
}

/**
 * RFC 9420 §7.3: for a leaf in a message that we send, now must lie within its lifetime. Leaves in received messages may have expired on
 * the way, and members must not disagree about a commit because one of them reads it later. @throws MlsError `leaf_lifetime`
 */
export function checkLifetime(leaf: LeafNode, timeMs: number): void {
  if (leaf.source.type !== "key_package") return
  const nowS = BigInt(Math.floor(timeMs / 1000))
  const { notBeforeS, notAfterS } = leaf.source.lifetime
  check(notBeforeS <= nowS && nowS <= notAfterS, "leaf_lifetime", "now is outside a leaf's lifetime")
}

/** Whether the leaf supports all that the group's extensions demand: RFC 9420 §7.3, §11.1, §13.4. @throws MlsError */
export function checkLeafSupportsGroup(leaf: LeafNode, extensions: readonly Extension[]): void {
  const { capabilities } = leaf
  for (const extension of extensions) {
    const supported = isDefaultExtension(extension.type) || capabilities.extensions.includes(extension.type)
    check(supported, "group_extension_unsupported", `a member does not support extension ${extension.type} of the group`)
  }
  const required = requiredCapabilities(extensions)
  if (required === undefined) return
  const fits =
    required.extensions.every((type) => isDefaultExtension(type) || capabilities.extensions.includes(type)) &&
    required.proposals.every((type) => isDefaultProposal(type) || capabilities.proposals.includes(type)) &&
    required.credentials.every((type) => capabilities.credentials.includes(type))
  check(fits, "required_capabilities", "a member lacks a capability that the group requires")
}

function isDefaultProposal(type: number): boolean {
  return type >= 1 && type <= 7
}
