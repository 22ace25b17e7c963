// One stream between a device and a server: messages in both directions, late, in order as TCP keeps them. A loss is a break.

import type { FramePort, FrameSink } from "@nodoor/server"
import type { Chance } from "./randomness.ts"
import type { VirtualTime } from "./virtual-time.ts"

export interface StreamPlace<Server> {
  /** The running server, or undefined while it is down. A new object after each start: what was connected to the old one ends. */
  readonly server: () => Server | undefined
  readonly time: VirtualTime
  readonly chance: Chance
  readonly faults: () => { readonly delayMs: number; readonly cut: number }
}

/** What a stream's owner hears, in order; `closed` once at the end, unless it closed the stream itself. */
export interface StreamEnd {
  opened(): void
  frame(bytes: Uint8Array): void
  closed(): void
}

/** `reachable`: whether the device has a connection at all; `alive`: whether the process that opened the stream still runs. */
export interface StreamDevice {
  readonly reachable: () => boolean
  readonly alive: () => boolean
}

/** `connect`: the running server takes the connection. */
export function virtualStream<Server extends object>(
  { server: running, time, chance, faults }: StreamPlace<Server>,
  device: StreamDevice,
  connect: (server: Server, sink: FrameSink) => FramePort,
  handlers: StreamEnd,
): { send(frame: Uint8Array): void; close(): void } {
  const delay = (): number => 1 + chance.below(faults().delayMs)
  let server: Server | undefined
  let port: FramePort | undefined
  let open = true
  let sentAtMs = 0
  let receivedAtMs = 0
  const end = (told: boolean): void => {
    if (!open) return
    open = false
    port?.closed()
    if (told) time.after(1, () => device.alive() && handlers.closed())
  }
  const inOrder = (last: number, run: () => void): number => {
    if (chance.happens(faults().cut)) end(true)
    const atMs = Math.max(last, time.nowMs() + delay())
    time.after(atMs - time.nowMs(), () => {
      if (!open) return
      if (running() !== server || !device.reachable()) end(true)
      else run()
    })
    return atMs
  }
  /** Nobody takes in what comes for a process that died; the connection ends behind what it had sent. */
  const toProcess = (handle: () => void): void => {
    if (device.alive()) handle()
    else time.after(sentAtMs - time.nowMs() + 1, () => end(false))
  }
  time.after(delay(), () => {
    server = running()
    if (!server || !device.reachable()) return end(true)
    port = connect(server, {
      send: (frame, sent) => {
        sent()
        receivedAtMs = inOrder(receivedAtMs, () => toProcess(() => handlers.frame(frame)))
      },
      bufferedBytes: () => 0,
      close: () => {
        receivedAtMs = inOrder(receivedAtMs, () => end(true))
      },
    })
    toProcess(() => handlers.opened())
  })
  return {
    send: (frame) => {
      if (open) sentAtMs = inOrder(sentAtMs, () => port?.receive(frame))
    },
    close: () => end(false),
  }
}
