// Tokens: every device draws one batch a day, whether it needs them or not. Nothing of it is written down.

import { equal, toHex } from "@nodoor/bytes"
import { WireError, drawTokens, tokenKeys } from "@nodoor/wire"
import { callerOf } from "../core/address.ts"
import { sha256Of } from "../core/crypto.ts"
import type { Clock, Turn } from "../core/ports.ts"
import { RecentMap } from "../core/recent-map.ts"
import { type Handler, deviceRoute, openRoute } from "../route/handler.ts"
import type { RateLimit } from "../route/rate-limit.ts"
import type { Store } from "./store/store.ts"
import type { TokenKeys } from "./token-keys.ts"

export interface TokenPorts {
  readonly store: Pick<Store, "deviceKey">
  readonly keys: TokenKeys
  readonly clock: Clock
  readonly rateLimit: RateLimit
  readonly turn: Turn
}

const dayMs = 86_400_000
/** Batches remembered by their hash: a device has one a day, and one whose answer was lost can ask for the same again. */
const rememberedMax = 50_000
/** Signatures after which others get their turn: about a millisecond. */
const signedAtOnce = 4

export function tokenRoutes({ store, keys, clock, rateLimit, turn }: TokenPorts): Handler[] {
  /** By device: what it drew last. */
  const drawn = new RecentMap<{ readonly day: number; readonly batch: Uint8Array }>(rememberedMax)
  const underWay = new Set<string>()

  const signAll = async (epoch: number, blinded: readonly Uint8Array[]): Promise<Uint8Array[]> => {
    const signer = keys.signer(epoch)
    const logged = await keys.logged()
    if (signer === undefined || !logged.some((key) => key.epoch === epoch))
      throw new WireError("unavailable", "the key is not in the log yet", { retryAfterMs: 5_000 })
    const signatures: Uint8Array[] = []
    for (const [at, message] of blinded.entries()) {
      if (at > 0 && at % signedAtOnce === 0) await new Promise<void>((resolve) => turn(resolve))
      signatures.push(signer.sign(message))
    }
    return signatures
  }

  return [
    openRoute(tokenKeys, async (_, { address }) => {
      rateLimit.take("tokenKeys", callerOf(address))
      await keys.ready()
      return { keys: await keys.logged() }
    }),

    deviceRoute(drawTokens, async ({ epoch, blinded }, { deviceId }) => {
      if (blinded.length === 0) throw new WireError("bad_request", "an empty batch")
      await keys.ready()
      if (epoch !== keys.epoch()) throw new WireError("epoch_stale", "the key of another epoch signs now", { epoch: keys.epoch() })
      const nowMs = clock.nowMs()
      const day = Math.floor(nowMs / dayMs)
      const tomorrow = { retryAfterMs: (day + 1) * dayMs - nowMs }
      const name = toHex(deviceId)
      const batch = sha256Of(blinded)
      const before = drawn.get(name)
      const again = before?.day === day && equal(before.batch, batch)
      if (again) rateLimit.take("drawAgain", name)
      else if (before?.day === day) throw new WireError("rate_limited", "drawn today already", tomorrow)
      if (underWay.has(name)) throw new WireError("rate_limited", "a batch is under way", { retryAfterMs: 1_000 })
      underWay.add(name)
      try {
        // Its session may be older than what the operator decided.
        const device = await store.deviceKey({ deviceId })
        if (device === undefined) throw new WireError("unauthorized")
        if (device.suspended) throw new WireError("account_suspended")
        const signatures = await signAll(epoch, blinded)
        drawn.set(name, { day, batch })
        return { signatures }
      } finally {
        underWay.delete(name)
      }
    }),
  ]
}
