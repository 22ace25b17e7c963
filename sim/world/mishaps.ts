// What goes wrong in a world: processes die, the server too, devices lose the network, disks fail or fill up, clocks are wrong.

import type { Chance } from "../randomness.ts"
import type { VirtualDevice } from "../virtual-device.ts"
import type { VirtualServer } from "../virtual-server.ts"
import type { VirtualTime } from "../virtual-time.ts"

/** A device's clock is off by up to this. */
const clockOffMs = 2 * 3_600_000

export class Mishaps {
  readonly #parts: { readonly chance: Chance; readonly time: VirtualTime; readonly server: VirtualServer }
  /** Processes that were killed. */
  crashes = 0

  constructor(parts: { readonly chance: Chance; readonly time: VirtualTime; readonly server: VirtualServer }) {
    this.#parts = parts
  }

  happen(device: VirtualDevice): void {
    const { chance, time, server } = this.#parts
    const when = chance.happens(0.5) ? "before" : "after"
    const kind = chance.below(14)
    if (kind < 4) {
      this.crashes++
      device.crash(when)
    } else if (kind < 5) {
      this.crashes++
      device.kill()
    } else if (kind < 7) {
      this.crashes++
      server.crash(when)
    } else if (kind < 10) {
      device.reachable = false
      time.after(chance.below(60_000), () => {
        device.reachable = true
      })
    } else if (kind < 12) {
      device.failStore("store_failing", 1 + chance.below(2))
    } else if (kind < 13) {
      device.failStore("store_full", Number.POSITIVE_INFINITY)
      time.after(chance.below(30_000), () => device.failStore("store_full", 0))
    } else {
      device.clockAheadMs = chance.below(2 * clockOffMs) - clockOffMs
    }
  }
}
