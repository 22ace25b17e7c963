// How far an own message has come: by those it was for when it was sent, so that it never goes back.

import type { Row } from "../core/ports.ts"
import type { DeliveryStatus } from "./message-view.ts"
import { ownAccount } from "./people.ts"

/**
 * Of a message `m` of an own device in a chat `c`: the furthest report of anybody, and of a group's message how many others it was for, how
 * many have it and how many have read it, as `8/7/3`.
 */
export const reportColumns: string = `CASE WHEN m.account_id = ${ownAccount} THEN (SELECT MAX(status) FROM receipt r WHERE r.chat_id = m.chat_id AND r.message_id = m.message_id) END AS furthest,
  CASE WHEN m.account_id = ${ownAccount} AND c.kind != 'dm' AND m.ord IS NOT NULL THEN (
    SELECT COUNT(DISTINCT x.account_id) || '/' || COUNT(DISTINCT r.account_id) || '/' || COUNT(DISTINCT CASE WHEN r.status = 2 THEN r.account_id END)
      FROM membership x LEFT JOIN receipt r ON r.chat_id = m.chat_id AND r.message_id = m.message_id AND r.account_id = x.account_id
     WHERE x.group_id = m.group_id AND x.from_epoch <= COALESCE(m.epoch, 0) AND (x.until_order IS NULL OR x.until_order > m.ord) AND x.account_id != m.account_id
  ) END AS reception`

/** From `outgoing`, `ord`, `chat_kind` and `reportColumns`. */
export function deliveryStatus(row: Row): DeliveryStatus {
  const outgoing = String(row["outgoing"])
  const { furthest } = row
  if (outgoing === "queued" || outgoing === "failed" || row["ord"] === null || typeof furthest !== "number") return asSent(outgoing)
  if (row["chat_kind"] === "dm") return receiptStatus(furthest)
  const [others = 0, delivered = 0, seen = 0] = String(row["reception"]).split("/").map(Number)
  if (others > 0 && seen >= others) return "read"
  return others > 0 && delivered >= others ? "delivered" : "sent"
}

export function receiptStatus(status: number): DeliveryStatus {
  return status === 2 ? "read" : "delivered"
}

/** Without anybody's report. */
export function asSent(outgoing: string): DeliveryStatus {
  return outgoing === "queued" || outgoing === "failed" ? outgoing : "sent"
}
