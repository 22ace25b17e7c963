// Lines of a chat's history that nobody typed, as the store keeps them and as they are shown.

import type { GroupRules, Role } from "../../core/group-rules.ts"
import type { Hex } from "../../core/hex.ts"

export type ChatEvent =
  | { readonly kind: "created"; readonly by: Hex }
  | { readonly kind: "added" | "removed"; readonly by: Hex; readonly accounts: readonly Hex[] }
  | { readonly kind: "left"; readonly account: Hex }
  | { readonly kind: "renamed"; readonly by: Hex; readonly name: string }
  | { readonly kind: "role"; readonly by: Hex; readonly account: Hex; readonly role: Role }
  | { readonly kind: "rules"; readonly by: Hex; readonly rules: GroupRules }
  | { readonly kind: "identity_changed"; readonly account: Hex }
  | { readonly kind: "device_added" | "device_removed"; readonly account: Hex }
  /** The account was deleted by one of its devices; `unproven`: it has ended, and the log has erased who ended it. */
  | { readonly kind: "account_deleted"; readonly account: Hex; readonly unproven?: boolean }
  /** A commit broke policy or trust and was refused; nobody was let in. */
  | { readonly kind: "refused_commit"; readonly by: Hex; readonly code: string }
  /**
   * The server withheld, reordered or forked this chat's history (docs/protocol.md, "One history for all"). `by`: it is a member's word
   * against this device's.
   */
  | { readonly kind: "history_mismatch"; readonly code: string; readonly by?: Hex }
