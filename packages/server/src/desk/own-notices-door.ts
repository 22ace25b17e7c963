// What a person is told about requests that named them: their own, and only what may be told by now.

import { accountNotices } from "@nodoor/wire"
import { callerOfAccount } from "../delivery/caller.ts"
import { type Door, deviceDoor } from "../delivery/door.ts"
import type { RateLimit } from "../delivery/rate-limit.ts"
import type { Clock } from "../ports.ts"
import type { Database } from "../store/sqlite/database.ts"
import { ownNotices } from "./told.ts"

export function ownNoticesDoor({
  deskDatabase,
  clock,
  rateLimit,
}: {
  readonly deskDatabase: Database
  readonly clock: Clock
  readonly rateLimit: RateLimit
}): Door {
  return deviceDoor(accountNotices, async (_, session) => {
    rateLimit.take("lookup", callerOfAccount(session))
    return { notices: ownNotices(deskDatabase, { accountId: session.accountId, nowMs: clock.nowMs() }) }
  })
}
