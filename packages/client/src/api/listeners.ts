// Who is told of what happens on this device.

import { toHex } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import type { Trace } from "../core/trace.ts"
import { StoreError } from "../core/store-error.ts"
import { faultText } from "../texts/en.ts"
import type { ClientEvent } from "../view/event.ts"

export interface ListenersParts {
  readonly clock: Clock
  readonly random: Random
  readonly trace: Trace
  /** The store takes nothing in for now. */
  storeFailed(error: StoreError): void
}

export class Listeners {
  readonly #parts: ListenersParts
  readonly #listeners = new Set<(event: ClientEvent) => void>()
  #closed = false

  constructor(parts: ListenersParts) {
    this.#parts = parts
  }

  /** Returns how to stop listening. */
  add(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Listeners get no more events. */
  close(): void {
    this.#closed = true
  }

  /** A listener that throws keeps the event from nobody else and undoes nothing. The others hear of it. */
  emit(event: ClientEvent): void {
    this.#tell(event, (error) => this.fault(error))
  }

  /** A store that fails is waited for. Anything else is a bug, shown as an alarm; the person decides what to do. */
  fault(error: unknown): void {
    if (this.#closed) return
    this.#parts.trace.fault(error)
    if (error instanceof StoreError) return this.#parts.storeFailed(error)
    const alarm = {
      id: toHex(this.#parts.random(16)),
      level: "warn" as const,
      code: "internal",
      chatId: undefined,
      accountId: undefined,
      text: faultText(error instanceof Error ? `${error.name}: ${error.message}` : "unknown"),
      atMs: this.#parts.clock.nowMs(),
    }
    // A listener that cannot take a fault is not told of its own.
    this.#tell({ type: "alarm", alarm }, () => undefined)
  }

  #tell(event: ClientEvent, failed: (error: unknown) => void): void {
    if (this.#closed) return
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        failed(error)
      }
    }
  }
}
