// Device and server in one process without a network between them: what remains is what both compute and write.

import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { decodeCbor } from "@nodoor/bytes"
import { type Network, type Ports } from "@nodoor/client"
import { nodePorts, openDatabase } from "@nodoor/client/node"
import { type ServerCore, type Rates, createServerCore, defaultRates, openInProcessStore, systemTimer } from "@nodoor/server"
import { WireError, type WireFault, decodeMessage, encodeMessage } from "@nodoor/wire"
import { InProcessLog } from "../../sim/in-process-log.ts"

export const origin = "bench.example"

/** The server's core on an SQLite file with its usual durability, without limits on how often somebody may ask. */
export async function openServer(folder: string): Promise<ServerCore> {
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
  return await createServerCore(
    {
      store,
      keyLog: keyLog.keyLog,
      clock: { nowMs: () => Date.now() },
      random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
      turn: (run) => void setImmediate(run),
      timer: systemTimer,
      mailer: { sendCode: async () => {} },
      log: () => {},
    },
    { origin, version: "bench", registration: "open", email: { mode: "none", domains: [] }, ipDays: 0, messageDays: 30, rates },
  )
}

/** Ports of a device with its encrypted store on disk, next to the server. */
export async function openPorts(delivery: ServerCore, folder: string, name: string): Promise<Ports> {
  const database = await openDatabase({ path: join(folder, `${name}.db`), key: new Uint8Array(randomBytes(32)) })
  return { ...nodePorts(database), network: loopback(delivery) }
}

export function loopback(delivery: ServerCore): Network {
  const address = "127.0.0.1"
  return {
    call: async (_serverUrl, route, request, { token } = {}) => {
      const answer = await delivery.handle(route.path, { token, address }, encodeMessage(request))
      if (answer.status === 200) return decodeMessage(route.answer, answer.body, route.maxAnswerBytes)
      const fault = decodeCbor(answer.body, { maxBytes: 4096 }) as unknown as WireFault
      throw new WireError(fault.code, fault.message, { ...(fault.epoch !== undefined && { epoch: fault.epoch }) })
    },
    file: async () => undefined,
    openStream: (_hostUrl, _kind, handlers) => {
      setImmediate(() => handlers.closed())
      return { send: () => {}, close: () => {} }
    },
  }
}
