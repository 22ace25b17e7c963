// Accounts, sessions, tokens, KeyPackages and introductions.

import type { AccountService } from "../accounts/account-service.ts"
import type { Service } from "./service.ts"

const sweepEveryMs = 10 * 60_000
/** How long a session of an account may last that another process suspended or erased. */
const noticeEveryMs = 2_000

export function accountService(accounts: AccountService): Service {
  return {
    routes: accounts.routes,
    sweeps: [
      { everyMs: sweepEveryMs, atStart: false, failed: "sweep_failed", run: accounts.sweep },
      { everyMs: noticeEveryMs, atStart: false, failed: "accounts_unread", run: accounts.noticeAccountChanges },
    ],
    close: accounts.settled,
  }
}
