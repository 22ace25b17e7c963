// The adversary's hands on both kinds of streams, with a server and a device that are nothing but lists.

import assert from "node:assert/strict"
import { test } from "node:test"
import type { FramePort, FrameSink } from "@nodoor/server"
import {
  type PostItem,
  type PostRecord,
  type PostingAnswer,
  type PostingRequest,
  type ReadingAnswer,
  type ReadingRequest,
  decodePostingAnswer,
  decodePostingRequest,
  decodeReadingAnswer,
  decodeReadingRequest,
  encodePostingAnswer,
  encodePostingRequest,
  encodeReadingAnswer,
  encodeReadingRequest,
} from "@nodoor/wire/delivery"
import { PostingHands, type PostingItem } from "./posting-hands.ts"
import { ShownGroups } from "./shown-groups.ts"

const groupId = new Uint8Array(32).fill(1)
const record = (order: number, sub = 1): PostRecord => ({ type: "post", sub, order, hour: 5, body: Uint8Array.of(order) })

/** A reading stream through the adversary: what the true server was asked, what the device was shown, and both ends to speak from. */
function reading(shown: ShownGroups) {
  const asked: ReadingRequest[] = []
  const seen: ReadingAnswer[] = []
  let serverSink: FrameSink | undefined
  const port = shown.connect(
    (sink) => {
      serverSink = sink
      return { receive: (frame) => void asked.push(...decodeReadingRequest(frame)), closed: () => {}, opened: true }
    },
    { send: (frame) => void seen.push(...decodeReadingAnswer(frame)), bufferedBytes: () => 0, close: () => {} },
    () => {},
  )
  return {
    asked,
    seen,
    port,
    device: (item: ReadingRequest): void => port.receive(encodeReadingRequest([item])),
    server: (...items: readonly ReadingAnswer[]): void => serverSink?.send(encodeReadingAnswer(items), () => {}),
    posts: (): number[][] => seen.flatMap((item) => (item.type === "post" ? [[item.sub, item.order, item.body[0] ?? 0]] : [])),
  }
}

function subscribe(sub: number, after: number): ReadingRequest {
  return { type: "subscribe", sub, groupId, seat: new Uint8Array(16), readSecret: new Uint8Array(32), after }
}

test("A device is shown the true records as the adversary changes them, and the server hears that all were taken", () => {
  const shown = new ShownGroups()
  const at = reading(shown)
  at.device(subscribe(1, 0))
  at.server({ type: "subscribed", sub: 1, head: 3, acked: 0, epoch: 2 })
  shown.tamper = (one) => (one.order === 2 ? [] : [one])
  at.server(record(1), record(2), record(3))
  shown.shiftOrders(groupId, 1)
  at.server(record(4))
  assert.deepEqual(at.posts(), [
    [1, 1, 1],
    [1, 3, 3],
    [1, 5, 4],
  ])
  assert.deepEqual(
    at.asked.flatMap((item) => (item.type === "ack" ? [item.order] : [])),
    [1, 2, 3, 4],
  )
  at.device({ type: "ack", sub: 1, order: 5 })
  assert.equal(at.asked.filter(({ type }) => type === "ack").length, 4, "what the device acknowledges is the adversary's own business")
})

test("A stream that comes later is shown what it missed, and what is injected goes to the newest", () => {
  const shown = new ShownGroups()
  const first = reading(shown)
  first.device(subscribe(1, 0))
  first.server({ type: "subscribed", sub: 1, head: 2, acked: 0, epoch: 2 }, record(1), record(2))
  first.port.closed()
  const { sub: _sub, ...injected } = record(3)
  shown.inject({ ...injected, groupId })
  const second = reading(shown)
  second.device(subscribe(7, 1))
  assert.deepEqual(second.asked.at(-1), subscribe(7, 2), "the server is asked for what the adversary does not have")
  second.server({ type: "subscribed", sub: 7, head: 2, acked: 2, epoch: 2 })
  assert.deepEqual(second.seen[0], { type: "subscribed", sub: 7, head: 3, acked: 0, epoch: 2 })
  shown.inject({ ...injected, order: 4, groupId })
  assert.deepEqual(
    second.posts().map(([sub, order]) => [sub, order]),
    [
      [7, 2],
      [7, 3],
      [7, 4],
    ],
  )
  assert.equal(first.posts().length, 2)
})

test("A group that the true server does not know is there if the adversary made it up, and else it is not", () => {
  const shown = new ShownGroups()
  const { sub: _sub, ...made } = record(1)
  const at = reading(shown)
  at.device(subscribe(1, 0))
  at.server({ type: "unsubscribed", sub: 1, code: "group_not_found" })
  assert.equal(at.seen.at(-1)?.type, "unsubscribed")
  shown.inject({ ...made, groupId })
  at.device(subscribe(2, 0))
  at.server({ type: "unsubscribed", sub: 2, code: "group_not_found" })
  assert.deepEqual(at.posts(), [[2, 1, 1]])
})

/** A posting stream through the adversary. The true server places everything at order 9. */
function posting(hands: PostingHands) {
  const asked: PostingRequest[] = []
  const seen: PostingAnswer[] = []
  const port: FramePort = hands.connect(
    (sink) => ({
      receive: (frame) => {
        for (const item of decodePostingRequest(frame)) {
          asked.push(item)
          if ("ref" in item) sink.send(encodePostingAnswer([{ type: "placed", ref: item.ref, order: 9, hour: 5 }]), () => {})
        }
      },
      closed: () => {},
      opened: true,
    }),
    { send: (frame) => void seen.push(...decodePostingAnswer(frame)), bufferedBytes: () => 0, close: () => {} },
    "10.0.0.1",
    () => {},
  )
  return { asked, seen, device: (...items: readonly PostingRequest[]): void => port.receive(encodePostingRequest(items)) }
}

function post(ref: number, word: number): PostItem {
  return { type: "post", ref, groupId, epoch: 1, flags: 0, mac: new Uint8Array(32), body: Uint8Array.of(word) }
}

test("What is handed in is heard, goes on as it is, and its answer comes back; what is withheld does not, until that stops", async () => {
  const heard: PostingItem[] = []
  const hands = new PostingHands((item) => heard.push(item))
  const at = posting(hands)
  at.device(post(1, 1), post(2, 2))
  await turn()
  assert.deepEqual(at.seen, [
    { type: "placed", ref: 1, order: 9, hour: 5 },
    { type: "placed", ref: 2, order: 9, hour: 5 },
  ])
  const withheld = hands.withhold("post", ({ body }) => body[0] === 4, "bad_request")
  const silent = hands.withhold("post", ({ body }) => body[0] === 5, "silence")
  at.device(post(3, 3), post(4, 4), post(5, 5))
  await turn()
  assert.deepEqual([withheld.count, silent.count, heard.length, at.asked.length, at.seen.length], [1, 1, 5, 3, 4])
  const refused = at.seen.find((item) => item.type === "refused")
  assert.ok(refused?.code === "bad_request" && refused.ref === 4)
  silent.stop()
  withheld.stop()
  at.device(post(6, 4))
  await turn()
  assert.equal(at.asked.length, 4)
})

test("The adversary may change what is handed in and what is answered", async () => {
  const hands = new PostingHands(() => {})
  const at = posting(hands)
  hands.on("post", async ({ asked, address }, honest) => {
    assert.equal(address, "10.0.0.1")
    const answer = await honest({ ...asked, body: Uint8Array.of(77) })
    return answer.type === "placed" ? { ...answer, order: answer.order + 1 } : answer
  })
  at.device(post(8, 1))
  await turn()
  assert.deepEqual(at.asked, [post(8, 77)])
  assert.deepEqual(at.seen, [{ type: "placed", ref: 8, order: 10, hour: 5 }])
  hands.refuse("commit", "10.0.0.1")
  hands.refuse("post", "10.0.0.1")
  at.device(post(9, 1))
  await turn()
  assert.ok(at.seen.at(-1)?.type === "refused")
})

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
