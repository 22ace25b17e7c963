import assert from "node:assert/strict"
import { once } from "node:events"
import { type IncomingMessage, createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { test } from "node:test"
import { encodeMessage, ownRecord, serverInfo } from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import { nodeNetwork } from "./node-network.ts"

const network = nodeNetwork()

test("a request that names the device and one that does not never share a connection", async (t) => {
  const carried = new Map<object, Set<boolean>>()
  const server = createServer((request, response) => {
    const kinds = carried.get(request.socket) ?? new Set<boolean>()
    carried.set(request.socket, kinds.add(request.headers.authorization !== undefined))
    request.resume()
    response.writeHead(429, { "content-type": "application/cbor" })
    response.end(encodeMessage({ code: "rate_limited", message: "rate_limited" }))
  }).listen(0, "127.0.0.1")
  t.after(() => server.close().closeAllConnections())
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (let round = 0; round < 4; round++) {
    await assert.rejects(network.call(url, ownRecord, {}, { token: new Uint8Array(32) }), { code: "rate_limited" })
    await assert.rejects(network.call(url, serverInfo, {}), { code: "rate_limited" })
    await assert.rejects(network.file(url, "/canary.json", 10), NetworkError)
  }
  assert.equal(carried.size, 2, "each kind keeps its own connection")
  for (const kinds of carried.values()) assert.equal(kinds.size, 1)
})

test("a server that is not there, and one that redirects, is no answer", async (t) => {
  const server = createServer((_request, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()).listen(
    0,
    "127.0.0.1",
  )
  t.after(() => server.close().closeAllConnections())
  await once(server, "listening")
  await assert.rejects(network.call(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, serverInfo, {}), NetworkError)
  await assert.rejects(network.call("http://127.0.0.1:1", serverInfo, {}), NetworkError)
})

test("a request whose answer nobody wants any more ends, and its connection with it", async (t) => {
  const server = createServer(() => {}).listen(0, "127.0.0.1")
  t.after(() => server.close().closeAllConnections())
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const control = new AbortController()
  const asked = network.call(url, serverInfo, {}, { unwanted: once(control.signal, "abort") })
  const [request] = (await once(server, "request")) as [IncomingMessage]
  control.abort()
  await assert.rejects(asked, NetworkError)
  if (!request.socket.closed) await once(request.socket, "close")
})
