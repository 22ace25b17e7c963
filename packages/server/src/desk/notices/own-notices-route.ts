// What people are told about requests that named them: only their own, and only what they may know by now.

import { accountNotices } from "@nodoor/wire"
import { callerOfAccount } from "../../route/caller.ts"
import { type Handler, deviceRoute } from "../../route/handler.ts"
import type { RateLimit } from "../../route/rate-limit.ts"
import type { Clock } from "../../core/ports.ts"
import type { Database } from "../../sqlite/database.ts"
import { ownNotices } from "./subject-notices.ts"

export function ownNoticesRoute({
  db,
  clock,
  rateLimit,
}: {
  /** The desk's. */
  readonly db: Database
  readonly clock: Clock
  readonly rateLimit: RateLimit
}): Handler {
  return deviceRoute(accountNotices, async (_, session) => {
    rateLimit.take("lookup", callerOfAccount(session))
    return { notices: ownNotices(db, { accountId: session.accountId, nowMs: clock.nowMs() }) }
  })
}
