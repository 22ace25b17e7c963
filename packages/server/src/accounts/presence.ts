// Which accounts were here, and from which IP addresses. It is gathered in memory and written for all of them at once: when four weeks are over,
// and when the server stops. So no copy of the disk tells on which days or in which weeks an account came: what waits in a conversation shows how
// long somebody of it was away, and the two together would show whose conversations are whose.

import { fromHex, toHex } from "@nodoor/bytes"
import type { Clock } from "../core/ports.ts"
import type { Store } from "./store/store.ts"

export interface Presence {
  /** `address`: undefined if addresses are not kept. */
  note(accountId: Uint8Array, address: string | undefined): void
  /** Writes the periods that are over. Call every few minutes. */
  writePeriods(): Promise<void>
  /** Writes everything that was noted. */
  writeAll(): Promise<void>
  /** Accounts that were here and of which that is not written yet. */
  accounts(): readonly Uint8Array[]
}

interface Seen {
  /** When the four weeks began, Unix milliseconds. */
  readonly periodMs: number
  /** When each was last used. */
  readonly addresses: Map<string, number>
}

export interface PresenceOptions {
  /** An address that was not used for so long is forgotten. */
  readonly ipDays: number
}

const dayMs = 86_400_000
/** The first day of 1970 was a Thursday. */
const firstMondayMs = 4 * dayMs
export const periodDays = 28
/** Addresses of one account remembered in four weeks; somebody with an IPv6 network has as many as they like. */
const addressesMax = 200
/** Accounts in one transaction. */
const writtenAtOnce = 500

/** When the four weeks of a moment began, on a Monday, UTC. */
export function periodOf(timeMs: number): number {
  const lengthMs = periodDays * dayMs
  return Math.floor((timeMs - firstMondayMs) / lengthMs) * lengthMs + firstMondayMs
}

export function createPresence(
  { store, clock }: { readonly store: Pick<Store, "noteSeen">; readonly clock: Clock },
  { ipDays }: PresenceOptions,
): Presence {
  const seen = new Map<string, Seen>()
  let underWay: Promise<void> = Promise.resolve()

  const write = (which: (one: Seen) => boolean): Promise<void> => {
    underWay = underWay.catch(() => undefined).then(() => writeNow(which))
    return underWay
  }
  const forgetAddresses = (): void => {
    const beforeMs = clock.nowMs() - ipDays * dayMs
    for (const { addresses } of seen.values()) for (const [address, usedMs] of addresses) if (usedMs < beforeMs) addresses.delete(address)
  }
  const writeNow = async (which: (one: Seen) => boolean): Promise<void> => {
    forgetAddresses()
    const due = [...seen].filter(([, one]) => which(one))
    for (let at = 0; at < due.length; at += writtenAtOnce) {
      const some = due.slice(at, at + writtenAtOnce)
      await store.noteSeen({
        seen: some.map(([name, { periodMs, addresses }]) => ({
          accountId: fromHex(name),
          periodMs,
          addresses: [...addresses.keys()],
          // On which days they were used stands nowhere.
          addressesMs: Math.min(clock.nowMs(), periodMs + periodDays * dayMs),
        })),
      })
      for (const [name, one] of some) if (seen.get(name) === one) seen.delete(name)
    }
  }

  return {
    note: (accountId, address) => {
      const name = toHex(accountId)
      const nowMs = clock.nowMs()
      const period = periodOf(nowMs)
      const before = seen.get(name)
      // What is not written yet goes with the newer period: the account was here since.
      const one = before?.periodMs === period ? before : { periodMs: period, addresses: new Map(before?.addresses) }
      if (address !== undefined && (one.addresses.has(address) || one.addresses.size < addressesMax)) one.addresses.set(address, nowMs)
      seen.set(name, one)
    },
    writePeriods: () => {
      const period = periodOf(clock.nowMs())
      return write((one) => one.periodMs !== period)
    },
    writeAll: () => write(() => true),
    accounts: () => [...seen.keys()].map(fromHex),
  }
}
