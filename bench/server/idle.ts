// Memory of devices that are there and do nothing: each has its reading stream, with a subscription for every chat, and its request for
// introductions waiting.

import { toBase64Url } from "@nodoor/bytes"
import {
  type KnownGroup,
  type OwnSeat,
  type SignedIn,
  callHttp,
  commitItem,
  createItem,
  newKnownGroup,
  newSeat,
  signUp,
  subscribeItem,
} from "@nodoor/server/fixtures"
import { encodeMessage, takeIntroductions } from "@nodoor/wire"
import {
  decodePostingAnswer,
  decodeReadingAnswer,
  encodePostingRequest,
  encodeReadingRequest,
  postPath,
  readPath,
} from "@nodoor/wire/delivery"
import { openLine } from "./load/line.ts"
import { type Stream, openStream } from "./load/web-socket.ts"
import { passesFor } from "./peers/nodoor.ts"
import type { Memory, ServerProcess } from "./server-process.ts"

export interface IdleFigures {
  readonly devices: number
  readonly empty: Memory
  readonly full: Memory
}

/** How long a device asks the server to wait with its answer. */
const waitMs = 25_000
const chatsPerGroup = 2

interface Chat {
  readonly group: KnownGroup
  readonly seat: OwnSeat
}

/** Figures for each count of devices, rising; every device is in that many chats of two. `restart`: for a process without what the setup left in it. */
export async function measureIdle(
  start: () => Promise<ServerProcess>,
  { counts, chats, progress }: { readonly counts: readonly number[]; readonly chats: number; readonly progress: (line: string) => void },
): Promise<IdleFigures[]> {
  const most = counts.at(-1) ?? 0
  const first = await start()
  const port = portOf(first)
  progress(`signing up ${most} devices`)
  const passes = await passesFor(first.url, first.origin, port)
  const caller = callHttp(first.url)
  const devices = await inParallel(most, 32, (at) => signUp(caller, first.origin, `idle-${at}`))
  caller.close()
  progress(`${(most * chats) / chatsPerGroup} chats`)
  const memberships = await makeChats(port, passes.post, { devices: most, chats })
  await first.stop()

  const server = await start()
  try {
    const figures: IdleFigures[] = []
    const open: { close(): void }[] = []
    const empty = await server.memory()
    for (const count of counts) {
      progress(`${count} idle devices`)
      const from = open.length / 2
      open.push(...(await inParallel(count - from, 32, (at) => read(portOf(server), passes.read, memberships[from + at] as Chat[]))))
      open.push(...(await inParallel(count - from, 64, (at) => waitForIntroductions(portOf(server), devices[from + at] as SignedIn))))
      figures.push({ devices: count, empty, full: await server.memory() })
    }
    for (const connection of open) connection.close()
    return figures
  } finally {
    await server.stop()
  }
}

async function makeChats(
  port: number,
  pass: Uint8Array,
  { devices, chats }: { readonly devices: number; readonly chats: number },
): Promise<Chat[][]> {
  const memberships = Array.from({ length: devices }, (): Chat[] => [])
  const stream = await openStream(port, postPath)
  let committed = (): void => {}
  stream.take((frame) => {
    for (const answer of decodePostingAnswer(frame)) {
      if (answer.type === "committed") committed()
      if (answer.type === "refused" || answer.type === "closed") throw new TypeError(`refused: ${answer.code}`)
    }
  })
  stream.send(Buffer.from(encodePostingRequest([{ type: "open", with: "pass", data: pass }])))
  for (let chat = 0; chat < chats; chat++) {
    for (let device = 0; device < devices; device += chatsPerGroup) {
      const group = newKnownGroup()
      const [one, other] = [newSeat(), newSeat()]
      const { item, next } = commitItem(group, { by: one, adds: [other], ref: 2 })
      const done = new Promise<void>((resolve) => (committed = resolve))
      stream.send(Buffer.from(encodePostingRequest([createItem(group, one), item])))
      await done
      memberships[device]?.push({ group: next, seat: one })
      memberships[device + 1]?.push({ group: next, seat: other })
    }
  }
  stream.close()
  return memberships
}

/** A reading stream with all chats, read to their ends. */
async function read(port: number, pass: Uint8Array, chats: readonly Chat[]): Promise<Stream> {
  const stream = await openStream(port, readPath)
  const ready = Promise.withResolvers<void>()
  let left = 2 * chats.length
  stream.take((frame) => {
    for (const item of decodeReadingAnswer(frame)) {
      if (item.type === "subscribed") left--
      if (item.type === "unsubscribed" || item.type === "closed") ready.reject(new TypeError(`not read: ${item.code}`))
      // The commit that made the chat.
      if (item.type === "commit" || item.type === "join") {
        left--
        stream.send(Buffer.from(encodeReadingRequest([{ type: "ack", sub: item.sub, order: item.order }])))
      }
    }
    if (left === 0) ready.resolve()
  })
  const subscriptions = chats.map(({ group, seat }, sub) => subscribeItem(group, seat, { sub }))
  stream.send(Buffer.from(encodeReadingRequest([{ type: "open", with: "pass", data: pass }, ...subscriptions])))
  await ready.promise
  return stream
}

async function waitForIntroductions(port: number, { token }: SignedIn): Promise<{ close(): void }> {
  const { socket } = await openLine(port)
  const body = encodeMessage({ waitMs, done: [] })
  const head = [
    `POST ${takeIntroductions.path} HTTP/1.1`,
    "Host: bench",
    "Content-Type: application/cbor",
    `Content-Length: ${body.length}`,
  ]
  socket.write(Buffer.concat([Buffer.from([...head, `Authorization: Bearer ${toBase64Url(token)}`, "", ""].join("\r\n")), body]))
  return { close: () => void socket.destroy() }
}

async function inParallel<T>(count: number, width: number, run: (at: number) => Promise<T>): Promise<T[]> {
  const out: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const at = next++
      out[at] = await run(at)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return out
}

function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port)
}
