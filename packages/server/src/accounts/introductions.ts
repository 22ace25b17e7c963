// Introductions: a sealed letter of one size for each address that a claim gave out. Whoever leaves one shows nothing but the address. The
// device takes its letters over its session, and may wait for one. They are in memory only.

import { equal, toHex } from "@nodoor/bytes"
import { WireError, idBytes, introduce, limits, takeIntroductions } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import { sha256 } from "../core/crypto.ts"
import type { Clock, Random, Timer } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"
import { type Handler, deviceRoute, openRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import type { Store } from "./store/store.ts"
import type { IntroductionAddresses } from "./introduction-address.ts"
import { WaitingIntroductions } from "./waiting-introductions.ts"

export interface IntroductionPorts {
  readonly store: Pick<Store, "deviceKey">
  readonly addresses: Pick<IntroductionAddresses, "open">
  readonly clock: Clock
  readonly random: Random
  readonly timer: Timer
  readonly rateLimit: RateLimit
}

export interface Introductions {
  readonly routes: readonly Handler[]
  /** These devices may not connect any more: answers their polls, and drops what waits for them. */
  drop(deviceIds: readonly Uint8Array[]): void
  /** For which something waits. */
  devices(): readonly Uint8Array[]
  /** Drops what is past its time. */
  sweep(): void
  /** Answers all that wait. */
  close(): void
}

/** Devices that wait at once: each holds a request open and a few hundred bytes. Further ones are answered at once. */
const waitingMax = 50_000
/** Introductions that were taken, remembered so that a sender whose answer was lost is not told that the address is unknown. */
const takenMax = 50_000

/** When there is no room, the sender comes again after this. */
const fullMs = 600_000
const dayMs = 86_400_000

export function createIntroductions(ports: IntroductionPorts): Introductions {
  const { store, addresses, clock, random, timer, rateLimit } = ports
  const polls = createPolls(timer)
  const waiting = new WaitingIntroductions()
  /** By address: the hash of what its device took. */
  const taken = new RecentMap<Uint8Array>(takenMax)
  const overBefore = (): number => Math.floor((clock.nowMs() - limits.introductionMs) / dayMs)

  /** Whether the device took the same bytes; undefined if it took nothing there. */
  const wasTaken = (address: Uint8Array, sealed: Uint8Array): boolean | undefined => {
    const before = taken.get(toHex(address))
    return before && equal(before, sha256(sealed))
  }
  const leave = async (address: Uint8Array, sealed: Uint8Array): Promise<"left" | "unknown" | "full"> => {
    const before = wasTaken(address, sealed)
    if (before !== undefined) return before ? "left" : "unknown"
    const opened = addresses.open(address)
    if (opened === undefined || opened.day < overBefore() || !(await isThere(store, opened.deviceId))) return "unknown"
    const added = waiting.add(opened.deviceId, { id: random(idBytes), address, day: opened.day, sealed })
    if (added === "added") polls.wake(toHex(opened.deviceId))
    return added === "full" ? "full" : added === "used" ? "unknown" : "left"
  }

  const send = openRoute(introduce, async ({ introductions }, { address: caller }) => {
    rateLimit.take("introduce", callerOf(caller), introductions.length)
    const unknown: Uint8Array[] = []
    let isFull = false
    for (const { address, sealed } of introductions) {
      const left = await leave(address, sealed)
      if (left === "unknown") unknown.push(address)
      isFull ||= left === "full"
    }
    if (isFull) throw new WireError("rate_limited", "no room for more introductions", { retryAfterMs: fullMs })
    return { unknown }
  })

  const take = deviceRoute(takeIntroductions, async ({ waitMs, done }, { deviceId }) => {
    for (const { address, sealed } of waiting.taken(deviceId, done)) taken.set(toHex(address), sha256(sealed))
    const look = (): readonly { readonly id: Uint8Array; readonly sealed: Uint8Array }[] =>
      waiting.of(deviceId, limits.introductionsPerAnswer).map(({ id, sealed }) => ({ id, sealed }))
    const now = look()
    if (now.length > 0 || waitMs === 0) return { introductions: now }
    const poll = polls.begin(toHex(deviceId), Math.min(waitMs, limits.introductionWaitMs))
    try {
      return { introductions: (await poll.woken) === "introduced" ? look() : [] }
    } finally {
      poll.end()
    }
  })

  return {
    routes: [send, take],
    drop: (deviceIds) => {
      for (const deviceId of deviceIds) polls.drop(toHex(deviceId))
      waiting.drop(deviceIds)
    },
    devices: () => waiting.devices(),
    sweep: () => waiting.dropBefore(overBefore()),
    close: polls.close,
  }
}

/** A device that its account lists; a suspended one among them. */
async function isThere(store: IntroductionPorts["store"], deviceId: Uint8Array): Promise<boolean> {
  try {
    return (await store.deviceKey({ deviceId })) !== undefined
  } catch (error) {
    if (error instanceof WireError && error.code === "account_erased") return false
    throw error
  }
}

type Ending = "introduced" | "over"

interface Poll {
  readonly woken: Promise<Ending>
  end(): void
}

/** One waiting request for each device; a newer one ends the older. */
function createPolls(timer: Timer): {
  begin(device: string, waitMs: number): Poll
  wake(device: string): void
  drop(device: string): void
  close(): void
} {
  const waiting = new Map<string, (ending: Ending) => void>()
  let closed = false
  return {
    begin: (device, waitMs) => {
      waiting.get(device)?.("over")
      const { promise, resolve } = Promise.withResolvers<Ending>()
      if (closed || waiting.size >= waitingMax) {
        resolve("over")
        return { woken: promise, end: () => {} }
      }
      waiting.set(device, resolve)
      const cancel = timer(waitMs, () => resolve("over"))
      return {
        woken: promise,
        end: () => {
          cancel()
          if (waiting.get(device) === resolve) waiting.delete(device)
        },
      }
    },
    wake: (device) => waiting.get(device)?.("introduced"),
    drop: (device) => waiting.get(device)?.("over"),
    close: () => {
      closed = true
      for (const end of waiting.values()) end("over")
    },
  }
}
