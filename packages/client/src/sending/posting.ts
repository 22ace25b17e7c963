// The posting stream: what this device sends to the delivery service. It opens when there is something to send, and closes after a minute
// without. It names nobody: a pass opens it. Everything that is ready in one turn of the event loop shares a frame. What has no answer when
// the connection is lost is sent once more; the server places the same bytes once.

import { CodecError } from "@nodoor/bytes"
import { limits } from "@nodoor/wire"
import {
  type ClosedItem,
  type CommitItem,
  type CommittedItem,
  type CreateItem,
  type DeliveryCode,
  DeliveryRefusal,
  type DoneItem,
  type PlacedItem,
  type PostItem,
  type PostingAnswer,
  type RejoinItem,
  type RekeyItem,
  decodePostingAnswer,
  encodePostingRequest,
  postFlags,
} from "@nodoor/wire/delivery"
import { NetworkError } from "../core/client-error.ts"
import type { Jobs } from "../core/jobs.ts"
import type { Part } from "../core/part.ts"
import type { Network, Stream } from "../core/ports.ts"
import type { StreamPasses } from "../core/stream-passes.ts"

/** Without anything to send, the stream is closed after this long. */
const idleMs = 60_000
/** A server that answers nothing for this long is not there. */
const patienceMs = 30_000
/** How often one item is sent before its sender is told that there was no answer. */
const sendings = 2
/** What may be under way without an answer. The rest waits here. */
const underWayMax = { items: 1_024, bytes: 8 * 1024 * 1024 } as const
/** What may wait here in all. */
const waitingMax = 16_384
const frameBytesMax = 1024 * 1024
/** What goes along with what opens a stream: the server takes 262,144 bytes before it is open. The rest follows then. */
const openingBytesMax = 65_536
/** Room for everything in an item besides its long parts. */
const itemBytes = 1_024

const idleJob = "posting-idle"
const unansweredJob = "posting-unanswered"
/** After these, what was shown to the server is worth nothing, and the items are none the worse. */
const ofThePass: readonly DeliveryCode[] = ["pass_invalid", "pass_used_up", "token_invalid", "token_spent", "unauthorized"]

type Sent<Item> = Omit<Item, "type" | "ref">
type Outgoing = PostItem | CommitItem | CreateItem | RekeyItem | RejoinItem
type Answer = PlacedItem | CommittedItem | DoneItem

/** Which answer each kind of item gets when it was done. */
const answerTo = { post: "placed", commit: "committed", create: "done", rekey: "done", rejoin: "done" } as const

interface Waiting {
  readonly item: Outgoing
  readonly sizeBytes: number
  sent: number
  done(answer: Answer): void
  failed(error: unknown): void
}

export interface PostingParts {
  readonly network: Pick<Network, "openStream">
  readonly passes: StreamPasses
  readonly jobs: Pick<Jobs, "register" | "schedule" | "cancel">
  /** The address of the host that takes posts. */
  hostUrl(): string
  fault(error: unknown): void
}

/**
 * Promises resolve after the server's disk has it. They reject with `DeliveryRefusal`, with `NetworkError` when no answer came, or with what
 * `passes.take` throws. The same item may always be sent again. Within a group, items arrive in the order of the calls.
 */
export class Posting implements Part {
  readonly #parts: PostingParts
  /** In the order of the calls. */
  #queue: Waiting[] = []
  /** By ref, in the order in which they were sent. */
  readonly #underWay = new Map<number, Waiting>()
  #underWayBytes = 0
  #stream: { readonly stream: Stream; isUp: boolean; isProven: boolean } | undefined
  #opening = false
  #flushing = false
  #closed = false
  #nextRef = 1

  constructor(parts: PostingParts) {
    this.#parts = parts
    parts.jobs.register({ kind: idleJob, run: () => this.#hangUp() })
    parts.jobs.register({ kind: unansweredJob, run: () => this.#lost() })
  }

  async post(item: Sent<PostItem>): Promise<{ readonly order: number; readonly hour: number }> {
    return (await this.#send({ ...item, type: "post", ref: this.#ref() })) as PlacedItem
  }

  async commit(item: Sent<CommitItem>): Promise<Pick<CommittedItem, "order" | "hour" | "fanout">> {
    return (await this.#send({ ...item, type: "commit", ref: this.#ref() })) as CommittedItem
  }

  async create(item: Sent<CreateItem>): Promise<void> {
    await this.#send({ ...item, type: "create", ref: this.#ref() })
  }

  async rekey(item: Sent<RekeyItem>): Promise<void> {
    await this.#send({ ...item, type: "rekey", ref: this.#ref() })
  }

  async rejoin(item: Sent<RejoinItem>): Promise<void> {
    await this.#send({ ...item, type: "rejoin", ref: this.#ref() })
  }

  online(): void {}

  offline(): void {
    this.#hangUp()
    this.#reject(new NetworkError("offline", { maybeDone: true }))
  }

  close(): void {
    this.#closed = true
    this.offline()
  }

  /** Wraps around after four thousand million items, when none of the old ones are under way any more. */
  #ref(): number {
    const ref = this.#nextRef
    this.#nextRef = ref === 0xffff_ffff ? 1 : ref + 1
    return ref
  }

  #send(item: Outgoing): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#queue.length >= waitingMax)
        return reject(new NetworkError(this.#closed ? "closed" : "too much waits", { maybeDone: false }))
      this.#queue.push({ item, sizeBytes: sizeOf(item), sent: 0, done: resolve, failed: reject })
      this.#soon()
    })
  }

  /** After whatever else is ready in this turn. */
  #soon(): void {
    if (this.#flushing) return
    this.#flushing = true
    Promise.resolve()
      .then(() => {
        this.#flushing = false
        this.#flush()
      })
      .catch((error: unknown) => this.#parts.fault(error))
  }

  #flush(): void {
    if (this.#queue.length === 0) return
    if (!this.#stream) return this.#open()
    // What the server takes before it has opened the stream is bounded.
    if (!this.#stream.isProven) return
    for (let frame = this.#next(); frame.length > 0; frame = this.#next()) this.#stream.stream.send(encodePostingRequest(frame))
  }

  /** The next frame's items, which are under way from here on. */
  #next(): readonly Outgoing[] {
    const isProven = this.#stream?.isProven === true
    const maxBytes = isProven ? frameBytesMax : openingBytesMax
    const frame: Outgoing[] = []
    let frameBytes = 0
    while (frame.length < limits.frameItems && this.#underWay.size < underWayMax.items) {
      const [first] = this.#queue
      const isMuch = first && (frameBytes + first.sizeBytes > maxBytes || this.#underWayBytes + first.sizeBytes > underWayMax.bytes)
      // One that is larger than that goes alone, on a stream that is open.
      if (!first || (isMuch && (!isProven || frame.length > 0 || this.#underWay.size > 0))) break
      this.#queue.shift()
      first.sent++
      this.#underWay.set(first.item.ref, first)
      this.#underWayBytes += first.sizeBytes
      frame.push(first.item)
      frameBytes += first.sizeBytes
    }
    if (frame.length > 0) this.#await()
    return frame
  }

  #await(): void {
    this.#parts.jobs.cancel(idleJob)
    this.#parts.jobs.schedule({ kind: unansweredJob, inMs: patienceMs })
  }

  #open(): void {
    if (this.#opening || this.#closed) return
    this.#opening = true
    this.#parts.passes
      .take()
      .then((open) => {
        this.#opening = false
        if (this.#closed || this.#queue.length === 0) return
        const stream = this.#parts.network.openStream(this.#parts.hostUrl(), "posting", {
          opened: () => {
            if (this.#stream !== state) return
            state.isUp = true
            stream.send(encodePostingRequest([open, ...this.#next()]))
            this.#flush()
          },
          frame: (frame) => {
            if (this.#stream === state) this.#frame(frame)
          },
          closed: () => {
            if (this.#stream === state) this.#lost()
          },
        })
        const state = { stream, isUp: false, isProven: false }
        this.#stream = state
        this.#await()
      })
      .catch((error: unknown) => {
        this.#opening = false
        this.#reject(error)
      })
  }

  #frame(frame: Uint8Array): void {
    let answers: readonly PostingAnswer[]
    try {
      answers = decodePostingAnswer(frame)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return this.#lost()
    }
    for (const answer of answers) {
      if (!this.#stream) return
      if (!this.#take(answer)) return this.#lost()
    }
    if (!this.#stream) return
    if (this.#underWay.size > 0) this.#await()
    else {
      this.#parts.jobs.cancel(unansweredJob)
      this.#parts.jobs.schedule({ kind: idleJob, inMs: idleMs })
    }
    this.#flush()
  }

  /** False: nothing that was sent is answered like this. Then nothing this stream says is believed any more. */
  #take(answer: PostingAnswer): boolean {
    switch (answer.type) {
      case "opened":
        if (this.#stream?.isProven) return false
        if (this.#stream) this.#stream.isProven = true
        this.#parts.passes.opened(answer)
        return true
      case "pong":
        return true
      case "closed":
        this.#refusedStream(answer)
        return true
      case "refused": {
        const waiting = this.#underWay.get(answer.ref)
        if (!waiting) return false
        const { code, epoch, retryAfterMs } = answer
        if (ofThePass.includes(code)) this.#parts.passes.refused(code)
        // With what follows it, and another pass.
        if (ofThePass.includes(code) && waiting.sent < sendings) {
          this.#lost()
          return true
        }
        this.#answered(answer.ref)?.failed(
          new DeliveryRefusal(code, { epoch, retryAfterMs: retryAfterMs === 0 ? undefined : retryAfterMs }),
        )
        return true
      }
      default: {
        const sent = this.#underWay.get(answer.ref)
        if (!sent || answerTo[sent.item.type] !== answer.type) return false
        if (answer.type === "placed" && (answer.order === 0) !== isEphemeral(sent.item)) return false
        this.#answered(answer.ref)?.done(answer)
        return true
      }
    }
  }

  #answered(ref: number): Waiting | undefined {
    const waiting = this.#underWay.get(ref)
    if (!waiting) return undefined
    this.#underWay.delete(ref)
    this.#underWayBytes -= waiting.sizeBytes
    return waiting
  }

  #refusedStream({ code }: ClosedItem): void {
    if (ofThePass.includes(code)) {
      this.#parts.passes.refused(code)
      return this.#lost(new DeliveryRefusal(code))
    }
    this.#hangUp()
    this.#reject(new DeliveryRefusal(code))
  }

  /** What has no answer is sent again on a new stream, in its old order; what was sent often enough is its sender's again. */
  #lost(reason: Error = new NetworkError("no answer", { maybeDone: true })): void {
    const { isUp: wasUp, isProven: wasProven } = this.#stream ?? { isUp: false, isProven: false }
    this.#hangUp()
    const unanswered = this.#takeBack()
    this.#queue = [...unanswered.filter(({ sent }) => sent < sendings), ...this.#queue]
    for (const waiting of unanswered) if (waiting.sent >= sendings) waiting.failed(reason)
    // A stream that never opened, with all too large to go along, brought nobody nearer to an end.
    if (wasUp && (wasProven || unanswered.length > 0)) this.#soon()
    else this.#reject(new NetworkError("not connected", { maybeDone: false }))
  }

  #takeBack(): readonly Waiting[] {
    const unanswered = [...this.#underWay.values()]
    this.#underWay.clear()
    this.#underWayBytes = 0
    return unanswered
  }

  #reject(error: unknown): void {
    const all = [...this.#takeBack(), ...this.#queue]
    this.#queue = []
    for (const waiting of all) waiting.failed(error)
  }

  #hangUp(): void {
    const state = this.#stream
    this.#stream = undefined
    state?.stream.close()
    this.#parts.jobs.cancel(idleJob)
    this.#parts.jobs.cancel(unansweredJob)
  }
}

/** It reaches who is connected, and has no place. */
function isEphemeral(item: Outgoing): boolean {
  return item.type === "post" && item.flags === postFlags.ephemeral
}

function sizeOf(item: Outgoing): number {
  switch (item.type) {
    case "post":
      return itemBytes + item.body.length
    case "commit":
      return itemBytes + item.commit.length + (item.groupInfo?.length ?? 0) + 96 * item.adds.length + 16 * item.removes.length
    case "rejoin":
      return itemBytes + item.sealed.length
    default:
      return itemBytes
  }
}
