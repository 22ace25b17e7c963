import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import type { LogFile } from "../keylog/keeper/published-log.ts"
import { type AppPorts, createApp } from "../http/app.ts"
import { createSites } from "../http/sites.ts"
import { logFiles } from "./key-log-service.ts"

test("one address has so many files of the log read at once, others are not held up, and each that is read makes room", async () => {
  const waiting: ((file: LogFile | undefined) => void)[] = []
  const ports: Partial<AppPorts> = {
    log: () => {},
    sites: createSites({}),
    clientAddress: {
      of: (incoming) => {
        const address = String(incoming.headers["from"])
        if (address === "unreadable") throw new WireError("proxy_unreadable")
        return address
      },
      forwarded: () => false,
      isProxy: () => false,
    },
    pages: [logFiles({ file: () => new Promise((resolve) => waiting.push(resolve)) })],
  }
  const app = createApp(ports as AppPorts)
  const ask = async (from: string): Promise<number> =>
    (await app.request("/kt/checkpoint", {}, { incoming: { headers: { from } } as never, outgoing: {} as never })).status
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const first = Array.from({ length: 65 }, () => ask("192.0.2.1"))
  await turn()
  assert.equal(waiting.length, 64)
  const other = ask("192.0.2.2")
  await turn()
  assert.equal(waiting.length, 65)
  assert.equal(await ask("unreadable"), 400)
  for (const resolve of waiting.splice(0)) resolve({ bytes: new Uint8Array(1), text: false, immutable: false })
  assert.deepEqual(await Promise.all([...first, other]), [...Array.from({ length: 64 }, () => 200), 429, 200])
  const again = ask("192.0.2.1")
  await turn()
  waiting.pop()?.(undefined)
  assert.equal(await again, 404)
})
