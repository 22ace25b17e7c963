// Keeps the server's stock of this device's KeyPackages up: when the device starts and connects, and when some were used.

import { WireError } from "@nodoor/wire"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import type { JobEnd, Jobs } from "../../core/jobs.ts"
import type { Part } from "../../core/part.ts"

const kind = "key-packages"

export interface KeyPackageSupplyParts {
  readonly jobs: Pick<Jobs, "register" | "schedule">
  replenish(): Promise<void>
}

export class KeyPackageSupply implements Part {
  readonly #parts: KeyPackageSupplyParts

  constructor(parts: KeyPackageSupplyParts) {
    this.#parts = parts
    const minuteMs = 60_000
    parts.jobs.register({ kind, backoff: { firstMs: minuteMs, lastMs: minuteMs }, run: () => this.#run() })
  }

  /** Before the device reads, which needs a token first: somebody may be waiting to write to an account that was just made. */
  open(): void {
    this.used()
  }

  /** KeyPackages of this device were used up. */
  used(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true })
  }

  online(): void {
    this.used()
  }

  offline(): void {}

  close(): void {}

  async #run(): Promise<JobEnd> {
    try {
      await this.#parts.replenish()
    } catch (error) {
      if (error instanceof WireError || error instanceof NetworkError || error instanceof ClientError) return "failed"
      throw error
    }
  }
}
