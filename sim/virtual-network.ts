// The network between devices and the server: late, lossy, repeating, out of order, sometimes not there at all.

import { NetworkError, type Network, type StreamKind } from "@nodoor/client"
import { concat, decodeCbor, toUtf8 } from "@nodoor/bytes"
import { WireError, type WireFault, decodeMessage, encodeMessage } from "@nodoor/wire"
import { blobDownloadPath } from "@nodoor/wire/delivery"
import type { BlobCall, BlobReply, DeliveryHalf, ServerCore, FramePort, FrameSink } from "@nodoor/server"
import { askForBlob } from "@nodoor/server/fixtures"
import type { Carried } from "./connection-checker.ts"
import type { Chance } from "./randomness.ts"
import { virtualStream } from "./virtual-stream.ts"
import type { VirtualTime } from "./virtual-time.ts"

export interface NetworkFaults {
  readonly lost: number
  readonly repeated: number
  /** Of a stream, per frame: the connection breaks. */
  readonly cut: number
  readonly delayMs: number
}

export const calm: NetworkFaults = { lost: 0, repeated: 0, cut: 0, delayMs: 20 }
export const rough: NetworkFaults = { lost: 0.05, repeated: 0.05, cut: 0.01, delayMs: 400 }

/** A request without an answer is given up after this. */
const timeoutMs = 5_000

/** The delivery half of a server, as its streams reach it. */
export interface DeliveryDoor {
  connect(kind: StreamKind, sink: FrameSink, caller: { readonly address: string }): FramePort
  /** Answers a request about a blob. */
  blob(call: BlobCall): Promise<BlobReply>
}

export function doorOf(half: Pick<DeliveryHalf, "connectRead" | "connectPost" | "blob">): DeliveryDoor {
  return {
    connect: (kind, sink, caller) => (kind === "reading" ? half.connectRead(sink, caller) : half.connectPost(sink, caller)),
    blob: (call) => half.blob(call),
  }
}

export interface Place {
  /** The running server, or undefined while it is down. A new object after each start. */
  readonly delivery: () => ServerCore | undefined
  /** Its delivery half; a new object after each start. Without one, no reading or posting stream opens. */
  readonly streams?: () => DeliveryDoor | undefined
  /** Hears of every message of every connection. */
  readonly carried?: (carried: Carried) => void
  readonly time: VirtualTime
  readonly chance: Chance
  readonly faults: () => NetworkFaults
}

/**
 * The network as one process sees it. `reachable`: whether the device has a connection at all; `alive`: whether this process still runs. What
 * left it before it died may still arrive, also after its successor has connected.
 */
export function virtualNetwork(
  place: Place,
  device: { readonly address: string; readonly reachable: () => boolean; readonly alive: () => boolean },
): Network {
  const { time, chance } = place
  const delay = (): number => 1 + chance.below(place.faults().delayMs)
  return {
    call: (_serverUrl, route, request, { token, alone, named } = {}) =>
      new Promise((resolve, reject) => {
        let done = false
        const finish = (settleWith: () => void): void => {
          if (done || !device.alive()) return
          done = true
          settleWith()
        }
        const waitMs = "waitMs" in request ? Number(request.waitMs) : 0
        time.after(waitMs + timeoutMs, () => finish(() => reject(new NetworkError("no answer", { maybeDone: true }))))
        if (!device.reachable()) return
        const body = encodeMessage(request)
        const kind = token || named ? "session" : alone ? "lone" : "anonymous"
        const carried = (bytes: Uint8Array): void => place.carried?.({ kind, address: device.address, token, bytes })
        carried(body)
        const arrive = (): void => {
          const server = place.delivery()
          if (!server || chance.happens(place.faults().lost)) return
          const answered = (answer: { readonly status: number; readonly body: Uint8Array }): void => {
            if (chance.happens(place.faults().lost)) return
            carried(answer.body)
            time.after(delay(), () => {
              if (place.delivery() !== server || !device.reachable()) return
              finish(() => {
                if (answer.status === 200) resolve(decodeMessage(route.answer, answer.body, route.maxAnswerBytes))
                else reject(refusal(answer.body))
              })
            })
          }
          void server.handle(route.path, { token, address: device.address }, body).then(answered)
        }
        time.after(delay(), arrive)
        if (chance.happens(place.faults().repeated)) time.after(delay() * 3, arrive)
      }),

    // The simulated server publishes no canary.
    file: async () => undefined,

    blob: (_hostUrl, request) =>
      new Promise((resolve, reject) => {
        let done = false
        const finish = (settleWith: () => void): void => {
          if (done || !device.alive()) return
          done = true
          settleWith()
        }
        time.after(timeoutMs, () => finish(() => reject(new NetworkError("no answer", { maybeDone: true }))))
        if (!device.reachable()) return
        const kind = request.path === blobDownloadPath ? "reading" : "posting"
        const carried = (headers: Readonly<Record<string, string>>, body: Uint8Array | undefined): void =>
          place.carried?.({ kind, address: device.address, bytes: concat(toUtf8(JSON.stringify(headers)), body ?? new Uint8Array()) })
        carried(request.headers, request.body)
        const arrive = (): void => {
          const door = place.streams?.()
          if (!door || chance.happens(place.faults().lost)) return
          void askForBlob((call) => door.blob(call), device.address, request).then((answer) => {
            carried(answer.headers, answer.body)
            if (chance.happens(place.faults().lost)) return
            time.after(delay(), () => {
              if (place.streams?.() === door && device.reachable()) finish(() => resolve(answer))
            })
          })
        }
        time.after(delay(), arrive)
        if (chance.happens(place.faults().repeated)) time.after(delay() * 3, arrive)
      }),

    openStream: (_hostUrl, kind, handlers) => {
      const carried = (bytes: Uint8Array): void => place.carried?.({ kind, address: device.address, bytes })
      const stream = virtualStream(
        { ...place, server: () => place.streams?.() },
        device,
        (door, sink) => door.connect(kind, sink, { address: device.address }),
        {
          ...handlers,
          frame: (frame) => {
            carried(frame)
            handlers.frame(frame)
          },
        },
      )
      return {
        send: (frame) => {
          carried(frame)
          stream.send(frame)
        },
        close: stream.close,
      }
    },
  }
}

function refusal(body: Uint8Array): Error {
  const fault = decodeCbor(body, { maxBytes: 4096 }) as unknown as WireFault
  return new WireError(fault.code, fault.message, {
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
    ...(fault.epoch !== undefined && { epoch: fault.epoch }),
  })
}
