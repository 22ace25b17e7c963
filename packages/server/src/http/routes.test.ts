import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { request as httpRequest } from "node:http"
import { type Socket, connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { decodeMessage, encodeMessage, limits, serverInfo, uploadKeyPackages, wireFault } from "@nodoor/wire"
import { readPath } from "@nodoor/wire/delivery"
import { WebSocket } from "ws"
import { callHttp } from "../fixtures/caller.ts"
import { random, signUp } from "../fixtures/device.ts"
import { bodiesOf, newLoggedGroup } from "../fixtures/logged-group.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"
import { contentSecurityPolicy } from "./security-headers.ts"

let server: RunningServer
const directory = mkdtempSync(join(tmpdir(), "nodoor-routes-"))
const lines: string[] = []

before(async () => {
  const web = join(directory, "web")
  mkdirSync(join(web, "assets"), { recursive: true })
  writeFileSync(join(web, "index.html"), "<!doctype html><title>x</title>")
  writeFileSync(join(web, "assets", "app-abc.js"), "export const x = 1\n".repeat(200))
  writeFileSync(join(web, "assets", "store.wasm"), random(2000))
  server = await startServer({
    dataDir: join(directory, "data"),
    webDir: web,
    log: (line) => void lines.push(line),
    config: { registration: "open", metricsToken: "a token of the operator", trustedProxies: ["10.0.0.0/8"] },
    timeouts: { headersMs: 700, requestMs: 1000 },
    deliverySockets: { openWithinMs: 600 },
  })
})
after(async () => {
  await server.stop()
  rmSync(directory, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: Buffer
}
function ask(method: string, path: string, headers: Record<string, string> = {}, body?: Uint8Array): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${server.url}${path}`,
      { method, headers: { Host: server.origin, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
      },
    )
    request.on("error", reject)
    request.end(body)
  })
}
const cbor = { "Content-Type": "application/cbor" }
const codeOf = (answer: Answer): string => decodeMessage(wireFault, new Uint8Array(answer.body), limits.faultBytes).code

test("a message with another content type, a compression, or to no path of the protocol is refused in CBOR", async () => {
  const body = encodeMessage({})
  assert.equal((await ask("POST", serverInfo.path, cbor, body)).status, 200)
  assert.equal(codeOf(await ask("POST", serverInfo.path, { "Content-Type": "application/json" }, body)), "bad_request")
  assert.equal(codeOf(await ask("POST", serverInfo.path, {}, body)), "bad_request")
  assert.equal(codeOf(await ask("POST", serverInfo.path, { ...cbor, "Content-Encoding": "gzip" }, body)), "bad_request")
  assert.equal(codeOf(await ask("POST", "/v1/nothing", cbor, body)), "not_found")
  assert.equal(codeOf(await ask("POST", "/v1/account/own-record", { ...cbor, Authorization: "Basic eDp5" }, body)), "unauthorized")
  assert.equal(codeOf(await ask("POST", "/v1/account/own-record", { ...cbor, Authorization: "Bearer !!!!" }, body)), "unauthorized")
  const wrongMethod = await ask("GET", serverInfo.path)
  assert.deepEqual([wrongMethod.status, wrongMethod.headers["allow"]], [405, "POST"])
})

test("a body that says it is too large is refused before it is sent, one that turns out to be while it comes", async () => {
  const stated = await raw(
    [`POST ${uploadKeyPackages.path} HTTP/1.1`, "Host: x", "Content-Type: application/cbor", "Content-Length: 900000000", "", ""].join(
      "\r\n",
    ),
  )
  assert.match(stated, /^HTTP\/1\.1 413 /)
  assert.match(stated, /connection: close/i)
  const chunked = connect(server.port, "127.0.0.1")
  const heard = collect(chunked)
  chunked.write(
    [`POST ${uploadKeyPackages.path} HTTP/1.1`, "Host: x", "Content-Type: application/cbor", "Transfer-Encoding: chunked", "", ""].join(
      "\r\n",
    ),
  )
  const chunk = `${(65_536).toString(16)}\r\n${"x".repeat(65_536)}\r\n`
  for (let at = 0; at < 30 && !chunked.destroyed; at++) chunked.write(chunk)
  assert.match(await heard, /^HTTP\/1\.1 413 /)
})

test("a client that sends its request drop by drop is cut off", async () => {
  const started = performance.now()
  const heard = await raw("POST /v1/server HTTP/1.1\r\nHost: x\r\nX-Slow: ")
  assert.match(heard, /^HTTP\/1\.1 408 |^$/)
  const slowBody = await raw(
    ["POST /v1/server HTTP/1.1", "Host: x", "Content-Type: application/cbor", "Content-Length: 10", "", "a"].join("\r\n"),
  )
  assert.match(slowBody, /^HTTP\/1\.1 4\d\d |^$/)
  assert.ok(performance.now() - started < 15_000)
})

test("a body cut short, and bytes that are no HTTP, harm nobody", async () => {
  const socket = connect(server.port, "127.0.0.1")
  socket.on("error", () => {})
  socket.write(
    [`POST ${serverInfo.path} HTTP/1.1`, "Host: x", "Content-Type: application/cbor", "Content-Length: 10", "", "abc"].join("\r\n"),
  )
  await new Promise((resolve) => setTimeout(resolve, 20))
  socket.destroy()
  assert.match(await raw("\0\u0001\u0002 nonsense\r\n\r\n"), /^HTTP\/1\.1 400 /)
  const twice = await raw([`POST ${serverInfo.path} HTTP/1.1`, "Host: x", "Content-Length: 1", "Content-Length: 2", "", ""].join("\r\n"))
  assert.match(twice, /^HTTP\/1\.1 400 /)
  const smuggled = await raw(
    [`POST ${serverInfo.path} HTTP/1.1`, "Host: x", "Content-Length: 5", "Transfer-Encoding: chunked", "", ""].join("\r\n"),
  )
  assert.match(smuggled, /^HTTP\/1\.1 400 /)
  assert.equal((await ask("POST", serverInfo.path, cbor, encodeMessage({}))).status, 200)
})

test("websockets: another path is not found, and a frame without a mask is cut", async () => {
  await assert.rejects(
    new Promise((resolve, reject) => new WebSocket(`${server.url.replace("http", "ws")}/v1/other`).on("open", resolve).on("error", reject)),
    /404/,
  )

  const key = Buffer.from(random(16)).toString("base64")
  const upgrade = [
    `GET ${readPath} HTTP/1.1`,
    "Host: x",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    "",
    "",
  ]
  const unmasked = connect(server.port, "127.0.0.1")
  const heard = collect(unmasked)
  unmasked.write(upgrade.join("\r\n"))
  await new Promise((resolve) => unmasked.once("data", resolve))
  unmasked.write(Uint8Array.of(0x82, 0x01, 0x00))
  assert.match(await heard, /^HTTP\/1\.1 101 /)
})

test("a request without a host, with the whole URL, with another method or with an upgrade that nobody knows is answered as HTTP says", async () => {
  const first = async (...lines: string[]): Promise<string> => (await raw([...lines, "", ""].join("\r\n"))).split("\r\n")[0] ?? ""
  assert.equal(await first("GET /healthz HTTP/1.0"), "HTTP/1.1 200 OK")
  assert.equal(await first("GET http://x/healthz HTTP/1.1", "Host: x", "Connection: close"), "HTTP/1.1 200 OK")
  assert.equal(
    await first(`POST http://x${serverInfo.path} HTTP/1.1`, "Host: x", "Connection: close", "Content-Length: 0"),
    "HTTP/1.1 400 Bad Request",
    "the route is found, and misses its content type",
  )
  assert.equal(await first("GET /healthz HTTP/1.1", "Host: x", "Connection: Upgrade, close", "Upgrade: h2c"), "HTTP/1.1 200 OK")
  const options = await ask("OPTIONS", "/healthz")
  assert.deepEqual([options.status, options.headers["allow"]], [204, "GET, HEAD, OPTIONS"])
  const put = await ask("PUT", "/healthz")
  assert.deepEqual([put.status, put.headers["allow"]], [405, "GET, HEAD, OPTIONS"])
  const head = await ask("HEAD", "/healthz")
  assert.deepEqual([head.status, head.body.length], [200, 0])
})

test("a server that listens on ::1 answers a request without a host", async (t) => {
  const six = await startServer({ dataDir: join(directory, "six"), host: "::1", log: () => {} }).catch(() => undefined)
  if (six === undefined) return t.skip("this machine has no IPv6")
  t.after(() => six.stop())
  const socket = connect(six.port, "::1")
  const heard = collect(socket)
  socket.write("GET /healthz HTTP/1.0\r\n\r\n")
  assert.match(await heard, /^HTTP\/1\.1 200 /)
})

test("a page under another name of this machine leads to the one address; its parts and the log stand under both", async () => {
  const Host = `127.0.0.1:${server.port}`
  const page = await ask("GET", "/i/abc", { Host })
  assert.deepEqual([page.status, page.headers["location"]], [302, `http://localhost:${server.port}/i/abc`])
  for (const path of ["/assets/app-abc.js", "/healthz"]) assert.equal((await ask("GET", path, { Host })).status, 200, path)
})

test("pages carry the strict policy, hashed files are kept for ever, and no path leads out of the bundle", async () => {
  for (const path of ["/", "/@alice", "/i/abcdef"]) {
    const page = await ask("GET", path)
    assert.equal(page.status, 200)
    assert.equal(page.headers["content-security-policy"], contentSecurityPolicy)
    assert.equal(page.headers["cross-origin-opener-policy"], "same-origin")
    assert.equal(page.headers["cross-origin-embedder-policy"], "require-corp")
    assert.equal(page.headers["cross-origin-resource-policy"], "same-origin")
    assert.equal(page.headers["x-content-type-options"], "nosniff")
    assert.equal(page.headers["cache-control"], "no-cache")
    assert.match(page.body.toString(), /<!doctype html>/)
  }
  const script = await ask("GET", "/assets/app-abc.js", { "Accept-Encoding": "gzip" })
  assert.deepEqual([script.headers["content-encoding"], script.headers["content-type"]], ["gzip", "text/javascript; charset=utf-8"])
  assert.match(String(script.headers["cache-control"]), /immutable/)
  const etag = String(script.headers["etag"])
  for (const known of [etag, `W/${etag}`, `"other", W/${etag}`, "*"])
    assert.equal((await ask("GET", "/assets/app-abc.js", { "If-None-Match": known })).status, 304, known)
  assert.equal((await ask("GET", "/assets/app-abc.js", { "If-None-Match": '"other"' })).status, 200)
  const packed = async (accept: string): Promise<boolean> =>
    (await ask("GET", "/assets/app-abc.js", { "Accept-Encoding": accept })).headers["content-encoding"] === "gzip"
  for (const taken of ["gzip", "br, GZIP;q=0.5", "*", "br;q=1, *;q=0.1"]) assert.ok(await packed(taken), taken)
  for (const refused of ["", "identity", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "br, gzip;q=0"])
    assert.ok(!(await packed(refused)), refused)
  assert.equal((await ask("GET", "/assets/store.wasm")).headers["content-type"], "application/wasm")
  for (const path of [
    "/../data/accounts.db",
    "/%2e%2e/data/accounts.db",
    "/assets/..%2f..%2fdata/accounts.db",
    "/accounts.db",
    "/assets/other.js",
  ]) {
    assert.equal((await ask("GET", path)).status, 404, path)
  }
})

test("health is for everybody, metrics only for this machine or with the token, and not through an unknown proxy", async () => {
  assert.equal((await ask("GET", "/healthz")).status, 200)
  assert.equal((await ask("GET", "/readyz")).status, 200)
  const metrics = await ask("GET", "/metrics")
  assert.match(metrics.body.toString(), /nodoor_answers_total\{route="\/v1\/server",code="ok"\} \d+/)
  assert.equal((await ask("GET", "/metrics", { "X-Forwarded-For": "192.0.2.1" })).status, 403)
  assert.equal(
    (await ask("GET", "/metrics", { "X-Forwarded-For": "192.0.2.1", Authorization: "Bearer a token of the operator" })).status,
    200,
  )
  assert.equal((await ask("GET", "/metrics", { Authorization: "Bearer another" })).status, 403)
})

test("neither log nor metrics name a person, an account, a device, a group, an address or what was sent", async () => {
  const caller = callHttp(server.url)
  const alice = await signUp(caller, server.origin, "alice-in-the-log", { name: "Alice Wonder" })
  const keyPackage = random(64)
  await caller.call(uploadKeyPackages, { oneTime: [keyPackage], lastResort: random(64) }, alice.token)
  const group = await newLoggedGroup(server)
  const body = random(64)
  await group.post(body)
  assert.equal((await bodiesOf(server, group, 1)).length, 1)
  caller.close()
  // A failing store is the one thing that is logged from inside an operation.
  await server.store.findAccount({ handle: 5 as never, accountId: "x" as never, afterVersion: -1, maxStates: 1 }).catch(() => {})
  const written = `${lines.join("\n")}\n${(await ask("GET", "/metrics")).body.toString()}`
  assert.match(written, /nodoor_delivery_streams/)
  const forms = (bytes: Uint8Array): string[] =>
    ["hex", "base64", "base64url"].map((encoding) =>
      Buffer.from(bytes)
        .toString(encoding as "hex")
        .slice(0, 20),
    )
  const secrets = [
    "alice-in-the-log",
    "Wonder",
    "127.0.0.1",
    ...[
      group.group.groupId,
      group.seat.seat,
      body,
      alice.account.accountId,
      alice.device.deviceId,
      alice.token,
      alice.device.keys.publicKey,
      keyPackage,
    ].flatMap(forms),
  ]
  for (const secret of secrets) assert.ok(!written.includes(secret), secret)
})

/** Sends bytes and resolves with everything that came back until the server closed. */
function raw(text: string): Promise<string> {
  const socket = connect(server.port, "127.0.0.1")
  const heard = collect(socket)
  socket.write(text)
  return heard
}

function collect(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.on("error", () => {})
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")))
    setTimeout(() => socket.destroy(), 8_000).unref()
  })
}
