// How much a refusal means to the person at the device. "Could not check" and "checked and wrong" never look alike.

import type { KeylogErrorCode } from "./keylog-error.ts"

/**
 * - `red`: checked and wrong. Stop sending, save the response as evidence.
 * - `warn`: true as far as it goes, but not (yet) vouched for by enough others. No new keys; chats go on.
 * - `unchecked`: bytes that say nothing, as any fault on the way makes them. Try again; warn after an hour.
 */
export type AlarmLevel = "red" | "warn" | "unchecked"

const warn: readonly KeylogErrorCode[] = [
  "witness_stale",
  "witness_future",
  "witness_quorum",
  "audit_missing",
  "epoch_future",
  "audit_behind",
  "canary_lifetime",
  "canary_keys",
  "canary_signature",
  "canary_unsigned",
]

const unchecked: readonly KeylogErrorCode[] = [
  "malformed",
  "handle_invalid",
  "note_malformed",
  "note_key",
  "checkpoint_malformed",
  "tile_path",
  "tile_missing",
  "policy_unknown",
  "search_shape",
  "label_unknown",
  "canary_malformed",
  "evidence_malformed",
  "evidence_proves_nothing",
]

/** The level of the alarm that a refusal with this code raises. */
export function alarmLevel(code: KeylogErrorCode): AlarmLevel {
  if (warn.includes(code)) return "warn"
  return unchecked.includes(code) ? "unchecked" : "red"
}
