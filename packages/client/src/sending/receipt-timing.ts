// When receipts go out: those that come up within a moment go in one report.

import { fromHex, toHex } from "@nodoor/bytes"
import type { Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import { listGroupsOwedReceipts } from "../store/chat/receipts-due.ts"
import type { Reader } from "../store/reader.ts"

const kind = "receipts"
const delayMs = 300

export interface ReceiptTimingParts {
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly reader: Reader
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
    this.#parts.jobs.schedule({ kind, key: toHex(groupId), inMs: delayMs, keepSooner: true })
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
}
