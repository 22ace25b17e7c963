// Device and server in one process without a network between them: what remains is what both compute and write.

import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { decodeCbor } from "@nodoor/bytes"
import { type Network, type Ports } from "@nodoor/client"
import { nodePorts, openDatabase } from "@nodoor/client/node"
import {
  type DeliveryHalf,
  type Rates,
  type ServerCore,
  createDeliveryHalf,
  createServerCore,
  defaultRates,
  memoryFiles,
  openInProcessDeliveryStore,
  openInProcessStore,
} from "@nodoor/server"
import { askForBlob } from "@nodoor/server/fixtures"
import { WireError, type WireFault, decodeMessage, encodeMessage } from "@nodoor/wire"
import { InProcessLog } from "../../sim/in-process-log.ts"

export const origin = "bench.example"
export const serverUrl: string = `https://${origin}`

/** A device that waits for introductions keeps no process. */
const unawaited = (afterMs: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, afterMs).unref()
  return () => clearTimeout(timer)
}

/** Both services. */
export interface LoopbackServer extends ServerCore {
  readonly half: DeliveryHalf
}

/** The server's core on SQLite files with its usual durability, without limits on how often somebody may ask. */
export async function openServer(folder: string): Promise<LoopbackServer> {
  const rates = Object.fromEntries(Object.keys(defaultRates).map((name) => [name, { burst: 1e9, perSecond: 1e9 }])) as unknown as Rates
  const store = openInProcessStore(join(folder, "server.db"))
  const keyLog = new InProcessLog({
    folder: join(folder, "log"),
    origin,
    store,
    random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
    nowMs: () => Date.now(),
    after: (delayMs, run) => void setTimeout(run, delayMs).unref(),
  })
  await keyLog.publish()
  const surroundings = {
    clock: { nowMs: () => Date.now() },
    random: (sizeBytes: number) => new Uint8Array(randomBytes(sizeBytes)),
    turn: (run: () => void) => void setImmediate(run),
    log: () => {},
  }
  const core = await createServerCore(
    { ...surroundings, store, keyLog: keyLog.keyLog, timer: unawaited, mailer: { sendCode: async () => {} } },
    { origin, version: "bench", registration: "open", email: { mode: "none", domains: [] }, ipDays: 0, messageDays: 30, rates },
  )
  const half = await createDeliveryHalf(
    {
      ...surroundings,
      store: openInProcessDeliveryStore(join(folder, "delivery.db")),
      blobFiles: memoryFiles(),
      tokenKeys: () => core.tokenKeys(),
    },
    { origin, messageDays: 30 },
  )
  return { ...core, half }
}

/** Ports of a device with its encrypted store on disk, next to the server. */
export async function openPorts(delivery: LoopbackServer, folder: string, name: string): Promise<Ports> {
  const database = await openDatabase({ path: join(folder, `${name}.db`), key: new Uint8Array(randomBytes(32)) })
  return { ...nodePorts(database), network: loopback(delivery) }
}

export function loopback(delivery: LoopbackServer): Network {
  const address = "127.0.0.1"
  return {
    call: async (_serverUrl, route, request, { token } = {}) => {
      const answer = await delivery.handle(route.path, { token, address }, encodeMessage(request))
      if (answer.status === 200) return decodeMessage(route.answer, answer.body, route.maxAnswerBytes)
      const fault = decodeCbor(answer.body, { maxBytes: 4096 }) as unknown as WireFault
      throw new WireError(fault.code, fault.message, { ...(fault.epoch !== undefined && { epoch: fault.epoch }) })
    },
    file: async () => undefined,
    blob: (_hostUrl, request) => askForBlob((call) => delivery.half.blob(call), address, request),
    openStream: (_hostUrl, kind, handlers) => {
      let isOpen = true
      const closed = (): void => {
        if (!isOpen) return
        isOpen = false
        setImmediate(() => handlers.closed())
      }
      const sink = {
        send: (frame: Uint8Array, sent: () => void): void => {
          const copy = frame.slice()
          setImmediate(() => {
            if (isOpen) handlers.frame(copy)
            sent()
          })
        },
        bufferedBytes: () => 0,
        close: closed,
      }
      const port = kind === "reading" ? delivery.half.connectRead(sink, { address }) : delivery.half.connectPost(sink, { address })
      setImmediate(() => {
        if (isOpen) handlers.opened()
      })
      return {
        send: (frame) => {
          const copy = frame.slice()
          setImmediate(() => {
            if (isOpen) port.receive(copy)
          })
        },
        close: () => {
          isOpen = false
          port.closed()
        },
      }
    },
  }
}
