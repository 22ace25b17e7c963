// Which requests share a socket or a TLS session, as whoever stands in front of the server sees it.

import assert from "node:assert/strict"
import { createServer } from "node:http"
import { Agent, request } from "node:https"
import type { AddressInfo } from "node:net"
import { test } from "node:test"
import { startTlsFront } from "./fixtures/tls-front.ts"

const host = "chat.localhost"

test("The watcher in front sees requests that share a socket, and a TLS session that is taken up again on another one", async (t) => {
  const back = createServer((_request, response) => response.end("here"))
  await new Promise<void>((done) => back.listen(0, "127.0.0.1", done))
  t.after(() => back.close().closeAllConnections())
  const front = await startTlsFront(t, { hosts: [host], backPort: () => (back.address() as AddressInfo).port })
  const get = (agent: Agent, path: string): Promise<void> =>
    new Promise((done, reject) => {
      const options = { agent, host: "127.0.0.1", servername: host, port: front.port, path, ca: front.certificate, headers: { host } }
      request(options, (answer) => answer.resume().on("end", done))
        .on("error", reject)
        .end()
    })
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => kept.destroy())
  await get(kept, "/one")
  await get(kept, "/two")
  await get(new Agent({ maxCachedSessions: 0 }), "/alone")
  const again = new Agent({ maxCachedSessions: 10 })
  await get(again, "/first")
  await new Promise((done) => setTimeout(done, 50))
  await get(again, "/again")
  assert.deepEqual(
    front.connections.map(({ requests, resumed }) => [requests.map(({ path }) => path).join(" "), resumed]),
    [
      ["/one /two", undefined],
      ["/alone", undefined],
      ["/first", undefined],
      ["/again", 2],
    ],
  )
  assert.deepEqual([...new Set(front.connections.map((one) => one.host))], [host])
})
