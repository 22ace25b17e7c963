// Introductions: a sealed letter of one size for each address that a claim gave out. Whoever leaves one shows nothing but the address. The
// device takes its letters over its session, and may wait for one.

import { equal, toHex } from "@nodoor/bytes"
import { idBytes, introduce, limits, takeIntroductions } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import { sha256 } from "../core/crypto.ts"
import type { Clock, Random, Timer } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"
import { type Handler, deviceRoute, openRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import type { Store } from "./store/store.ts"
import type { IntroductionAddresses } from "./introduction-address.ts"

export interface IntroductionPorts {
  readonly store: Pick<Store, "addIntroduction" | "takeIntroductions">
  readonly addresses: Pick<IntroductionAddresses, "open">
  readonly clock: Clock
  readonly random: Random
  readonly timer: Timer
  readonly rateLimit: RateLimit
}

export interface Introductions {
  readonly routes: readonly Handler[]
  /** Answers the polls of these devices, which may not connect any more. */
  drop(deviceIds: readonly Uint8Array[]): void
  /** Answers all that wait. */
  close(): void
}

/** Devices that wait at once: each holds a request open and a few hundred bytes. Further ones are answered at once. */
const waitingMax = 50_000
/** Introductions that were taken, remembered so that a sender whose answer was lost is not told that the address is unknown. */
const takenMax = 50_000

/** Addresses given out before this day are over. */
export function introductionsOverBefore(nowMs: number): number {
  return Math.floor((nowMs - limits.introductionMs) / dayMs)
}

const dayMs = 86_400_000

export function createIntroductions(ports: IntroductionPorts): Introductions {
  const { store, addresses, clock, random, timer, rateLimit } = ports
  const polls = createPolls(timer)
  /** By id: what was left there, until its device has it. By address: the hash of what its device took. */
  const left = new RecentMap<{ readonly address: string; readonly hash: Uint8Array }>(takenMax)
  const taken = new RecentMap<Uint8Array>(takenMax)

  const isRepeated = (address: Uint8Array, sealed: Uint8Array): boolean => {
    const before = taken.get(toHex(address))
    return before !== undefined && equal(before, sha256(sealed))
  }

  const send = openRoute(introduce, async ({ introductions }, { address: caller }) => {
    rateLimit.take("introduce", callerOf(caller), introductions.length)
    const unknown: Uint8Array[] = []
    const overBefore = introductionsOverBefore(clock.nowMs())
    for (const { address, sealed } of introductions) {
      if (isRepeated(address, sealed)) continue
      const opened = addresses.open(address)
      const isOver = opened === undefined || opened.day < overBefore || taken.get(toHex(address)) !== undefined
      const id = random(idBytes)
      if (isOver || !(await store.addIntroduction({ addressHash: sha256(address), ...opened, id, sealed }))) {
        unknown.push(address)
        continue
      }
      left.set(toHex(id), { address: toHex(address), hash: sha256(sealed) })
      polls.wake(toHex(opened.deviceId))
    }
    return { unknown }
  })

  const take = deviceRoute(takeIntroductions, async ({ waitMs, done }, { deviceId }) => {
    for (const id of done) {
      const note = left.get(toHex(id))
      left.delete(toHex(id))
      if (note !== undefined) taken.set(note.address, note.hash)
    }
    const look = (ids: readonly Uint8Array[]): ReturnType<typeof store.takeIntroductions> =>
      store.takeIntroductions({ deviceId, done: ids, max: limits.introductionsPerAnswer })
    // Begun before the look, so that what comes between the two is not missed.
    const poll = waitMs === 0 ? undefined : polls.begin(toHex(deviceId), Math.min(waitMs, limits.introductionWaitMs))
    try {
      const introductions = await look(done)
      if (introductions.length > 0 || poll === undefined) return { introductions }
      return { introductions: (await poll.woken) === "introduced" ? await look([]) : [] }
    } finally {
      poll?.end()
    }
  })

  return {
    routes: [send, take],
    drop: (deviceIds) => {
      for (const deviceId of deviceIds) polls.drop(toHex(deviceId))
    },
    close: polls.close,
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
