// Posts between pairs of connected devices: each post is answered after it is on disk, delivered to both devices, and acknowledged.

import { decodeCbor } from "@nodoor/bytes"
import { type CallerOver, type SignedIn, addToGroup, callHttp, newGroup, postRequest, random, signUp } from "@nodoor/server/fixtures"
import { encodeMessage, post, streamFrameBytes, streamPath, uploadKeyPackages as uploads } from "@nodoor/wire"
import { WebSocket } from "ws"
import { type RawConnection, openRaw, requestBytes } from "./raw-http.ts"
import type { ServerProcess } from "./server-process.ts"

export interface Pair {
  readonly devices: readonly [SignedIn, SignedIn]
  readonly group: Awaited<ReturnType<typeof newGroup>>
}

let people = 0

export async function makePairs(server: ServerProcess, count: number): Promise<Pair[]> {
  const caller = callHttp(server.url)
  try {
    return await inParallel(count, 16, () => makePair(caller, server.origin))
  } finally {
    caller.close()
  }
}

async function makePair(caller: CallerOver, origin: string): Promise<Pair> {
  const [alice, bob] = [await signUp(caller, origin, `person-${people++}`), await signUp(caller, origin, `person-${people++}`)]
  await caller.call(uploads, { oneTime: [random(64)] }, bob.token)
  const group = await newGroup(caller, alice)
  await addToGroup(caller, group, alice, [bob])
  return { devices: [alice, bob], group }
}

export async function inParallel<T>(count: number, width: number, run: (at: number) => Promise<T>): Promise<T[]> {
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

export interface DeliveryFigures {
  readonly postsPerSecond: number
  readonly deliveriesPerSecond: number
  /** From writing the post to the other device's having it, milliseconds. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly count: number
}

/** Each pair keeps `inFlight` posts under way for `durationMs`, after a warm-up of a fifth of it. */
export async function measureDelivery(
  server: ServerProcess,
  pairs: readonly Pair[],
  {
    inFlight,
    bodyBytes,
    durationMs,
    readyPosts,
  }: { readonly inFlight: number; readonly bodyBytes: number; readonly durationMs: number; readonly readyPosts: number },
): Promise<DeliveryFigures> {
  const latenciesMs: number[] = []
  let [posted, delivered, measuring, over] = [0, 0, false, false]
  const closing: (() => void)[] = []
  const lanes: (() => Promise<void>)[] = []
  const perLane = Math.ceil(readyPosts / (pairs.length * inFlight))
  for (const { devices, group } of pairs) {
    const sentAtMs = new Map<string, number>()
    const arrived = new Map<string, () => void>()
    for (const [at, device] of devices.entries()) {
      const socket = await openStream(server, device, (body) => {
        if (measuring) delivered++
        if (at === 0) return
        const name = nameOf(body)
        const sent = sentAtMs.get(name)
        if (sent === undefined) return
        sentAtMs.delete(name)
        if (measuring) latenciesMs.push(performance.now() - sent)
        arrived.get(name)?.()
        arrived.delete(name)
      })
      closing.push(() => socket.terminate())
    }
    for (let lane = 0; lane < inFlight; lane++) {
      // Signed beforehand: what is measured is the server, not the signing of its clients.
      const ready = Array.from({ length: perLane }, () => {
        const body = random(bodyBytes)
        return { name: nameOf(body), bytes: requestBytes(post.path, encodeMessage(postRequest(group, body))) }
      })
      const connection: RawConnection = await openRaw(server.url)
      closing.push(connection.close)
      lanes.push(async () => {
        for (const { name, bytes } of ready) {
          if (over) return
          const received = new Promise<void>((resolve) => arrived.set(name, resolve))
          sentAtMs.set(name, performance.now())
          const [status] = await Promise.all([connection.post(bytes), received])
          if (status !== 200) throw new TypeError(`a post was answered with ${status}`)
          if (measuring) posted++
        }
      })
    }
  }
  const running = Promise.all(lanes.map((lane) => lane()))
  const wait = (ms: number): Promise<unknown> => Promise.race([running, new Promise((resolve) => setTimeout(resolve, ms))])
  await wait(durationMs / 5)
  measuring = true
  const startMs = performance.now()
  await wait(durationMs)
  const tookMs = performance.now() - startMs
  measuring = false
  over = true
  await running
  for (const close of closing) close()
  latenciesMs.sort((a, b) => a - b)
  const at = (share: number): number => latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(share * latenciesMs.length))] ?? 0
  return {
    postsPerSecond: (posted / tookMs) * 1000,
    deliveriesPerSecond: (delivered / tookMs) * 1000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    count: latenciesMs.length,
  }
}

/** A device's stream that acknowledges each frame and hands on the bodies of posts. */
export async function openStream(server: ServerProcess, { token }: SignedIn, take: (body: Uint8Array) => void): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}${streamPath}`, {
    perMessageDeflate: false,
    maxPayload: streamFrameBytes,
  })
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject))
  const opened = Promise.withResolvers<void>()
  socket.on("message", (data: Buffer) => {
    const frame = decodeCbor(data, { maxBytes: streamFrameBytes }) as {
      type: string
      records?: readonly { kind: string; seq: number; body: Uint8Array }[]
    }
    if (frame.type === "opened") opened.resolve()
    if (frame.records === undefined) return
    for (const record of frame.records) if (record.kind === "post") take(record.body)
    socket.send(encodeMessage({ type: "ack", seq: frame.records.at(-1)?.seq ?? 0 }))
  })
  socket.on("error", () => {})
  socket.send(encodeMessage({ type: "open", token, after: 0 }))
  await opened.promise
  return socket
}

function nameOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, 12).toString("latin1")
}
