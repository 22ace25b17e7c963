// The inventory against the real thing, both ways: a migrated database of every schema, the logger, the metrics, the files and the
// answers of a running server.

import assert from "node:assert/strict"
import { globSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { request as httpRequest } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { emailCode, encodeMessage, serverInfo } from "@nodoor/wire"
import { blobDownloadPath, blobHeaders, blobUploadPath, postPath, readPath } from "@nodoor/wire/delivery"
import { Registry } from "prom-client"
import { callHttp } from "../fixtures/caller.ts"
import { Actor } from "../desk/people/actor.ts"
import { openDesk } from "../desk/open-desk.ts"
import { approve, deskRequest, newKey } from "../fixtures/desk.ts"
import { passOf } from "../fixtures/delivery-member.ts"
import { random, signUp } from "../fixtures/device.ts"
import { createLog } from "../core/logger.ts"
import { createMetrics } from "../operator/metrics.ts"
import { logFacts } from "../core/ports.ts"
import { backUp } from "../operator/backup.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"
import { inventory, inventoryHash } from "./inventory.ts"

const serverSource = join(import.meta.dirname, "..")
/** Every schema in the source, and the database file that is made of it. */
const databases: Readonly<Record<string, string>> = {
  "accounts/store/schema.sql": "accounts.db",
  "delivery/store/schema.sql": "delivery.db",
  "keylog/keeper/log-schema.sql": "log.sqlite",
  "desk/store/desk-schema.sql": "desk.sqlite",
}

function placesOf(beginning: string): string[] {
  return inventory.map(({ place }) => place).filter((place) => place.startsWith(beginning))
}

function sameSet(found: Iterable<string>, listed: readonly string[], what: string): void {
  const real = new Set(found)
  const missing = [...real].filter((name) => !listed.includes(name))
  const gone = listed.filter((name) => !real.has(name))
  assert.deepEqual({ missing, gone }, { missing: [], gone: [] }, what)
}

test("every column of every database is in the inventory, and nothing is in it that is not there", () => {
  const schemas = globSync("**/*.sql", { cwd: serverSource }).filter((path) => !/^fixtures|upgrade-\d+\.sql$/.test(path))
  assert.deepEqual(schemas.toSorted(), Object.keys(databases).toSorted(), "a database of its own is listed")
  const found: string[] = []
  for (const [path, file] of Object.entries(databases)) {
    const db = new DatabaseSync(":memory:")
    db.exec(readFileSync(join(serverSource, path), "utf8"))
    const rows = db
      .prepare("SELECT s.name AS t, c.name AS c FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table'")
      .all()
    for (const { t, c } of rows as { t: string; c: string }[]) found.push(`${file} ${t}.${c}`)
    db.close()
  }
  assert.ok(found.length > 80)
  const listed = Object.values(databases).flatMap((file) => placesOf(`${file} `).filter((place) => !place.includes("settings[")))
  sameSet(found, listed, "columns")
})

test("the inventory names each place once, exports only what is disclosable or counted, and its hash changes with every word of it", () => {
  const places = inventory.map(({ place }) => place)
  assert.equal(new Set(places).size, places.length)
  for (const { place, class: dataClass, exported, reason } of inventory) {
    assert.ok(reason.length > 0, place)
    if (exported === "value") assert.equal(dataClass, "disclosable", place)
    if (dataClass === "disclosable") assert.equal(exported, "value", place)
    if (dataClass === "ciphertext") assert.equal(exported, "no", place)
  }
  assert.match(inventoryHash(), /^[0-9a-f]{64}$/)
})

test("a line of the log holds fields of the inventory and drops every other, and every event's facts are in it", () => {
  const lines: string[] = []
  const log = createLog((line) => void lines.push(line))
  const facts = Object.fromEntries(logFacts.map((name) => [name, name]))
  log("warn", "event", { ...facts, account: "an account", ip: "192.0.2.1" } as never)
  sameSet(
    Object.keys(JSON.parse(lines[0] ?? "") as object).map((name) => `log field ${name}`),
    placesOf("log field "),
    "log fields",
  )
})

test("every metric and every label is in the inventory", () => {
  const registry = new Registry()
  createMetrics(registry)
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[]
  const ours = metrics.map(({ name }) => `metric ${name.replace(/^(process|nodejs)_.*/, "$1_*")}`)
  sameSet(
    ours,
    placesOf("metric ").filter((place) => !place.startsWith("metric label ")),
    "metrics",
  )
  const histogram = metrics.some(({ name }) => name.endsWith("_seconds")) ? ["le"] : []
  // The runtime's own information metrics name their labels when they are collected.
  const labels = [...metrics.flatMap(({ labelNames }) => labelNames), ...histogram].map((name) => `metric label ${name}`)
  sameSet(labels, placesOf("metric label "), "labels")
})

test("a server that has answered everything has written the listed files and settings, sent the listed headers, and set no cookie", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-inventory-"))
  const [web, dataDir] = [join(directory, "web"), join(directory, "data")]
  mkdirSync(join(web, "assets"), { recursive: true })
  writeFileSync(join(web, "index.html"), "<!doctype html><title>x</title>")
  writeFileSync(join(web, "assets", "app-abc.js"), "export const x = 1\n".repeat(200))
  const server = await startServer({ dataDir, webDir: web, log: () => {} })
  try {
    const caller = callHttp(server.url)
    const { account } = await signUp(caller, server.origin, "alice")
    for (const change of ["suspend", "resume"] as const) await server.accounts.changeAccount({ accountId: account.accountId, change })
    await caller.call(emailCode, { email: "alice@example.org" })
    caller.close()
    const desk = await openDesk(dataDir, { clock: { nowMs: () => Date.now() }, random })
    const [key, second] = [newKey(), newKey()]
    desk.people.addKey({ name: "Anna", publicKey: key.publicKey, voucher: undefined })
    desk.people.addKey({ name: "Ben", publicKey: second.publicKey, voucher: undefined })
    const actor = Actor.ofKey(desk.db, key)
    const caseId = desk.desk.open(deskRequest(["@alice"]), actor)
    desk.desk.attach({ caseId, name: "order.pdf", content: random(50), actor })
    for (const each of [key, second]) approve(desk.desk, desk.db, caseId, each)
    await desk.desk.export({ caseId, tell: false, actor })
    await desk.close()
    writeFileSync(join(dataDir, "desk", "canary.json"), "{}\n")
    mkdirSync(join(dataDir, "desk", "canaries"))
    writeFileSync(join(dataDir, "desk", "canaries", `${"0".repeat(64)}.json`), "{}\n")
    backUp(dataDir, join(directory, "backup"), { nowMs: 1, server: "0.1.0" })
    const headers = new Set([...(await headersOfEverything(server)), ...(await headersOfBlobs(server))])
    assert.ok(!headers.has("set-cookie"))
    sameSet(
      [...headers].map((name) => `response header ${name}`),
      placesOf("response header "),
      "headers",
    )
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(dataDir.length + 1))
    sameSet(files.map(filePlace), placesOf("file "), "files")
  } finally {
    await server.stop()
  }
  const db = new DatabaseSync(join(dataDir, "accounts.db"))
  const settings = db.prepare("SELECT name FROM settings").all() as { name: string }[]
  db.close()
  sameSet(
    settings.map(({ name }) => `accounts.db settings[${name}]`),
    placesOf("accounts.db settings["),
    "settings",
  )
  rmSync(directory, { recursive: true })
})

function filePlace(path: string): string {
  return `file ${path.replace(/(?<=outbox\/)[0-9]+-[0-9a-f]+|(?<=signing-)[0-9]+|(?<=documents\/)[0-9a-f]{64}$|(?<=archives\/)[0-9a-f]{10}(?=\.)|(?<=canaries\/)[0-9a-f]{64}(?=\.json$)|(?<=delivery\/)[0-9]{8}$|(?<=blobs\/)[0-9a-f]{32}$/, (name) => name.replace(/[0-9a-f]+/g, "#"))}`
}

/** Stores a blob, and hears everything that is said about it. */
async function headersOfBlobs(server: RunningServer): Promise<string[]> {
  const pass = await passOf(server.deliveryStore, "post", Math.floor(Date.now() / 3_600_000))
  const id = { [blobHeaders.id]: toBase64Url(random(32)) }
  const named = { ...id, [blobHeaders.secret]: toBase64Url(random(32)), [blobHeaders.tus]: "1.0.0" }
  const [upload, download] = [`${server.url}${blobUploadPath}`, `${server.url}${blobDownloadPath}`]
  const create = { ...named, [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.length]: "9", [blobHeaders.keepDays]: "1" }
  const part = { ...named, "content-type": "application/offset+octet-stream", [blobHeaders.offset]: "0" }
  const requests: readonly [string, RequestInit][] = [
    [upload, { method: "OPTIONS" }],
    [upload, { method: "POST", headers: create }],
    [upload, { method: "PATCH", headers: part, body: random(9) as Uint8Array<ArrayBuffer> }],
    [upload, { method: "HEAD", headers: named }],
    [upload, { method: "HEAD", headers: { ...named, [blobHeaders.tus]: "0.1" } }],
    [download, { headers: { ...id, range: "bytes=1-2" } }],
  ]
  const found: string[] = []
  for (const [url, request] of requests) found.push(...(await fetch(url, request)).headers.keys())
  // With a token instead, the answer holds a pass: no token of a test is good here.
  return [...found, blobHeaders.pass, blobHeaders.passExpiry]
}

async function headersOfEverything(server: RunningServer): Promise<Set<string>> {
  const found = new Set<string>()
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: Uint8Array): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${server.url}${path}`, { method, headers, agent: false }, (response) => {
        for (const name of Object.keys(response.headers)) found.add(name)
        response.resume().on("end", () => resolve(response.headers.etag))
      })
      request.on("upgrade", (response, socket) => {
        for (const name of Object.keys(response.headers)) found.add(name)
        socket.destroy()
        resolve(undefined)
      })
      request.on("error", reject)
      request.end(body)
    })
  const cbor = { "Content-Type": "application/cbor" }
  await ask("POST", serverInfo.path, { ...cbor, Connection: "keep-alive" }, encodeMessage({}))
  await ask("POST", serverInfo.path, {}, encodeMessage({}))
  await ask("POST", "/v1/nothing", cbor, encodeMessage({}))
  await ask("GET", serverInfo.path)
  for (const path of [
    "/healthz",
    "/readyz",
    "/metrics",
    "/kt/checkpoint",
    "/kt/nothing",
    "/transparency",
    "/transparency.css",
    "/transparency.json",
    "/assets/app-abc.js",
    "/assets/nothing.js",
  ])
    await ask("GET", path)
  await ask("GET", "/metrics", { "X-Forwarded-For": "192.0.2.1" })
  await ask("GET", "/assets/app-abc.js", { "Accept-Encoding": "gzip" })
  const etag = await ask("GET", "/")
  await ask("GET", "/", { "If-None-Match": etag ?? "" })
  const upgrade = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
  }
  for (const path of [readPath, postPath, "/v1/nothing"]) await ask("GET", path, upgrade)
  return found
}
