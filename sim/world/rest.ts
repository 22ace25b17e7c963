// Whether a device has come to rest: nothing is to be sent, taken in, made up for, or committed any more.

import type { WorldDevice } from "./world-device.ts"

/** What waits in a request waits for the person. A seat that has ended lets nobody in again: the members took it out. */
const unfinished = `SELECT (SELECT COUNT(*) FROM outbox o JOIN mls_group g ON g.group_id = o.group_id JOIN chat c ON c.chat_id = g.chat_id
    WHERE g.status IN ('active', 'leaving', 'succeeded') AND o.status != 'failed' AND NOT (c.state = 'request' AND o.kind IN ('content', 'commit'))) +
  (SELECT COUNT(*) FROM waiting_record) + (SELECT COUNT(*) FROM introduction WHERE due = 1 AND sent = 0) + (SELECT COUNT(*) FROM arrived_introduction) +
  (SELECT COUNT(*) FROM healing h JOIN mls_group g ON g.group_id = h.group_id WHERE g.status = 'active' AND h.over_ms IS NULL) +
  (SELECT COUNT(*) FROM broken_group b JOIN mls_group g ON g.group_id = b.group_id WHERE g.status = 'succeeded' AND b.successor IS NULL) +
  (SELECT COUNT(*) FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id WHERE g.status = 'active' AND g.proposals > 0 AND c.state != 'request') AS n`

export async function isSettled(device: WorldDevice): Promise<boolean> {
  if ((await device.device?.connection())?.status !== "online") return false
  const [row] = await device.disk.read(unfinished)
  return row?.["n"] === 0
}

/** What a device still waits for, in a line. */
export async function unrest({ disk, device }: WorldDevice): Promise<string> {
  const outbox = await disk.read(
    "SELECT o.kind, o.status, o.epoch, o.attempts, g.status AS group_status, g.epoch AS group_epoch, hex(g.group_id) AS id FROM outbox o JOIN mls_group g ON g.group_id = o.group_id LIMIT 3",
  )
  const waiting = await disk.read("SELECT ord, hex(group_id) AS id FROM waiting_record LIMIT 3")
  const proposals = await disk.read("SELECT hex(group_id) AS id, proposals, epoch FROM mls_group WHERE status = 'active' AND proposals > 0")
  const healing = await disk.read(
    "SELECT hex(h.group_id) AS id, reason, over_ms, g.status FROM healing h JOIN mls_group g ON g.group_id = h.group_id",
  )
  const broken = await disk.read("SELECT hex(group_id) AS id, code, epoch, hex(successor) AS successor FROM broken_group")
  const introductions = await disk.read("SELECT hex(group_id) AS id, sent, due FROM introduction WHERE due = 1 AND sent = 0")
  const arrived = await disk.read("SELECT COUNT(*) AS n FROM arrived_introduction")
  return JSON.stringify({ connection: await device?.connection(), outbox, waiting, proposals, healing, broken, introductions, arrived })
}
