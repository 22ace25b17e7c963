// On the wire: what the server of a device sees of its connections. This file trusts a test certificate, so it has a process of its own.

import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { ownRecord, serverInfo } from "@nodoor/wire"
import { NetworkError } from "../core/client-error.ts"
import type { Network, StreamKind } from "../core/ports.ts"
import { startObservedServer, startSocksServer, testCertificate } from "./fixtures/index.ts"
import { nodeNetwork } from "./node-network.ts"
import { parseProxy } from "./socks.ts"

setDefaultCACertificates([...getCACertificates("default"), testCertificate.cert])

const refused = { code: "rate_limited" }

/** Opens a stream, sends a frame and gets it back. */
async function useStream(network: Network, url: string, kind: StreamKind): Promise<Uint8Array> {
  return await new Promise((resolve, reject) => {
    const stream = network.openStream(url, kind, {
      opened: () => stream.send(Uint8Array.of(6)),
      frame: (frame) => {
        stream.close()
        resolve(frame)
      },
      closed: () => reject(new NetworkError("closed", { maybeDone: true })),
    })
  })
}

/** Everything a device does on the network, some of it several times. */
async function useAll(network: Network, url: string): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await assert.rejects(network.call(url, ownRecord, {}, { token: new Uint8Array(32) }), refused)
    assert.deepEqual(await useStream(network, url, "reading"), Uint8Array.of(6))
    await assert.rejects(network.call(url, serverInfo, {}), refused)
    assert.deepEqual(await useStream(network, url, "posting"), Uint8Array.of(6))
    await assert.rejects(network.file(url, "/canary.json", 10), NetworkError)
    await assert.rejects(network.call(url, serverInfo, {}, { alone: true }), refused)
  }
}

for (const closing of [false, true])
  test(`no two classes share a connection or a TLS session, and what is asked alone shares none at all${closing ? ", also when connections are made anew" : ""}`, async (t) => {
    const server = await startObservedServer({ closing })
    t.after(() => server.close())
    await useAll(nodeNetwork(), server.url)
    for (const carried of server.connections) assert.equal(new Set(carried).size, 1, carried.join(" "))
    assert.equal(server.resumed, 0)
    const sizes = (kind: string): number[] => server.connections.filter(([first]) => first === kind).map(({ length }) => length)
    if (!closing) {
      assert.deepEqual(sizes("session"), [3])
      assert.deepEqual(sizes("anonymous").sort(), [1, 1, 1, 6])
    }
    assert.deepEqual(
      [sizes("reading"), sizes("posting")],
      [
        [1, 1, 1],
        [1, 1, 1],
      ],
    )
  })

async function proxied(t: TestContext) {
  const server = await startObservedServer()
  const socks = await startSocksServer({ to: server.port })
  t.after(async () => {
    await socks.close()
    await server.close()
  })
  return { server, socks, network: nodeNetwork({ proxy: { host: "127.0.0.1", port: socks.port } }) }
}

test("through a proxy, names are left to it, and each class and each lone request has a user name of its own", async (t) => {
  const { server, socks, network } = await proxied(t)
  await useAll(network, "https://chat.invalid")
  assert.deepEqual(new Set(socks.requests.map(({ by, host, port }) => `${by} ${host} ${port}`)), new Set(["name chat.invalid 443"]))
  // In the order of their first use: session, reading, anonymous, posting, then the lone requests.
  const users = socks.requests.map(({ user, password }) => `${user} ${password}`)
  assert.equal(new Set(users).size, 4 + 3)
  assert.equal(users.length, server.connections.length)
  assert.ok(users.every((user) => /^[0-9a-f]{32} [0-9a-f]{32}$/.test(user)))
  for (const [index, carried] of server.connections.entries())
    for (const [other, carriedThere] of server.connections.entries())
      if (carried[0] !== carriedThere[0]) assert.notEqual(users[index], users[other])
  assert.equal(server.resumed, 0)
})

test("an address is passed on as it is, and another run has other user names", async (t) => {
  const { server, socks, network } = await proxied(t)
  await assert.rejects(network.call(server.url, serverInfo, {}), refused)
  await assert.rejects(nodeNetwork({ proxy: { host: "127.0.0.1", port: socks.port } }).call(server.url, serverInfo, {}), refused)
  const [first, second] = socks.requests
  assert.equal(first?.by, "address")
  assert.notEqual(first?.user, second?.user)
})

test("while the proxy cannot be reached, nothing goes out", async (t) => {
  const { server, socks, network } = await proxied(t)
  await socks.close()
  await assert.rejects(network.call(server.url, serverInfo, {}), NetworkError)
  await assert.rejects(network.call(server.url, ownRecord, {}, { token: new Uint8Array(32) }), NetworkError)
  await assert.rejects(network.call(server.url, serverInfo, {}, { alone: true }), NetworkError)
  await assert.rejects(network.file(server.url, "/canary.json", 10), NetworkError)
  for (const kind of ["reading", "posting"] as const) await assert.rejects(useStream(network, server.url, kind), NetworkError)
  assert.deepEqual(server.connections, [])
})

test("a proxy's address is socks5h with a host and a port, and nothing else", () => {
  assert.deepEqual(parseProxy("socks5h://127.0.0.1:9050"), { host: "127.0.0.1", port: 9050 })
  assert.deepEqual(parseProxy("socks5h://[::1]:9050"), { host: "::1", port: 9050 })
  assert.deepEqual(parseProxy("socks5h://tor.example.org:9150/"), { host: "tor.example.org", port: 9150 })
  for (const wrong of [
    "",
    "9050",
    "127.0.0.1:9050",
    "socks5://127.0.0.1:9050", // would look names up here
    "http://127.0.0.1:8118",
    "socks5h://127.0.0.1",
    "socks5h://127.0.0.1:0",
    "socks5h://127.0.0.1:99999",
    "socks5h://me:secret@127.0.0.1:9050",
    "socks5h://127.0.0.1:9050/x",
    "socks5h://127.0.0.1:9050?x",
  ])
    assert.equal(parseProxy(wrong), undefined, wrong)
})
