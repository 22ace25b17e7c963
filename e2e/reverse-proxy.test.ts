// The web servers of docs/operating.md, with the files as they stand there: messages, large bodies and streams pass, the address that is noted
// is the person's, whatever header they send, and names of their own for reading and posting carry these streams and nothing else, and leave
// no line on the disk. Without nginx or Caddy their test is skipped, visibly.

import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { Agent, request as httpsRequest } from "node:https"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import process from "node:process"
import { DatabaseSync } from "node:sqlite"
import { type TestContext, test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { type RunningServer, startServer } from "@nodoor/server"
import {
  type CallerOver,
  type Send,
  callerOver,
  createItem,
  faultError,
  newKnownGroup,
  newSeat,
  passOf,
  postItem,
  random,
  signUp,
  subscribeItem,
} from "@nodoor/server/fixtures"
import { introduce } from "@nodoor/wire"
import {
  decodePostingAnswer,
  decodeReadingAnswer,
  encodePostingRequest,
  encodeReadingRequest,
  postPath,
  readPath,
} from "@nodoor/wire/delivery"
import { WebSocket } from "ws"

const origin = "chat.example.org"
const [readHost, postHost] = ["read.example.org", "post.example.org"]
const personAddress = "127.0.0.2"
const operatingPage = readFileSync(resolve(import.meta.dirname, "../docs/operating.md"), "utf8")

interface Place {
  readonly folder: string
  readonly certificate: string
  readonly key: string
  readonly port: number
  readonly serverPort: number
}

test("the nginx of docs/operating.md", { skip: installed("nginx", "-v") }, async (t) => {
  await worksBehind(t, (place) => {
    const site = snippets("nginx")
      .join("\n")
      .replaceAll("listen 443 ssl", `listen 127.0.0.1:${place.port} ssl`)
      .replaceAll(/ssl_certificate .*;/g, `ssl_certificate ${place.certificate};`)
      .replaceAll(/ssl_certificate_key .*;/g, `ssl_certificate_key ${place.key};`)
      .replaceAll("127.0.0.1:8080", `127.0.0.1:${place.serverPort}`)
      .replace("/var/log/nginx", place.folder)
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${place.folder}/${name};`)
    const file = join(place.folder, "nginx.conf")
    writeFileSync(
      file,
      `daemon off; pid ${place.folder}/nginx.pid; error_log stderr;\nevents {}\nhttp {\n${paths.join("\n")}\n${site}\n}\n`,
    )
    return spawn("nginx", ["-c", file, "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] })
  })
})

test("the Caddy of docs/operating.md", { skip: installed("caddy", "version") }, async (t) => {
  await worksBehind(t, (place) => {
    const names = (written: string): string =>
      written
        .split(/, /)
        .map((name) => `https://${name}:${place.port}`)
        .join(", ")
    const [site = ""] = snippets("caddyfile").filter((text) => text.includes(readHost))
    const adapted = site
      .replace(/^(.*) \{/, (_, written: string) => `${names(written)} {\n\tbind 127.0.0.1\n\ttls ${place.certificate} ${place.key}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${place.serverPort}`)
    const file = join(place.folder, "Caddyfile")
    writeFileSync(file, `{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system ${place.folder}\n}\n${adapted}\n`)
    const environment = { PATH: process.env["PATH"], HOME: place.folder }
    return spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], { env: environment, stdio: ["ignore", "ignore", "pipe"] })
  })
})

async function worksBehind(t: TestContext, startProxy: (place: Place) => ChildProcess): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-proxy-"))
  const dataDir = join(folder, "data")
  mkdirSync(dataDir)
  const config = { origin, readHost, postHost, registration: "open", trustedProxies: ["127.0.0.1"] } as const
  const server = await startServer({ dataDir, log: () => {}, config })
  t.after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  const place = { folder, ...certificateIn(folder), port: await freePort(), serverPort: server.port }
  const proxy = startProxy(place)
  let said = ""
  proxy.stderr?.on("data", (text: Buffer) => (said += text.toString()))
  t.after(async () => {
    const gone = new Promise((done) => proxy.once("exit", done))
    if (proxy.exitCode === null && proxy.kill("SIGTERM")) await gone
  })
  const person = personBehind(place)
  t.after(() => person.close())
  for (let tries = 0; (await person.get("/readyz").catch(() => undefined))?.status !== 200; tries++) {
    assert.ok(tries < 100 && proxy.exitCode === null, `the web server answers: ${said}`)
    await new Promise((done) => setTimeout(done, 50))
  }
  await messagesPass(person, server, dataDir)
  await streamsPass(person, server)
  const logged = readdirSync(folder).filter((name) => name.endsWith(".log") && readFileSync(join(folder, name)).length > 0)
  assert.deepEqual(logged, [], "no line about anybody")
}

/** A group is made and read over the names of their own, and over no other. */
async function streamsPass(person: Person, server: RunningServer): Promise<void> {
  const hour = Math.floor(Date.now() / 3_600_000)
  const poster = await person.openStream(postHost, postPath)
  const reader = await person.openStream(readHost, readPath)
  const [group, seat] = [newKnownGroup(), newSeat()]
  const body = random(200_000)
  poster.send(encodePostingRequest([{ type: "open", with: "pass", data: await passOf(server.deliveryStore, "post", hour) }]))
  poster.send(encodePostingRequest([createItem(group, seat), postItem(group, body, { ref: 2 })]))
  reader.send(encodeReadingRequest([{ type: "open", with: "pass", data: await passOf(server.deliveryStore, "read", hour) }]))
  const posted = answersOf(poster, decodePostingAnswer)
  await until(() => posted.some((answer) => answer.type === "placed"))
  const read = answersOf(reader, decodeReadingAnswer)
  reader.send(encodeReadingRequest([subscribeItem(group, seat)]))
  await until(() => read.some((answer) => answer.type === "post" && answer.body.length === body.length))
  for (const socket of [poster, reader]) socket.close()
  for (const [host, path] of [
    [origin, readPath],
    [readHost, postPath],
    [postHost, readPath],
  ] as const)
    await assert.rejects(person.openStream(host, path), /Unexpected server response: 404/, `${host}${path}`)
  assert.equal((await person.get("/readyz", readHost)).status, 404)
}

function answersOf<Answer>(socket: WebSocket, decode: (frame: Uint8Array) => Answer[]): Answer[] {
  const answers: Answer[] = []
  socket.on("message", (data: Buffer) => answers.push(...decode(new Uint8Array(data))))
  return answers
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    assert.ok(tries < 200, "it never came")
    await new Promise((next) => setTimeout(next, 25))
  }
}

async function messagesPass(person: Person, server: RunningServer, dataDir: string): Promise<void> {
  await signUp(person, server.origin, "alice")
  const db = new DatabaseSync(join(dataDir, "accounts.db"), { readOnly: true })
  const addresses = (db.prepare("SELECT DISTINCT address FROM addresses").all() as { address: string }[]).map(({ address }) => address)
  db.close()
  assert.deepEqual(addresses, [personAddress], "who connected, not what the header said, nor the proxy")

  const large = await person.send(introduce.path, random(260_000))
  assert.equal(faultError(large.body).code, "bad_request", "what refuses is the server, having read all of it")
}

interface Person extends CallerOver {
  get(path: string, host?: string): Promise<{ readonly status: number }>
  openStream(host: string, path: string): Promise<WebSocket>
}

/** Somebody at an address of their own who says in a header that they are at another. */
function personBehind({ port, certificate }: Place): Person {
  const connection = { ca: readFileSync(certificate), servername: origin, localAddress: personAddress }
  const agent = new Agent({ ...connection, keepAlive: true })
  const ask = (method: string, path: string, headers: Record<string, string>, body?: Uint8Array): ReturnType<Send> =>
    new Promise((settle, reject) => {
      const all = { Host: origin, "X-Forwarded-For": "203.0.113.9", ...headers }
      const request = httpsRequest({ agent, host: "127.0.0.1", port, method, path, headers: all }, (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () => settle({ status: response.statusCode ?? 0, body: new Uint8Array(Buffer.concat(chunks)) }))
      })
      request.on("error", reject)
      request.end(body)
    })
  const send: Send = (path, body, token) => {
    const signedIn: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${toBase64Url(token)}` }
    return ask("POST", path, { "Content-Type": "application/cbor", "Content-Length": String(body.length), ...signedIn }, body)
  }
  return {
    ...callerOver(send),
    get: (path, host = origin) => ask("GET", path, { Host: host }),
    openStream: async (host, path) => {
      const options = { ...connection, servername: host, headers: { Host: host } }
      const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, options)
      await new Promise<void>((done, reject) => socket.once("open", done).once("error", reject))
      return socket
    },
    close: () => agent.destroy(),
  }
}

/** Every file of the page in this language. */
function snippets(language: string): string[] {
  const found = [...operatingPage.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, text = ""]) => text)
  assert.ok(found.length > 0, `docs/operating.md has a file for ${language}`)
  return found
}

function certificateIn(folder: string): { readonly certificate: string; readonly key: string } {
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")]
  const subject = [
    "-subj",
    `/CN=${origin}`,
    "-addext",
    `subjectAltName=${[origin, readHost, postHost].map((name) => `DNS:${name}`).join(",")}`,
    "-days",
    "1",
  ]
  const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", ...subject, "-keyout", key]
  execFileSync("openssl", [...words, "-out", certificate], { stdio: "ignore" })
  return { certificate, key }
}

/** What a skipped test says, or false. */
function installed(program: string, ask: string): string | false {
  return spawnSync(program, [ask]).status === 0 && spawnSync("openssl", ["version"]).status === 0 ? false : `${program} is not installed`
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, "127.0.0.1", done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
