// Rate limits by the generic cell rate algorithm: one number per caller, in memory only, forgotten as soon as it says nothing.

import { WireError } from "@nodoor/wire"
import type { Clock } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"

export interface Rate {
  /** How many may come at once after a rest. */
  readonly burst: number
  /** How many a second afterwards. */
  readonly perSecond: number
}

/** What is limited, each with who is counted. A caller's address is an IPv4 address or an IPv6 /64. */
export interface Rates {
  /** Registrations from one address: a household, a class room. */
  readonly register: Rate
  /** Invites that one address asks about. */
  readonly invite: Rate
  /** E-mail codes asked for from one address, and sent to one mailbox. */
  readonly emailCode: Rate
  readonly emailRecipient: Rate
  /** Challenges and sessions from one address. */
  readonly session: Rate
  /** Accounts started over from one address: a person tries again, a class room does not. */
  readonly recover: Rate
  /** Look-ups of handles from one address: a person looks up people one by one; a list of handles is not tried out quickly. */
  readonly lookup: Rate
  /** Look-ups of accounts by their ids from one address: a household of people who know a thousand others each. */
  readonly lookupById: Rate
  /** Labels that one account looks up in the log with its session: its own. */
  readonly logSearch: Rate
  /** Labels looked up in the log from one address without a session: everybody that a household's devices know, handles and all. */
  readonly logSearchAddress: Rate
  /** Claims from one address, each paid for with a token: a class of thirty that adds each other. */
  readonly claimAddress: Rate
  /** One-time KeyPackages of an account's devices, whoever asks; then their last resort. */
  readonly claimedFrom: Rate
  /** Introductions left from one address: a thousand people are added at once. */
  readonly introduce: Rate
  /** Messages left at and taken from the meeting places of devices that are linked, from one address. */
  rendezvous: Rate
  /** Keys for tokens asked for from one address. */
  readonly tokenKeys: Rate
  /** The same batch of tokens asked for again by one device. */
  readonly drawAgain: Rate
  /** Every other call of one device's session, by account. */
  readonly device: Rate
}

export const defaultRates: Rates = {
  register: { burst: 60, perSecond: 0.1 },
  invite: { burst: 60, perSecond: 0.5 },
  emailCode: { burst: 5, perSecond: 1 / 60 },
  emailRecipient: { burst: 3, perSecond: 1 / 300 },
  session: { burst: 120, perSecond: 4 },
  recover: { burst: 20, perSecond: 1 / 60 },
  lookup: { burst: 120, perSecond: 1 },
  lookupById: { burst: 4_000, perSecond: 20 },
  logSearch: { burst: 1_000, perSecond: 20 },
  logSearchAddress: { burst: 8_000, perSecond: 40 },
  claimAddress: { burst: 240, perSecond: 4 },
  // A device keeps 40 in stock and fills it up whenever it connects.
  claimedFrom: { burst: 20, perSecond: 1 / 600 },
  introduce: { burst: 8_192, perSecond: 20 },
  // Linking takes about ten.
  rendezvous: { burst: 240, perSecond: 2 },
  tokenKeys: { burst: 120, perSecond: 1 },
  drawAgain: { burst: 4, perSecond: 1 / 600 },
  device: { burst: 600, perSecond: 50 },
}

export interface RateLimit<Kind extends string = keyof Rates> {
  /** @throws WireError `rate_limited` with when to come back; nothing is counted then */
  take(kind: Kind, caller: string, cost?: number): void
  /** As `take`, for calls that are handled differently instead of refused when there are too many. */
  allows(kind: Kind, caller: string): boolean
}

/** At least this many callers are remembered. When more come, those not seen for the longest time are forgotten, because memory must stay bounded. */
const callersMax = 50_000

export function createRateLimit<Kind extends string>(clock: Clock, rates: Readonly<Record<Kind, Rate>>): RateLimit<Kind> {
  /** Theoretical arrival time: when the caller's debt is paid off. */
  const paidOffMs = new RecentMap<number>(callersMax)
  /** When the caller's debt would be paid off with this cost, and how long until there is room for it. */
  const owing = (kind: Kind, caller: string, cost: number): { readonly afterMs: number; readonly waitMs: number } => {
    const nowMs = clock.nowMs()
    const { burst, perSecond } = rates[kind]
    const intervalMs = 1000 / perSecond
    // A clock that was set back would leave callers in debt for as long. No caller owes more than twice its burst.
    const before = Math.min(paidOffMs.get(`${kind} ${caller}`) ?? 0, nowMs + 2 * burst * intervalMs)
    const afterMs = Math.max(before, nowMs) + Math.min(cost, burst) * intervalMs
    const waitMs = afterMs - nowMs - burst * intervalMs
    // Sums of fractions are not exact, so a thousandth of a millisecond counts as no debt.
    return { afterMs, waitMs: waitMs > 0.001 ? waitMs : 0 }
  }
  return {
    take: (kind, caller, cost = 1) => {
      const { afterMs, waitMs } = owing(kind, caller, cost)
      if (waitMs > 0) throw new WireError("rate_limited", "rate_limited", { retryAfterMs: Math.ceil(waitMs) })
      paidOffMs.set(`${kind} ${caller}`, afterMs)
    },
    allows: (kind, caller) => {
      const { afterMs, waitMs } = owing(kind, caller, 1)
      if (waitMs === 0) paidOffMs.set(`${kind} ${caller}`, afterMs)
      return waitMs === 0
    },
  }
}
