// Things that happen in a chat and are shown as a line in it, as the store keeps them.

import type { GroupRules, HistorySharing, Role } from "../../core/group-rules.ts"
import type { Hex } from "../../core/hex.ts"

export type ChatEvent =
  | { readonly kind: "created"; readonly by: Hex }
  | { readonly kind: "added" | "removed"; readonly by: Hex; readonly accounts: readonly Hex[] }
  | { readonly kind: "left"; readonly account: Hex }
  | { readonly kind: "renamed"; readonly by: Hex; readonly name: string }
  | { readonly kind: "role"; readonly by: Hex; readonly account: Hex; readonly role: Role }
  | { readonly kind: "rules"; readonly by: Hex; readonly rules: GroupRules }
  /** What new members are shown of what was written before; null for nothing. */
  | { readonly kind: "history_sharing"; readonly by: Hex; readonly history: HistorySharing | null }
  /** Who let somebody in sent them so many of the messages that were written before. */
  | { readonly kind: "history_shared"; readonly by: Hex; readonly accounts: readonly Hex[]; readonly count: number }
  | { readonly kind: "identity_changed"; readonly account: Hex }
  | { readonly kind: "device_added" | "device_removed"; readonly account: Hex }
  /** One of the account's devices deleted it. `unproven`: the account has ended, and the log no longer shows who ended it. */
  | { readonly kind: "account_deleted"; readonly account: Hex; readonly unproven?: boolean }
  /**
   * A commit broke the policy or could not be trusted. It was refused, and nobody was added. `goesOn`: the chat goes on without the device that
   * made it.
   */
  | { readonly kind: "refused_commit"; readonly by: Hex; readonly code: string; readonly goesOn?: boolean }
  /**
   * Messages between these times are missing here, as far as this device could not get them from others: `retention`: the server no longer had
   * them. `copy`: this device's store was put back to an older copy, or comes from an archive. `keys`: this device had lost keys of the chat.
   * `account`: this device's own.
   */
  | {
      readonly kind: "missed"
      readonly account: Hex
      readonly fromMs: number
      readonly untilMs: number
      readonly why: "retention" | "copy" | "keys"
    }
  /** This device has no place in the chat any more, and nobody has told it who took it out. */
  | { readonly kind: "place_lost"; readonly account: Hex }
  /**
   * The server withheld, reordered or forked this chat's history (docs/protocol.md, "One history for all"). `by`: it is a member's word
   * against this device's.
   */
  | { readonly kind: "history_mismatch"; readonly code: string; readonly by?: Hex }
