// Groups by which of the own devices are in them: queries over tables `mls_group`, `chat` and `member`.

import { concat } from "@nodoor/bytes"
import type { DeviceId } from "@nodoor/keylog"
import type { Reader } from "../reader.ts"

/** The group of the own devices. Of several, one that goes on from a broken one counts, then the one with the lowest id. */
export async function findSelfGroup(reader: Reader): Promise<Uint8Array | undefined> {
  const [row] = await reader.read(
    `SELECT g.group_id FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.kind = 'self'
     ORDER BY g.predecessors IS NULL, g.group_id LIMIT 1`,
  )
  return row && (row["group_id"] as Uint8Array)
}

/** Whether one of the own devices broke their group, and the one that goes on is not there yet. */
export async function isSelfGroupBroken(reader: Reader): Promise<boolean> {
  const sql = `SELECT 1 AS one FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id JOIN broken_group b ON b.group_id = g.group_id
    WHERE g.status = 'succeeded' AND c.kind = 'self' AND b.successor IS NULL LIMIT 1`
  return (await findSelfGroup(reader)) === undefined && (await reader.read(sql)).length > 0
}

/** Own devices that broke a group of the own devices, as far as this one knows. */
export async function hasBrokenSelfGroup(
  reader: Reader,
  device: { readonly accountId: Uint8Array; readonly deviceId: Uint8Array },
): Promise<boolean> {
  const rows = await reader.read(
    `SELECT 1 AS one FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE c.kind = 'self' AND g.predecessors IS NOT NULL AND instr(g.predecessors, ?) > 0
     UNION ALL SELECT 1 FROM broken_group b JOIN mls_group g ON g.group_id = b.group_id JOIN chat c ON c.chat_id = g.chat_id
       JOIN member m ON m.group_id = b.group_id AND m.leaf_index = b.leaf_index WHERE c.kind = 'self' AND m.device_id = ? LIMIT 1`,
    concat(device.accountId, device.deviceId),
    device.deviceId,
  )
  return rows.length > 0
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
