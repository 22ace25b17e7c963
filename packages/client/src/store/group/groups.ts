// MLS groups as this device stands in them: table `mls_group`.

import { type Policy, decodePolicy } from "../../core/policy.ts"
import type { Row } from "../../core/ports.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface GroupRow {
  readonly groupId: Uint8Array
  readonly chatId: Uint8Array
  /** `leaving`: our leave is on its way; nothing else is sent. */
  readonly status: "active" | "leaving" | "left" | "halted"
  readonly epoch: number
  readonly policy: Policy
  readonly lastOrder: number
  readonly joinedOrder: number
  readonly joinedEpoch: number
  readonly proposals: number
  readonly profileDue: number
  /** When this device last brought new keys into the group, what it encrypted since, and since when it should again. */
  readonly pathMs: number | undefined
  readonly pathMessages: number
  readonly pathDueMs: number | undefined
}

export async function findGroup(reader: Reader, groupId: Uint8Array): Promise<GroupRow | undefined> {
  const [row] = await reader.read("SELECT * FROM mls_group WHERE group_id = ?", groupId)
  return row && groupFromRow(row)
}

export function groupFromRow(row: Row): GroupRow {
  return {
    groupId: row["group_id"] as Uint8Array,
    chatId: row["chat_id"] as Uint8Array,
    status: row["status"] as GroupRow["status"],
    epoch: Number(row["epoch"]),
    policy: decodePolicy(row["policy"] as Uint8Array),
    lastOrder: Number(row["last_order"]),
    joinedOrder: Number(row["joined_order"]),
    joinedEpoch: Number(row["joined_epoch"]),
    proposals: Number(row["proposals"]),
    profileDue: Number(row["profile_due"]),
    pathMs: optionalNumber(row["path_ms"]),
    pathMessages: Number(row["path_messages"] ?? 0),
    pathDueMs: optionalNumber(row["path_due_ms"]),
  }
}
