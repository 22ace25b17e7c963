// What this device has still to do with the server before nothing is left to wait for.

import type { Reader } from "./reader.ts"

/** Counts what is to be sent, asked for, or made known; what waits for a person does not count. */
export async function countUnsettled(reader: Reader, ownAccountId: Uint8Array): Promise<number> {
  const [row] = await reader.read(
    `SELECT
       (SELECT COUNT(*) FROM outbox o JOIN mls_group g ON g.group_id = o.group_id WHERE g.status IN ('active', 'leaving') AND o.status != 'failed' AND NOT (o.kind != 'commit' AND o.status = 'placed')
          AND NOT (o.kind IN ('content', 'commit') AND EXISTS (SELECT 1 FROM chat c LEFT JOIN contact p ON p.account_id = c.peer
            WHERE c.chat_id = g.chat_id AND (c.state = 'request' OR p.blocked = 1)))) +
       (SELECT COUNT(*) FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.state = 'active' AND g.profile_due = 2
          AND EXISTS (SELECT 1 FROM member m WHERE m.group_id = g.group_id AND m.account_id != ?)) +
       (SELECT COUNT(*) FROM receipt_due r JOIN mls_group g ON g.group_id = r.group_id JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND c.state = 'active') +
       (SELECT COUNT(*) FROM sync_entry WHERE due = 1 AND EXISTS (SELECT 1 FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id
          WHERE c.kind = 'self' AND g.status = 'active' AND (SELECT COUNT(*) FROM member m WHERE m.group_id = g.group_id) > 1)) +
       (SELECT COUNT(*) FROM introduction WHERE due = 1 AND sent = 0) +
       (SELECT COUNT(*) FROM arrived_introduction) +
       (SELECT COUNT(*) FROM key_package WHERE message IS NOT NULL) +
       (SELECT NOT EXISTS (SELECT 1 FROM key_package)) AS n`,
    ownAccountId,
  )
  return Number(row?.["n"] ?? 0)
}
