import { CodecError, type CodecErrorCode } from "@nodoor/bytes"

/** What was wrong. Each code stands in docs/mls-validation.md with its rule, its section of the RFC and its test. */
export type MlsErrorCode =
  | CodecErrorCode
  // framing (RFC 9420 §6)
  | "unsupported_version"
  | "unsupported_suite"
  | "wrong_wire_format"
  | "wrong_group"
  | "wrong_epoch"
  | "group_inactive"
  | "wrong_signer"
  | "own_message"
  | "public_message_refused"
  | "public_application"
  | "sender_type"
  | "unknown_sender"
  | "sender_data"
  | "generation_consumed"
  | "generation_too_far"
  | "decryption_failed"
  | "nonzero_padding"
  | "invalid_signature"
  | "membership_tag"
  | "confirmation_tag"
  // leaf nodes and key packages (RFC 9420 §7.2, §7.3, §10)
  | "leaf_signature"
  | "leaf_source"
  | "leaf_capabilities"
  | "leaf_extension"
  | "leaf_lifetime"
  | "leaf_lifetime_length"
  | "credential_unsupported"
  | "required_capabilities"
  | "group_extension_unsupported"
  | "invalid_public_key"
  | "duplicate_extension"
  | "duplicate_signature_key"
  | "duplicate_encryption_key"
  | "encryption_key_unchanged"
  | "key_package_signature"
  | "key_package_keys"
  | "key_package_suite"
  // proposals and commits (RFC 9420 §12.1, §12.2, §12.4)
  | "too_many_proposals"
  | "unknown_proposal"
  | "remove_blank"
  | "remove_committer"
  | "update_by_committer"
  | "duplicate_leaf_proposal"
  | "duplicate_add"
  | "already_member"
  | "duplicate_psk"
  | "psk_usage"
  | "psk_nonce"
  | "psk_unknown"
  | "multiple_extensions_proposals"
  | "reinit_not_alone"
  | "proposal_unsupported"
  | "private_use_reference"
  | "reinit_version"
  | "external_init"
  | "missing_path"
  | "path_length"
  | "path_ciphertexts"
  | "path_key"
  | "path_key_reused"
  | "path_decryption"
  | "leaf_parent_hash"
  | "group_full"
  // outsiders (RFC 9420 §12.1.8, §12.2, §12.4.3.2)
  | "external_commit_refused"
  | "external_commit_proposals"
  | "external_commit_reference"
  | "external_commit_identity"
  | "external_proposal_refused"
  | "external_sender_unknown"
  | "external_proposal_type"
  | "new_member_proposal"
  // trees (RFC 9420 §7.8, §7.9, §12.4.3)
  | "tree_hash"
  | "tree_parent_hash"
  | "unmerged_leaves"
  // joining (RFC 9420 §11.2, §11.3, §12.4.3)
  | "welcome_not_for_key_package"
  | "welcome_secrets"
  | "welcome_psks"
  | "group_info_decryption"
  | "group_info_signature"
  | "group_info_signer"
  | "group_info_suite"
  | "no_ratchet_tree"
  | "leaf_not_in_tree"
  | "path_secret"
  | "resumed_group"
  // what was sealed to a key package beside a Welcome
  | "sealed_to_key_package"
  // storage
  | "broken_records"

/** The one error for bad bytes and broken rules of peers, servers and files. Its message holds no key and no content. */
export class MlsError extends Error {
  readonly code: MlsErrorCode
  constructor(code: MlsErrorCode, what: string) {
    super(`${code}: ${what}`)
    this.name = "MlsError"
    this.code = code
  }
}

/** Refuses unless `condition` holds. @throws MlsError */
export function check(condition: boolean, code: MlsErrorCode, what: string): asserts condition {
  if (!condition) throw new MlsError(code, what)
}

/** Runs a decoder; what it throws for bad bytes becomes an `MlsError` of the same code. */
export function decoding<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CodecError) throw new MlsError(error.code, error.message)
    throw error
  }
}
