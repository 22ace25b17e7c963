// The meeting place of two devices that are being linked: sealed messages in numbered slots, in memory only, for some minutes. The server learns
// neither whose they are nor which device was linked; it can withhold them, and what it changes does not open.

import { equal, toHex } from "@nodoor/bytes"
import { WireError, limits, putRendezvous, takeRendezvous } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import type { Clock, Timer } from "../core/ports.ts"
import { type Handler, openRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"

export interface RendezvousPorts {
  readonly clock: Clock
  readonly timer: Timer
  readonly rateLimit: RateLimit
}

export interface Rendezvous {
  readonly routes: readonly Handler[]
  /** Forgets what is over. Call every few minutes. */
  sweep(): void
  /** Answers all that wait. */
  close(): void
}

/** Meetings at once, and all their bytes. When there are more, nobody new is let in until some are over: nobody's is thrown out for another's. */
const meetingsMax = 4_096
const bytesMax = 64 * 1_048_576
const waitingMax = 8_192

interface Slot {
  readonly sealed: Uint8Array
  taker: Uint8Array | undefined
}

interface Meeting {
  readonly slots: Map<number, Slot>
  readonly sinceMs: number
  endMs: number
  bytes: number
}

export function createRendezvous({ clock, timer, rateLimit }: RendezvousPorts): Rendezvous {
  const meetings = new Map<string, Meeting>()
  const waiting = new Map<string, () => void>()
  let bytes = 0
  let closed = false

  const sweep = (): void => {
    const nowMs = clock.nowMs()
    for (const [id, meeting] of meetings) {
      // A clock that was set back makes nobody wait for longer.
      if (nowMs >= meeting.sinceMs && nowMs < meeting.endMs) continue
      meetings.delete(id)
      bytes -= meeting.bytes
    }
  }

  const meetingFor = (id: string, size: number): Meeting => {
    sweep()
    const known = meetings.get(id)
    if (bytes + size > bytesMax || (!known && meetings.size >= meetingsMax))
      throw new WireError("unavailable", "too many devices are being linked", { retryAfterMs: limits.rendezvousMs })
    if (known) return known
    const sinceMs = clock.nowMs()
    const made: Meeting = { slots: new Map(), sinceMs, endMs: sinceMs + limits.rendezvousMs, bytes: 0 }
    meetings.set(id, made)
    return made
  }

  const put = openRoute(putRendezvous, async ({ id, slot, sealed }, { address }) => {
    rateLimit.take("rendezvous", callerOf(address))
    const name = toHex(id)
    const meeting = meetingFor(name, sealed.length)
    const before = meeting.slots.get(slot)
    if (before && !equal(before.sealed, sealed)) throw new WireError("rendezvous_used")
    if (before) return {}
    meeting.slots.set(slot, { sealed, taker: undefined })
    meeting.bytes += sealed.length
    bytes += sealed.length
    // Somebody has answered: the person at the other device is asked now.
    if (meeting.slots.size > 1) meeting.endMs = meeting.sinceMs + limits.rendezvousAnsweredMs
    waiting.get(`${name} ${slot}`)?.()
    return {}
  })

  const look = (id: string, slot: number, taker: Uint8Array): { readonly sealed?: Uint8Array } => {
    sweep()
    const there = meetings.get(id)?.slots.get(slot)
    if (!there) return {}
    if (there.taker && !equal(there.taker, taker)) throw new WireError("rendezvous_used")
    there.taker = taker
    return { sealed: there.sealed }
  }

  const take = openRoute(takeRendezvous, async ({ id, slot, taker, waitMs }, { address }) => {
    rateLimit.take("rendezvous", callerOf(address))
    const name = toHex(id)
    const found = look(name, slot, taker)
    if (found.sealed || waitMs === 0 || closed) return found
    await wait(`${name} ${slot}`, Math.min(waitMs, limits.rendezvousWaitMs))
    return look(name, slot, taker)
  })

  /** Until the slot is written, or so long. A newer request for the same slot ends the older. */
  async function wait(place: string, ms: number): Promise<void> {
    waiting.get(place)?.()
    if (waiting.size >= waitingMax) throw new WireError("unavailable", "too many devices wait", { retryAfterMs: limits.rendezvousWaitMs })
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.set(place, resolve)
    const cancel = timer(ms, resolve)
    await promise
    cancel()
    if (waiting.get(place) === resolve) waiting.delete(place)
  }

  return {
    routes: [put, take],
    sweep,
    close: () => {
      closed = true
      for (const end of waiting.values()) end()
    },
  }
}
