// The logs of groups, and the streams to them.

import type { Clock } from "../core/ports.ts"
import type { DeliveryHalf } from "../delivery/delivery-half.ts"
import type { DeliveryStore } from "../delivery/store/delivery-store.ts"
import type { Service } from "./service.ts"

/** How long an acknowledgement may wait for others. */
const acksEveryMs = 3_000
const sweepEveryMs = 10 * 60_000
const tracesEveryMs = 60 * 60_000

export interface DeliveryHalfParts {
  readonly half: DeliveryHalf
  readonly store: DeliveryStore
  readonly clock: Clock
}

export function deliveryHalfService({ half, store, clock }: DeliveryHalfParts): Service {
  return {
    sweeps: [
      { everyMs: acksEveryMs, atStart: false, failed: "delivery_acks_unwritten", run: half.upkeep },
      { everyMs: sweepEveryMs, atStart: true, failed: "delivery_sweep_failed", run: half.sweep },
      {
        everyMs: tracesEveryMs,
        atStart: true,
        failed: "delivery_traces_left",
        run: () => store.eraseTraces({ nowMs: clock.nowMs() }),
      },
    ],
    close: async () => {
      await half.settled()
      await store.close()
    },
  }
}
