import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { limits, serverInfo } from "@nodoor/wire"
import { decodePostingAnswer, decodeReadingAnswer, postPath, readPath } from "@nodoor/wire/delivery"
import { WebSocket } from "ws"
import { callHttp } from "../fixtures/caller.ts"
import {
  type PostClient,
  type ReadClient,
  StreamClient,
  createItem,
  newKnownGroup,
  newSeat,
  passOf,
  postItem,
  postingCodec,
  readingCodec,
  subscribeItem,
  told,
} from "../fixtures/delivery-member.ts"
import { random } from "../fixtures/device.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"
import { writeHead } from "./delivery-sockets.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-sockets-"))
let server: RunningServer
before(async () => {
  server = await startServer({
    dataDir: directory,
    log: () => {},
    config: { readHost: "read.example", postHost: "post.example" },
    deliverySockets: { openWithinMs: 400 },
  })
})
after(async () => {
  await server.stop()
  rmSync(directory, { recursive: true })
})

const hour = (): number => Math.floor(Date.now() / 3_600_000)

/** A socket as a client of the fixtures. */
async function connected<Client extends PostClient | ReadClient>(
  path: typeof readPath | typeof postPath,
  client: (socket: WebSocket) => Client,
) {
  const host = path === readPath ? "read.example" : "post.example"
  const socket = new WebSocket(`${server.url.replace("http", "ws")}${path}`, { headers: { host }, perMessageDeflate: false })
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject))
  const made = client(socket)
  const decode = path === readPath ? decodeReadingAnswer : decodePostingAnswer
  socket.on("message", (data: Buffer) => (made.line.answers as unknown[]).push(...decode(new Uint8Array(data))))
  return { client: made, socket, ended: new Promise<void>((resolve) => socket.once("close", () => resolve())) }
}
const portOf = (socket: WebSocket) => ({ receive: (frame: Uint8Array) => socket.send(frame), closed: () => {}, opened: true })
const posting = () => connected(postPath, (socket): PostClient => new StreamClient(() => portOf(socket), postingCodec))
const reading = () => connected(readPath, (socket): ReadClient => new StreamClient(() => portOf(socket), readingCodec))

async function taken(client: PostClient | ReadClient, count: number): Promise<string[]> {
  for (let waits = 0; client.line.answers.length < count && waits < 500; waits++) await new Promise((resolve) => setTimeout(resolve, 10))
  return told(client.line.answers.splice(0) as never)
}

test("bodies of every size come through real sockets as they were posted, from memory and from the disk", async () => {
  const [post, read] = [await posting(), await reading()]
  post.client.send({ type: "open", with: "pass", data: await passOf(server.deliveryStore, "post", hour()) })
  const pass = await passOf(server.deliveryStore, "read", hour())
  read.client.send({ type: "open", with: "pass", data: pass })
  const [group, seat] = [newKnownGroup(), newSeat()]
  post.client.send(createItem(group, seat))
  assert.deepEqual(await taken(post.client, 2), ["opened", "done 1"])
  read.client.send(subscribeItem(group, seat))
  assert.deepEqual(await taken(read.client, 2), ["opened", "subscribed 1 head 0 acked 0 epoch 0"])
  const bodies = [1, 20, 90, 110, 200, 65_000, 66_000, limits.postBytes].map((size) => random(size))
  post.client.send(...bodies.map((body, at) => postItem(group, body, { ref: at })))
  await taken(post.client, bodies.length)
  const check = async (client: ReadClient): Promise<void> => {
    for (let waits = 0; client.line.answers.length < bodies.length && waits < 500; waits++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    const posts = client.line.answers.splice(0).flatMap((answer) => (answer.type === "post" ? [answer.body] : []))
    assert.deepEqual(posts, bodies)
  }
  await check(read.client)
  const again = await reading()
  again.client.send({ type: "open", with: "pass", data: pass }, subscribeItem(group, seat))
  for (let waits = 0; again.client.line.answers.length < 10 && waits < 500; waits++) await new Promise((resolve) => setTimeout(resolve, 10))
  again.client.line.answers.splice(0, 2)
  await check(again.client)
  for (const { socket } of [post, read, again]) socket.close()
})

test("each kind of stream is served under its own name and no other, and nothing else under it", async () => {
  const status = (host: string, path: string, upgrade: boolean): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const key = { "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==" }
      const headers = upgrade ? { host, Connection: "Upgrade", Upgrade: "websocket", ...key } : { host }
      const asked = request(`${server.url}${path}`, { headers, agent: false }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on("upgrade", (response, socket) => {
        socket.destroy()
        resolve(response.statusCode)
      })
      asked.on("error", reject)
      asked.end()
    })
  assert.equal(await status("read.example", readPath, true), 101)
  assert.equal(await status("post.example", postPath, true), 101)
  assert.equal(await status("post.example", readPath, true), 404)
  assert.equal(await status(server.origin, postPath, true), 404)
  assert.equal(await status("read.example", "/v1/stream", true), 404)
  assert.equal(await status("read.example", "/healthz", false), 404)
})

test("the server's own answer says under which names the streams are", async () => {
  const caller = callHttp(server.url)
  const { readHost, postHost } = await caller.call(serverInfo, {})
  caller.close()
  assert.deepEqual([readHost, postHost], ["read.example", "post.example"])
})

test("a socket that shows no pass in time, sends text, or sends much before it is open, is ended", async () => {
  const silent = await reading()
  await silent.ended
  const text = await posting()
  text.socket.send("open")
  assert.deepEqual(await taken(text.client, 1), ["closed bad_request"])
  await text.ended
  const large = await posting()
  large.socket.on("error", () => {})
  large.socket.send(new Uint8Array(5 * 1024 * 1024))
  await large.ended
  assert.deepEqual(large.client.line.answers, [], "it is cut before the frame is whole")
  assert.deepEqual(server.delivery.streams().posting, 0)
})

test("a frame above the limit ends the socket, and one of that size in pieces is never kept whole", async () => {
  const post = await posting()
  post.socket.on("error", () => {})
  post.client.send({ type: "open", with: "pass", data: await passOf(server.deliveryStore, "post", hour()) })
  assert.deepEqual(await taken(post.client, 1), ["opened"])
  post.socket.send(new Uint8Array(limits.frameBytes + 1))
  await post.ended
  const read = await reading()
  read.socket.on("error", () => {})
  read.client.send({ type: "open", with: "pass", data: await passOf(server.deliveryStore, "read", hour()) }, { type: "ping" })
  assert.deepEqual(await taken(read.client, 2), ["opened", "pong"])
  read.socket.send(new Uint8Array(1024 * 1024))
  await read.ended
})

test("the head of a frame is that of RFC 6455 §5.2 for every size of its length", () => {
  const headOf = (size: number): string => {
    const buffer = Buffer.alloc(10)
    return buffer.subarray(writeHead(buffer, 10, size)).toString("hex")
  }
  assert.deepEqual([0, 125, 126, 65_535, 65_536, 16_842_752].map(headOf), [
    "8200",
    "827d",
    "827e007e",
    "827effff",
    "827f0000000000010000",
    "827f0000000001010000",
  ])
})
