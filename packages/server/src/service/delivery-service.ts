// Accounts, sessions, groups and mailboxes.

import type { Delivery } from "../delivery/delivery.ts"
import type { Service } from "./service.ts"

const sweepEveryMs = 10 * 60_000
/** How long a connection of an account may last that another process suspended or erased. */
const noticeEveryMs = 2_000

export function deliveryService(delivery: Delivery): Service {
  return {
    routes: delivery.routes,
    sweeps: [
      { everyMs: sweepEveryMs, atStart: false, failed: "sweep_failed", run: delivery.sweep },
      { everyMs: noticeEveryMs, atStart: false, failed: "accounts_unread", run: delivery.noticeAccountChanges },
    ],
  }
}
