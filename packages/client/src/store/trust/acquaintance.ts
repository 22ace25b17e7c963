// The people that this device's person knows: those they wrote to, accepted or verified, and those they share a group with. Everybody else is
// a stranger. A chat that a stranger starts is a request, and a stranger who never got an answer stays one.

import { toHex } from "@nodoor/bytes"
import type { Hex } from "../../core/hex.ts"
import type { Reader } from "../reader.ts"

/** A group counts while both are in it and its person has accepted being there. A verification counts until the identity changes. */
const known = `SELECT account_id FROM contact WHERE blocked = 0 AND (accepted = 1 OR (verified_ms IS NOT NULL AND change_ms IS NULL))
  UNION SELECT member.account_id FROM member
    JOIN mls_group ON mls_group.group_id = member.group_id AND mls_group.status = 'active'
    JOIN chat ON chat.chat_id = mls_group.chat_id AND chat.kind = 'group' AND chat.state = 'active'`

export async function isKnown(reader: Reader, accountId: Uint8Array): Promise<boolean> {
  return (await reader.read(`SELECT 1 AS one FROM (${known}) WHERE account_id = ? LIMIT 1`, accountId)).length > 0
}

export async function knownAccounts(reader: Reader): Promise<ReadonlySet<Hex>> {
  return new Set((await reader.read(known)).map((row) => toHex(row["account_id"] as Uint8Array)))
}
