// Groups by which of the own devices are in them: queries over tables `mls_group`, `chat` and `member`.

import { concat } from "@nodoor/bytes"
import type { DeviceId } from "@nodoor/keylog"
import type { Reader } from "../reader.ts"

/** The group of the own devices. Of several, the one with the lowest id is the one that counts. */
export async function findSelfGroup(reader: Reader): Promise<Uint8Array | undefined> {
  const [row] = await reader.read(
    "SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.kind = 'self' ORDER BY g.group_id LIMIT 1",
  )
  return row && (row["group_id"] as Uint8Array)
}

/** In which group which of these devices of the account has no leaf. Groups that are open here and were accepted, the most recent chats first. */
export async function listGroupsWithout(
  reader: Reader,
  accountId: Uint8Array,
  deviceIds: readonly Uint8Array[],
): Promise<readonly { readonly groupId: Uint8Array; readonly deviceId: DeviceId }[]> {
  const out: { groupId: Uint8Array; deviceId: DeviceId; order: number }[] = []
  for (const deviceId of deviceIds) {
    const rows = await reader.read(
      `SELECT g.group_id, c.activity_order FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id LEFT JOIN contact p ON p.account_id = c.peer
       WHERE g.status = 'active' AND c.state = 'active' AND COALESCE(p.blocked, 0) = 0
         AND NOT EXISTS (SELECT 1 FROM member m WHERE m.group_id = g.group_id AND m.account_id = ? AND m.device_id = ?)
         AND (g.predecessors IS NULL OR instr(g.predecessors, ?) = 0)`,
      accountId,
      deviceId,
      // A device that broke a group is in none that follows it: `encodePredecessors` writes the two side by side.
      concat(accountId, deviceId),
    )
    for (const row of rows)
      out.push({ groupId: row["group_id"] as Uint8Array, deviceId: deviceId as DeviceId, order: Number(row["activity_order"]) })
  }
  return out.toSorted((a, b) => b.order - a.order).map(({ groupId, deviceId }) => ({ groupId, deviceId }))
}

export async function countActiveGroups(reader: Reader): Promise<number> {
  const [row] = await reader.read(
    "SELECT COUNT(*) AS n FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.state = 'active'",
  )
  return Number(row?.["n"] ?? 0)
}
