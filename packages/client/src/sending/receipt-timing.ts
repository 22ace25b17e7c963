// When receipts go out: up to two seconds after the first that comes up, at random, because an echo that comes at once tells everybody who sees
// the connections who reads what. All that come up meanwhile go together.

import { fromHex, toHex } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import type { Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import { listGroupsOwedReceipts } from "../store/chat/receipts-due.ts"
import type { Reader } from "../store/reader.ts"

const kind = "receipts"
const longestMs = 2_000

export interface ReceiptTimingParts {
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly reader: Reader
  readonly random: Random
  /** There may be something to send in this group. */
  kick(groupId: Uint8Array): void
  fault(error: unknown): void
}

export class ReceiptTiming implements Part {
  readonly #parts: ReceiptTimingParts
  readonly #ready = new Set<string>()

  constructor(parts: ReceiptTimingParts) {
    this.#parts = parts
    parts.jobs.register({
      kind,
      whileOnline: true,
      run: (key) => {
        this.#ready.add(key)
        parts.kick(fromHex(key))
      },
    })
  }

  /** Receipts wait in this group. */
  wait(groupId: Uint8Array): void {
    this.#parts.jobs.schedule({ kind, key: toHex(groupId), inMs: this.#delayMs(), keepSooner: true })
  }

  /** Whether the receipts of this group may go now. True once for each time they have waited. */
  take(groupId: Uint8Array): boolean {
    return this.#ready.delete(toHex(groupId))
  }

  online(): void {
    listGroupsOwedReceipts(this.#parts.reader).then(
      (groups) => groups.forEach((groupId) => this.wait(groupId)),
      (error: unknown) => this.#parts.fault(error),
    )
  }

  offline(): void {}

  close(): void {}

  #delayMs(): number {
    const [high = 0, low = 0] = this.#parts.random(2)
    return (longestMs * (high * 256 + low)) / 65_536
  }
}
