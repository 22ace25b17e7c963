// What one of this device's commits should do, stored until it is done. The commit itself is rebuilt for each epoch in which it is tried.

import { CodecError, bytes, decodeCbor, encodeCbor } from "@nodoor/bytes"
import type { AccountId } from "@nodoor/keylog"
import type { GroupRules, HistorySharing, Role } from "../../core/group-rules.ts"

export type Intent =
  | { readonly type: "add"; readonly accounts: readonly AccountId[] }
  | { readonly type: "remove"; readonly account: AccountId }
  /** Remove the leaves that the account's latest state no longer lists. */
  | { readonly type: "revoke"; readonly account: AccountId }
  | { readonly type: "rename"; readonly name: string }
  | { readonly type: "role"; readonly account: AccountId; readonly role: Role }
  | { readonly type: "rules"; readonly rules: GroupRules }
  /** Replace the leaves whose devices asked for it (`rejoin_request`). */
  | { readonly type: "rejoin" }
  /** What new members are shown; null for nothing. */
  | { readonly type: "history"; readonly history: HistorySharing | null }
  /** Bring new keys of this device, and nothing else. */
  | { readonly type: "renew" }
  /** Commit what others proposed. */
  | { readonly type: "proposals" }

export function encodeIntent(intent: Intent): Uint8Array {
  return encodeCbor(intent as never)
}

/** Reads back what `encodeIntent` wrote, from the own store. @throws CodecError */
export function decodeIntent(stored: Uint8Array): Intent {
  const value = decodeCbor(stored, { maxBytes: 65_536 }) as Record<string, never> & { readonly type?: string }
  switch (value.type) {
    case "add":
      return { type: "add", accounts: (value["accounts"] as unknown as Uint8Array[]).map((account) => bytes<"AccountId">(account)) }
    case "remove":
    case "revoke":
    case "rename":
    case "role":
    case "rules":
    case "rejoin":
    case "history":
    case "renew":
    case "proposals":
      return value as unknown as Intent
    default:
      throw new CodecError("invalid_value", "intent")
  }
}
