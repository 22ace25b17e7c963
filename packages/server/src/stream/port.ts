// What a stream connects: a transport on one side, the store and the sessions on the other.

import type { RateLimit } from "../route/rate-limit.ts"
import type { SessionFinder } from "../route/protocol.ts"
import type { Log, Meter, Turn } from "../core/ports.ts"
import type { Store } from "../store/store.ts"

/** Where a connection's frames go. */
export interface StreamSink {
  /** Sends one binary message. `sent` runs when the operating system has it. */
  send(frame: Uint8Array, sent: () => void): void
  /** Bytes that were sent here and are not with the operating system yet. */
  bufferedBytes(): number
  /** Closes the transport after what was sent. */
  close(): void
}

/** What the transport tells a connection. */
export interface StreamPort {
  /** One binary message of the client. */
  receive(frame: Uint8Array): void
  /** The transport is gone. */
  closed(): void
  /** Whether the client has said who it is. */
  readonly opened: boolean
}

export interface StreamPorts {
  readonly store: Pick<Store, "readMailbox" | "ack">
  readonly turn: Turn
  readonly sessions: SessionFinder
  readonly rateLimit: RateLimit
  readonly log: Log
  readonly meter: Meter | undefined
}
