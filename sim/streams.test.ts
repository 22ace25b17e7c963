// The delivery half behind the hostile network, without clients: streams that break anywhere, items that are handed in again, a server that
// dies before and after it wrote. Whoever hands in again what was not answered, and subscribes again from their cursor, loses nothing.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import type { Stream, StreamKind } from "@nodoor/client"
import { type OwnSeat, commitItem, createItem, newKnownGroup, newSeat, postItem, testTokenKeys, tokenWith } from "@nodoor/server/fixtures"
import {
  type PostingAnswer,
  type PostingRequest,
  type ReadingAnswer,
  type ReadingRequest,
  decodePostingAnswer,
  decodeReadingAnswer,
  encodePostingRequest,
  encodeReadingRequest,
} from "@nodoor/wire/delivery"
import { seededChance } from "./randomness.ts"
import { type NetworkFaults, type Place, calm, virtualNetwork } from "./virtual-network.ts"
import { type Posted, VirtualServer, origin } from "./virtual-server.ts"
import { VirtualTime } from "./virtual-time.ts"

const hostile: NetworkFaults = { lost: 0, repeated: 0, cut: 0.03, delayMs: 300 }
const postCount = 120

/** A stream that is opened again whenever it ends. */
class Persistent {
  readonly #at: Meeting
  readonly #kind: StreamKind
  readonly #address: string
  readonly #begin: () => void
  readonly #take: (frame: Uint8Array) => void
  #stream: Stream | undefined

  constructor(at: Meeting, kind: StreamKind, address: string, begin: () => void, take: (frame: Uint8Array) => void) {
    this.#at = at
    this.#kind = kind
    this.#address = address
    this.#begin = begin
    this.#take = take
    this.#open()
    this.#ping()
  }

  send(frame: Uint8Array): void {
    this.#stream?.send(frame)
  }

  /** Asks now and then whether anybody is there: a connection that is lost says nothing of itself. */
  #ping(): void {
    this.send(encodePostingRequest([{ type: "ping" }]))
    this.#at.time.after(3_000, () => this.#ping())
  }

  #open(): void {
    const device = { address: this.#address, reachable: () => true, alive: () => true }
    const stream = virtualNetwork(this.#at.place, device).openStream("", this.#kind, {
      opened: () => {
        this.#stream = stream
        this.#begin()
      },
      frame: (frame) => this.#take(frame),
      closed: () => {
        this.#stream = undefined
        this.#at.time.after(500, () => this.#open())
      },
    })
  }
}

interface Meeting {
  readonly time: VirtualTime
  readonly server: VirtualServer
  readonly place: Place
  readonly posted: Posted[]
  token(): Uint8Array
}

/** Hands in items in their order, the next when there is an answer, and again what has none. */
function poster(at: Meeting, items: readonly PostingRequest[]): { readonly answers: PostingAnswer[] } {
  const answers: PostingAnswer[] = []
  const next = (): PostingRequest[] => items.slice(answers.length, answers.length + 5)
  const stream = new Persistent(
    at,
    "posting",
    "10.0.0.1",
    () => stream.send(encodePostingRequest([{ type: "open", with: "token", data: at.token() }, ...next()])),
    (frame) => {
      const before = answers.length
      for (const answer of decodePostingAnswer(frame)) {
        assert.ok(answer.type !== "refused", JSON.stringify(answer))
        if ("ref" in answer && answer.ref === answers.length) answers.push(answer)
      }
      if (answers.length > before && next().length > 0) stream.send(encodePostingRequest(next()))
    },
  )
  return { answers }
}

/** Reads at a seat from its cursor on, and acknowledges what it has. */
function reader(at: Meeting, address: string, groupId: Uint8Array, { seat, readSecret }: OwnSeat): { readonly read: ReadingAnswer[] } {
  const read: ReadingAnswer[] = []
  let cursor: number | undefined
  const subscribe = (): ReadingRequest & { readonly type: "subscribe" } => ({
    type: "subscribe",
    sub: 1,
    groupId,
    seat,
    readSecret,
    after: cursor ?? 0,
  })
  const stream = new Persistent(
    at,
    "reading",
    address,
    () => stream.send(encodeReadingRequest([{ type: "open", with: "token", data: at.token() }, subscribe()])),
    (frame) => {
      for (const answer of decodeReadingAnswer(frame)) {
        assert.ok(answer.type !== "gap" && answer.type !== "closed", JSON.stringify(answer))
        if (answer.type === "unsubscribed") at.time.after(500, () => stream.send(encodeReadingRequest([subscribe()])))
        if (answer.type !== "post" && answer.type !== "commit" && answer.type !== "join") continue
        assert.equal(answer.order, (cursor ?? answer.order - 1) + 1, "the next of the log, and no other")
        cursor = answer.order
        read.push(answer)
      }
      if (cursor !== undefined) stream.send(encodeReadingRequest([{ type: "ack", sub: 1, order: cursor }]))
    },
  )
  return { read }
}

test("Whatever breaks, every body is placed once and read once, in one order, by everybody with a seat", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-streams-"))
  const privateKey = await testTokenKeys()()
  try {
    for (let seed = 1; seed <= 3; seed++) {
      const [time, chance, posted] = [new VirtualTime(1_750_000_000_000), seededChance(seed), [] as Posted[]]
      const server = new VirtualServer(time, chance, join(folder, `server-${seed}.db`), (one) => posted.push(one))
      await server.start()
      let faults = hostile
      const place: Place = { delivery: () => server.delivery, streams: () => server.streams, time, chance, faults: () => faults }
      const at: Meeting = { time, server, place, posted, token: () => tokenWith(privateKey, { origin, use: "pass" }) }
      const [alice, bob] = [newSeat(), newSeat()]
      const first = newKnownGroup()
      const { item, next: group } = commitItem(first, { by: alice, adds: [bob], ref: 1 })
      const bodies = Array.from({ length: postCount }, (_, n) => chance.bytes(20 + n))
      const posts = bodies.map((body, n) => postItem(group, body, { ref: n + 2 }))
      const sender = poster(at, [createItem(first, alice, 0), item, ...posts])
      const bobs = reader(at, "10.0.0.2", group.groupId, bob)
      const alices = reader(at, "10.0.0.3", group.groupId, alice)
      let crashes = 0
      const mishap = (): void => {
        if (faults === calm) return
        crashes++
        server.crash(chance.happens(0.5) ? "before" : "after")
        time.after(4_000 + chance.below(20_000), mishap)
      }
      time.after(5_000, mishap)
      for (let step = 0; step < 200_000 && sender.answers.length < postCount + 2; step++) await time.step()
      faults = calm
      server.crash(undefined)
      for (let step = 0; step < 20_000 && (bobs.read.length <= postCount || alices.read.length <= postCount); step++) await time.step()
      assert.ok(crashes > 0)
      assert.deepEqual(
        sender.answers.flatMap((answer) => ("order" in answer ? [answer.order] : [])),
        Array.from({ length: postCount + 1 }, (_, n) => n + 1),
      )
      assert.deepEqual(
        posted.map(({ order }) => order),
        Array.from({ length: postCount + 1 }, (_, n) => n + 1),
      )
      for (const { read } of [alices, bobs])
        assert.deepEqual(
          read.flatMap((answer) => (answer.type === "post" ? [toHex(answer.body).slice(0, 16)] : [])),
          bodies.map((body) => toHex(body).slice(0, 16)),
        )
      assert.equal(bobs.read[0]?.type, "join")
      assert.equal(alices.read[0]?.type, "commit")
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
