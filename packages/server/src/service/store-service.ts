// The database of accounts.

import type { Clock } from "../core/ports.ts"
import type { Store } from "../accounts/store/store.ts"
import type { Service } from "./service.ts"

const tracesEveryMs = 60 * 60_000

export function storeService({ store, clock }: { readonly store: Store; readonly clock: Clock }): Service {
  return {
    sweeps: [{ everyMs: tracesEveryMs, atStart: true, failed: "traces_left", run: () => store.eraseTraces({ nowMs: clock.nowMs() }) }],
    close: () => store.close(),
  }
}
