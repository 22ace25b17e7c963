// Room in memory for the bodies of requests: for each caller, over all of them, and taken back from those that send slowly. A body is
// charged with what it says it will be before any of it is read, until its answer is made.

import { WireError } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"

const mebibyte = 1_048_576

/**
 * Bodies up to `smallMaxBytes` (sessions, registrations, claims, introductions) have room of their own, so that large ones of strangers never
 * stand in their way; so have those of people who are signed in to the console, who are counted one by one before (`at-once.ts`).
 */
export type Pool = "small" | "large" | "operator"

export const smallMaxBytes = 524_288

/** Bytes that one caller (an IPv4 address or an IPv6 /64) may hold at once, and all callers together. */
export const defaultBodyBounds: Readonly<Record<Pool, { readonly callerBytes: number; readonly allBytes: number }>> = {
  small: { callerBytes: 8 * mebibyte, allBytes: 128 * mebibyte },
  // Fifteen full uploads of KeyPackages of one caller, eighty of all.
  large: { callerBytes: 24 * mebibyte, allBytes: 128 * mebibyte },
  operator: { callerBytes: 256 * mebibyte, allBytes: 256 * mebibyte },
}

/** The least that a body counts. An open request costs more memory than its content. */
const leastBytes = 8_192

/** A body that has not brought this much, or its end, within a window is cut off. */
const windowTicks = 10
const windowBytes = 65_536
/** A body this slow gives way when room is short. At that speed, the largest body would not arrive before the request times out. */
const slowBytesPerTick = 131_072
/** A body is not judged by its first moment. */
const judgedAfterTicks = 2

/** Call `tick` this often. */
export const bodyTickMs = 1_000

/** The room of one body. */
export interface BodyRoom {
  /** More of it has come. @throws WireError `rate_limited`, `unavailable` when it is more than was charged and there is no room */
  arrived(sizeBytes: number): void
  /** All of it has come: it is not cut any more. */
  complete(): void
  end(): void
}

export interface BodyBudget {
  /**
   * `chargedBytes`: what the body says it will be; 0 for one that does not say. `cut` is called at most once, if the room is taken back before
   * the body is complete.
   * @throws WireError `rate_limited` if this caller holds too much, `unavailable` if everybody together does
   */
  begin(body: { readonly pool: Pool; readonly address: string; readonly chargedBytes: number }, cut: (why: WireError) => void): BodyRoom
  /** Checks how fast bodies arrive. It counts calls instead of time, so nobody is slow while the server itself is blocked. */
  tick(): void
  heldBytes(): number
}

interface Body {
  readonly pool: Pool
  readonly caller: string
  readonly cut: (why: WireError) => void
  chargedBytes: number
  arrivedBytes: number
  complete: boolean
  ticks: number
  tickBytes: number
  pace: number
  windowBytes: number
}

export function createBodyBudget(bounds: typeof defaultBodyBounds = defaultBodyBounds): BodyBudget {
  const bodies = new Set<Body>()
  const held = new Map<string, number>()
  const hold = (key: string, bytes: number): void => {
    const next = (held.get(key) ?? 0) + bytes
    if (next === 0) held.delete(key)
    else held.set(key, next)
  }
  const ofAll = (pool: Pool): number => held.get(pool) ?? 0
  const ofCaller = ({ pool, caller }: Body): number => held.get(`${pool} ${caller}`) ?? 0

  const charge = (body: Body, bytes: number): void => {
    body.chargedBytes += bytes
    hold(body.pool, bytes)
    hold(`${body.pool} ${body.caller}`, bytes)
  }
  const end = (body: Body): void => {
    if (bodies.delete(body)) charge(body, -body.chargedBytes)
  }
  const cut = (body: Body, message: string): void => {
    end(body)
    body.cut(new WireError("unavailable", message, { retryAfterMs: 1000 }))
  }
  const slowest = (candidates: readonly Body[]): Body | undefined =>
    candidates.reduce<Body | undefined>((slow, body) => (slow === undefined || body.pace < slow.pace ? body : slow), undefined)

  /** Whom it takes from when the caller has no room: its own slow bodies. */
  const giveWayOfCaller = (newcomer: Body): Body | undefined =>
    slowest([...bodies].filter((body) => body.caller === newcomer.caller && mayGiveWay(body, newcomer) && isSlow(body)))
  /** When nobody has: bodies of whoever holds the most, if that is more than the newcomer would; else slow ones of anybody. */
  const giveWayOfAll = (newcomer: Body, bytes: number): Body | undefined => {
    const others = [...bodies].filter((body) => mayGiveWay(body, newcomer))
    const most = others.reduce((max, body) => Math.max(max, ofCaller(body)), 0)
    if (most > ofCaller(newcomer) + bytes) return slowest(others.filter((body) => ofCaller(body) === most))
    return slowest(others.filter(isSlow))
  }

  const grow = (body: Body, bytes: number): void => {
    const { callerBytes, allBytes } = bounds[body.pool]
    while (ofCaller(body) + bytes > callerBytes) {
      const other = giveWayOfCaller(body)
      if (other === undefined) throw new WireError("rate_limited", "too much data at once from this address", { retryAfterMs: 1000 })
      cut(other, "the body came too slowly")
    }
    while (ofAll(body.pool) + bytes > allBytes) {
      const other = giveWayOfAll(body, bytes)
      if (other === undefined) throw new WireError("unavailable", "the server is busy", { retryAfterMs: 1000 })
      cut(other, "the server is busy")
    }
    charge(body, bytes)
  }

  return {
    begin: ({ pool, address, chargedBytes }, cutBody) => {
      const caller = callerOf(address)
      const pace = { ticks: 0, tickBytes: 0, pace: 0, windowBytes: 0 }
      const body: Body = { pool, caller, cut: cutBody, chargedBytes: 0, arrivedBytes: 0, complete: false, ...pace }
      grow(body, Math.max(chargedBytes, leastBytes))
      bodies.add(body)
      return {
        arrived: (sizeBytes) => {
          body.arrivedBytes += sizeBytes
          body.tickBytes += sizeBytes
          if (bodies.has(body) && body.arrivedBytes > body.chargedBytes) grow(body, body.arrivedBytes - body.chargedBytes)
        },
        complete: () => void (body.complete = true),
        end: () => end(body),
      }
    },
    tick: () => {
      for (const body of bodies) {
        if (body.complete) continue
        body.ticks++
        body.pace = (body.pace + body.tickBytes) / 2
        body.windowBytes += body.tickBytes
        body.tickBytes = 0
        if (body.ticks % windowTicks !== 0) continue
        if (body.windowBytes < windowBytes) cut(body, "the body came too slowly")
        body.windowBytes = 0
      }
    },
    heldBytes: () => ofAll("small") + ofAll("large") + ofAll("operator"),
  }
}

function mayGiveWay(body: Body, newcomer: Body): boolean {
  return body !== newcomer && body.pool === newcomer.pool && !body.complete
}

function isSlow({ ticks, pace }: Body): boolean {
  return ticks >= judgedAfterTicks && pace < slowBytesPerTick
}
