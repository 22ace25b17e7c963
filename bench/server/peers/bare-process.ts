// The least that a server can do for the same frames: a WebSocket server that writes each batch to a file, calls fdatasync and hands on what
// came. No check, no table, no erasing: a limit, not a product. Argument: the folder.

import { closeSync, fdatasync, openSync, writevSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { decodePostingRequest, decodeReadingRequest, encodePostingAnswer, encodeReadingAnswer, itemTypes } from "@nodoor/wire/delivery"
import { type WebSocket, WebSocketServer } from "ws"

interface Group {
  order: number
  readonly readers: WebSocket[]
}

interface Waiting {
  readonly poster: WebSocket
  readonly frame: Buffer
}

const hour = Math.floor(Date.now() / 3_600_000)
const groups = new Map<string, Group>()
const file = openSync(join(process.argv[2] as string, "log"), "a")
let waiting: Waiting[] = []
let writing = false

function write(): void {
  if (writing || waiting.length === 0) return
  writing = true
  const batch = waiting
  waiting = []
  writevSync(
    file,
    batch.map(({ frame }) => frame),
  )
  fdatasync(file, () => {
    writing = false
    for (const { poster, frame } of batch) handOn(poster, frame)
    write()
  })
}

function handOn(poster: WebSocket, frame: Buffer): void {
  const placed: Buffer[] = []
  const records: Buffer[] = []
  let group: Group | undefined
  for (let at = 0; at < frame.length;) {
    const length = frame.readUInt32BE(at + 78)
    group = groupOf(frame.toString("latin1", at + 5, at + 37))
    const order = ++group.order
    const answer = Buffer.alloc(17)
    answer[0] = itemTypes.placed
    frame.copy(answer, 1, at + 1, at + 5)
    answer.writeBigUInt64BE(BigInt(order), 5)
    answer.writeUInt32BE(hour, 13)
    placed.push(answer)
    const head = Buffer.alloc(21)
    head[0] = itemTypes.postRecord
    head.writeUInt32BE(1, 1)
    head.writeBigUInt64BE(BigInt(order), 5)
    head.writeUInt32BE(hour, 13)
    head.writeUInt32BE(length, 17)
    records.push(head, frame.subarray(at + 82, at + 82 + length))
    at += 82 + length
  }
  poster.send(Buffer.concat(placed))
  const record = Buffer.concat(records)
  for (const reader of group?.readers ?? []) reader.send(record)
}

function groupOf(name: string): Group {
  let group = groups.get(name)
  if (group === undefined) groups.set(name, (group = { order: 0, readers: [] }))
  return group
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false })
server.on("connection", (socket, { url }) => {
  const opened = { type: "opened", pass: new Uint8Array(1), expiryHour: hour + 23, hour, postsLeft: 0 } as const
  socket.on("message", (frame: Buffer) => {
    if (frame[0] === itemTypes.post) {
      if (waiting.push({ poster: socket, frame }) === 1) setImmediate(write)
      return
    }
    if (frame[0] === itemTypes.ack) return
    if (url === "/v1/read") {
      for (const item of decodeReadingRequest(frame)) {
        if (item.type === "open") socket.send(encodeReadingAnswer([opened]))
        if (item.type !== "subscribe") continue
        groupOf(Buffer.from(item.groupId).toString("latin1")).readers.push(socket)
        socket.send(encodeReadingAnswer([{ type: "subscribed", sub: item.sub, head: 0, acked: 0, epoch: 1 }]))
      }
      return
    }
    for (const item of decodePostingRequest(frame)) {
      if (item.type === "open") socket.send(encodePostingAnswer([opened]))
      if (item.type === "create") socket.send(encodePostingAnswer([{ type: "done", ref: item.ref }]))
      if (item.type === "commit")
        socket.send(encodePostingAnswer([{ type: "committed", ref: item.ref, order: 0, hour, fanout: new Uint8Array(32) }]))
    }
  })
})
server.on("listening", () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on("disconnect", () => {
  closeSync(file)
  process.exit(0)
})
