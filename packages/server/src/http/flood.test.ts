import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { type IncomingHttpHeaders, request as httpRequest } from "node:http"
import { type Socket, connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { decodeMessage, encodeMessage, limits, lookup, uploadKeyPackages, wireFault } from "@nodoor/wire"
import { readPath } from "@nodoor/wire/delivery"
import { type RunningServer, startServer } from "../service/start-server.ts"

let server: RunningServer
const directory = mkdtempSync(join(tmpdir(), "nodoor-flood-"))
const lines: string[] = []
const sockets: Socket[] = []

before(async () => {
  server = await startServer({
    dataDir: directory,
    host: "127.0.0.1",
    log: (line) => void lines.push(line),
    config: { trustedProxies: ["127.0.0.3"] },
  })
})
after(async () => {
  for (const socket of sockets) socket.destroy()
  await server.stop()
  rmSync(directory, { recursive: true })
})

const cbor = { "Content-Type": "application/cbor" }
const lookupOfNobody = encodeMessage({ handle: "nobody" })
/** As large as the largest; no message at all, which is found out when all of it has been read. */
const largestUpload = new Uint8Array(uploadKeyPackages.maxRequestBytes).fill(0xff)

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function ask(path: string, localAddress: string, headers: Record<string, string>, body?: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST"
    const sent = httpRequest(`${server.url}${path}`, { method, headers, localAddress, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
    })
    sent.on("error", reject)
    sent.end(body)
  })
}

const codeOf = ({ body }: Answer): string => decodeMessage(wireFault, new Uint8Array(body), limits.faultBytes).code

/** An upload of the largest size that never ends: all of it but its last byte, or nothing at all. */
async function hang(localAddress: string, bytes: number): Promise<Socket> {
  const socket = connect({ port: server.port, host: "127.0.0.1", localAddress })
  socket.on("error", () => {})
  sockets.push(socket)
  const head = [
    `POST ${uploadKeyPackages.path} HTTP/1.1`,
    "Host: x",
    "Content-Type: application/cbor",
    `Content-Length: ${largestUpload.length}`,
  ]
  await new Promise<void>((resolve) => socket.write(`${head.join("\r\n")}\r\n\r\n`, () => resolve()))
  if (bytes > 0) socket.write(new Uint8Array(bytes))
  return socket
}

const refusalOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let heard = ""
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")))
    socket.on("close", () => resolve(heard))
  })

test("40 unfinished uploads of the largest size from one address stand in the way of no look-up, no session and nobody else's upload", async () => {
  const hanging = await Promise.all(Array.from({ length: 40 }, (_, at) => hang("127.0.0.1", at < 15 ? largestUpload.length - 1 : 0)))
  const refused = await Promise.all(hanging.slice(15).map((socket) => refusalOf(socket)))
  for (const heard of refused) assert.match(heard, /^HTTP\/1\.1 429 /)
  assert.equal(codeOf(await ask(lookup.path, "127.0.0.1", cbor, lookupOfNobody)), "account_not_found", "a look-up from the same address")
  assert.equal(codeOf(await ask("/v1/session", "127.0.0.1", cbor, encodeMessage({}))), "bad_request", "a session from the same address")
  assert.equal(codeOf(await ask(uploadKeyPackages.path, "127.0.0.1", cbor, largestUpload)), "rate_limited", "another large upload from it")
  assert.equal(codeOf(await ask(uploadKeyPackages.path, "127.0.0.2", cbor, largestUpload)), "unauthorized", "one of somebody else is read")
  for (const socket of hanging) socket.destroy()
  for (let tries = 0; ; tries++) {
    if (codeOf(await ask(uploadKeyPackages.path, "127.0.0.1", cbor, largestUpload)) === "unauthorized") break
    assert.ok(tries < 100, "the room is there again once they are gone")
  }
})

test("a body that does not go on is cut with a word that it was too slow, and its room is there again", async (t) => {
  const hasty = await startServer({ dataDir: join(directory, "hasty"), log: () => {}, timeouts: { bodyTickMs: 20 } })
  t.after(() => hasty.stop())
  const socket = connect(hasty.port, "127.0.0.1")
  sockets.push(socket)
  const heard = refusalOf(socket)
  socket.write(
    [`POST ${lookup.path} HTTP/1.1`, "Host: x", "Content-Type: application/cbor", `Content-Length: ${lookupOfNobody.length}`, "", "x"].join(
      "\r\n",
    ),
  )
  assert.match(await heard, /^HTTP\/1\.1 503 [^]*too slowly/)
})

test("behind a trusted proxy each address is counted by itself, and one that cannot be read is refused before its body is", async () => {
  const from = (forwarded: string): Record<string, string> => ({ ...cbor, "X-Forwarded-For": forwarded })
  assert.equal(codeOf(await ask(lookup.path, "127.0.0.3", from("203.0.113.7:51234"), lookupOfNobody)), "account_not_found")
  const unread = await ask(uploadKeyPackages.path, "127.0.0.3", from("unknown"), largestUpload)
  assert.deepEqual([unread.status, codeOf(unread)], [400, "proxy_unreadable"])
  const told = lines.filter((line) => line.includes("forwarded_for_unreadable"))
  assert.equal(told.length, 1)
  assert.ok(!told.join("").includes("unknown") && !told.join("").includes("127.0.0.3"))
})

test("nothing that a proxy passes on opens the metrics without the token, whatever it says of the caller", async () => {
  const forms = ["203.0.113.7", "203.0.113.7:51234", "[2001:db8::1]:443", "203.0.113.7,", "unknown", "", "127.0.0.1", "127.0.0.3", "::1"]
  for (const forwarded of forms) {
    for (const peer of ["127.0.0.3", "127.0.0.1"])
      assert.equal((await ask("/metrics", peer, { "X-Forwarded-For": forwarded })).status, 403, `${peer} says ${JSON.stringify(forwarded)}`)
  }
  assert.equal((await ask("/metrics", "127.0.0.3", {})).status, 200, "a program on the machine itself")
})

test("a stream whose caller the proxy names in a form that cannot be read is refused", async () => {
  const socket = connect({ port: server.port, host: "127.0.0.1", localAddress: "127.0.0.3" })
  sockets.push(socket)
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="]
  const heard = refusalOf(socket)
  socket.write([`GET ${readPath} HTTP/1.1`, "Host: x", "X-Forwarded-For: unknown", ...upgrade, "", ""].join("\r\n"))
  assert.match(await heard, /^HTTP\/1\.1 400 /)
})
