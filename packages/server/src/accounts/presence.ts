// Which accounts were here, and from which IP addresses. It is gathered in memory and written for all of them at once: when the UTC week is
// over, and when the server stops. So no copy of the disk tells on which days an account came, by which its conversations could be found.

import { fromHex, toHex } from "@nodoor/bytes"
import type { Clock } from "../core/ports.ts"
import type { Store } from "./store/store.ts"

export interface Presence {
  /** `address`: undefined if addresses are not kept. */
  note(accountId: Uint8Array, address: string | undefined): void
  /** Writes the weeks that are over. Call every few minutes. */
  writeWeeks(): Promise<void>
  /** Writes everything that was noted. */
  writeAll(): Promise<void>
  /** Accounts that were here and of which that is not written yet. */
  accounts(): readonly Uint8Array[]
}

interface Seen {
  /** When the week began, Unix milliseconds. */
  readonly weekMs: number
  readonly addresses: Set<string>
}

const dayMs = 86_400_000
/** The first day of 1970 was a Thursday. */
const firstMondayMs = 4 * dayMs
const weekMs = 7 * dayMs
/** Addresses of one account remembered in a week; somebody with an IPv6 network has as many as they like. */
const addressesMax = 200
/** Accounts in one transaction. */
const writtenAtOnce = 500

/** When the UTC week of a moment began, on a Monday. */
export function weekOf(timeMs: number): number {
  return Math.floor((timeMs - firstMondayMs) / weekMs) * weekMs + firstMondayMs
}

export function createPresence({ store, clock }: { readonly store: Pick<Store, "noteSeen">; readonly clock: Clock }): Presence {
  const seen = new Map<string, Seen>()
  let underWay: Promise<void> = Promise.resolve()

  const write = (which: (one: Seen) => boolean): Promise<void> => {
    underWay = underWay.catch(() => undefined).then(() => writeNow(which))
    return underWay
  }
  const writeNow = async (which: (one: Seen) => boolean): Promise<void> => {
    const due = [...seen].filter(([, one]) => which(one))
    for (let at = 0; at < due.length; at += writtenAtOnce) {
      const some = due.slice(at, at + writtenAtOnce)
      await store.noteSeen({
        seen: some.map(([name, one]) => ({ accountId: fromHex(name), weekMs: one.weekMs, addresses: [...one.addresses] })),
      })
      for (const [name, one] of some) if (seen.get(name) === one) seen.delete(name)
    }
  }

  return {
    note: (accountId, address) => {
      const name = toHex(accountId)
      const week = weekOf(clock.nowMs())
      const before = seen.get(name)
      // A week that is not written yet goes with the newer one: the account was here since.
      const one = before !== undefined && before.weekMs === week ? before : { weekMs: week, addresses: new Set<string>(before?.addresses) }
      if (address !== undefined && one.addresses.size < addressesMax) one.addresses.add(address)
      seen.set(name, one)
    },
    writeWeeks: () => {
      const week = weekOf(clock.nowMs())
      return write((one) => one.weekMs !== week)
    },
    writeAll: () => write(() => true),
    accounts: () => [...seen.keys()].map(fromHex),
  }
}
