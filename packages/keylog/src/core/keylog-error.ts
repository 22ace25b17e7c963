import { CodecError } from "@nodoor/bytes"

/**
 * The one error of this package: bytes of a server, file or peer that break a numbered rule of docs/transparency.md.
 * `code` names the rule. The message never holds keys, names or values. Nothing was stored when it is thrown.
 */
export class KeylogError extends Error {
  readonly code: KeylogErrorCode
  constructor(code: KeylogErrorCode, what: string, options?: { readonly cause: unknown }) {
    super(`${code}: ${what}`, options)
    this.name = "KeylogError"
    this.code = code
  }
}

/** Every code, each a rule of docs/transparency.md with a test of its own. */
export const keylogErrorCodes = [
  "malformed", // G1: not the one encoding of the structure: truncated, trailing, oversized, non-canonical, out of range
  "wrong_origin", // A1
  "wrong_account", // A2
  "account_version", // A3
  "account_prev", // A4
  "account_reset_count", // A5
  "account_after_tombstone", // A6
  "account_no_device", // A7
  "account_key_unfit", // A8
  "account_key_reused", // A9
  "account_device_changed", // A10
  "account_added_version", // A11
  "account_unsigned", // A12
  "account_no_possession", // A13
  "account_bad_signature", // A14
  "account_stray_signature", // A15
  "account_recovery_unsigned", // A16
  "account_kind", // A17
  "account_recovery_changed", // A18
  "handle_invalid", // H1
  "handle_mismatch", // H2
  "handle_account", // H3
  "handle_signature", // H4
  "handle_claim", // H5
  "note_malformed", // N1
  "note_key", // N2
  "note_unsigned", // N3
  "note_bad_signature", // N4
  "checkpoint_malformed", // C1
  "checkpoint_extension", // C2
  "tree_inclusion", // T1
  "tree_smaller", // T2
  "tree_fork", // T3
  "tree_consistency", // T4
  "tile_path", // T5
  "tile_missing", // T6
  "vrf_key", // V1
  "vrf_malformed", // V2
  "vrf_proof", // V3
  "map_proof", // M1
  "map_shape", // M2
  "map_depth", // M3
  "commitment", // M4
  "ladder", // L1
  "entry_malformed", // E1
  "epoch_not_last", // E2
  "config_changed", // E3
  "epoch_future", // E4
  "epoch_order", // E5
  "epoch_prev", // E6
  "rekey", // E7
  "policy_unsafe", // W1
  "policy_own_witness", // W2
  "witness_stale", // W3
  "witness_future", // W4
  "witness_quorum", // W5
  "audit_missing", // W6
  "policy_unknown", // W7
  "policy_change", // W8
  "search_shape", // S1
  "version_lower", // S2
  "value_changed", // S3
  "label_unknown", // S4
  "erased_living", // S5
  "delta_order", // D1
  "map_key_present", // D2
  "delta_hash", // D3
  "delta_root", // D4
  "epoch_reference", // D5
  "audit_behind", // D6
  "log_ended", // D7
  "notice_day", // D8
  "notice_opening", // D9
  "canary_malformed", // K1
  "canary_lifetime", // K2
  "canary_keys", // K3
  "canary_signature", // K4
  "canary_unsigned", // K5
  "token_key_versions", // P1
  "token_key_malformed", // P2
  "token_key_differs", // P3
  "evidence_malformed", // G2
  "evidence_proves_nothing", // G3
] as const

export type KeylogErrorCode = (typeof keylogErrorCodes)[number]

/** Throws the coded error unless the rule holds. */
export function rule(holds: boolean, code: KeylogErrorCode, what: string): asserts holds {
  if (!holds) throw new KeylogError(code, what)
}

/** Runs a decoder; bytes it does not take are `malformed`. */
export function parse<T>(what: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof CodecError) throw new KeylogError("malformed", `${what}: ${error.message}`, { cause: error }) // G1
    throw error
  }
}
