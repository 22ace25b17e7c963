// Accounts that are suspended, resumed or erased: by the console, by a command in another process, or because nobody uses them any more.
// The store refuses such accounts from then on. This code ends their sessions. Of their conversations this service knows nothing: what their
// devices may still read and post ends with their passes, because they draw no more tokens.

import type { Clock, Log } from "../core/ports.ts"
import type { AccountSummary, OperationInput, Store } from "./store/store.ts"
import type { AccountServiceOptions } from "./options.ts"
import type { Introductions } from "./introductions.ts"
import { type Presence, periodDays } from "./presence.ts"
import type { Sessions } from "./sessions.ts"

export interface AccountChanges {
  /** @throws WireError `account_not_found`, `account_erased` for a change of an erased account */
  change(input: OperationInput<"changeAccount">): Promise<AccountSummary>
  /** Applies changes that another process made. Call every few seconds. */
  notice(): Promise<void>
  /** Erases accounts that were not used for `inactiveDays`. Call at least daily. */
  eraseUnused(): Promise<void>
}

export interface AccountChangePorts {
  readonly store: Pick<Store, "changeAccount" | "accountChanges" | "refusedDevices" | "eraseUnused">
  readonly sessions: Pick<Sessions, "drop" | "devices">
  readonly presence: Pick<Presence, "accounts">
  readonly introductions: Pick<Introductions, "drop" | "devices">
  readonly clock: Clock
  readonly log: Log
}

const dayMs = 86_400_000
/** The server erases an account only after it saw on this many days that it was unused, so a wrong clock alone erases nobody. */
const noticedDays = 7
/**
 * An account is dated by the first day of the four weeks in which it was seen, and may have been seen on the last. A server that was cut off may
 * have lost what it knew of four weeks more.
 */
const uncertainDays: number = 2 * periodDays - 1
/** Accounts per transaction, and devices asked about at once, so that no caller waits long behind them. */
const eraseMax = 50
const askMax = 500

/** @throws WireError `unavailable` */
export async function createAccountChanges(ports: AccountChangePorts, options: AccountServiceOptions): Promise<AccountChanges> {
  const { store, sessions, introductions, presence, clock } = ports
  let noticed = await store.accountChanges({})

  const end = (deviceIds: readonly Uint8Array[]): void => {
    sessions.drop(deviceIds)
    introductions.drop(deviceIds)
  }

  return {
    change: async (input) => {
      const { account, refused } = await store.changeAccount(input)
      end(refused)
      return account
    },

    notice: async () => {
      const changes = await store.accountChanges({})
      if (changes === noticed) return
      const open = [...sessions.devices(), ...introductions.devices()]
      for (let at = 0; at < open.length; at += askMax) {
        const refused = await store.refusedDevices({ deviceIds: open.slice(at, at + askMax) })
        end(refused.map(({ deviceId }) => deviceId))
      }
      noticed = changes
    },

    eraseUnused: async () => {
      const { inactiveDays = 0 } = options
      if (inactiveDays === 0) return
      const nowMs = clock.nowMs()
      const input = {
        today: utcDay(nowMs),
        noticeBefore: utcDay(nowMs - (inactiveDays - noticedDays + uncertainDays) * dayMs),
        eraseBefore: utcDay(nowMs - (inactiveDays + uncertainDays) * dayMs),
        noticedDays,
        max: eraseMax,
      }
      for (let more = true; more;) {
        const answer = await store.eraseUnused({ ...input, present: presence.accounts() })
        end(answer.refused)
        if (answer.erased > 0) ports.log("info", "unused_accounts_erased")
        more = answer.more
      }
    },
  }
}

/** `YYYY-MM-DD`. */
function utcDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10)
}
