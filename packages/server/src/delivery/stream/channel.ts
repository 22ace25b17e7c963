// The way out of one stream: items are written one after the other into a buffer, and go out as one frame once per turn of the event loop.

import { encodeReadingAnswer } from "@nodoor/wire/delivery"
import { limits } from "@nodoor/wire"
import type { DeliveryCode } from "@nodoor/wire/delivery"
import { type FrameSink, frameHeadBytes } from "./port.ts"

/** Buffers of frames that went out, for the next frames of any stream: one that is idle holds none. */
const spares: Buffer[] = []
const sparesMax = 256
const spareBytes = 4_096
/** A larger one is let go after its frame. */
const spareMaxBytes = 65_536
const noBuffer = Buffer.alloc(0)
/** A frame goes out before it gets larger. */
const frameMaxBytes = 1_048_576
/** More than this on its way to the client: it reads slower than it is sent to. */
const congestedBytes = 1_048_576

export class Channel {
  readonly #sink: FrameSink
  readonly #flushLater: (channel: Channel) => void
  readonly #drained: () => void
  /** What `room` gave a place in. */
  buffer: Buffer = noBuffer
  #size = frameHeadBytes
  #items = 0
  #scheduled = false
  #ended = false
  /** Frames that the operating system has not taken. */
  #congested = 0

  /** `drained` runs when a client that was too slow can be sent to again. */
  constructor(sink: FrameSink, flushLater: (channel: Channel) => void, drained: () => void) {
    this.#sink = sink
    this.#flushLater = flushLater
    this.#drained = drained
  }

  get ended(): boolean {
    return this.#ended
  }
  get isCongested(): boolean {
    return this.#congested > 0
  }
  get bufferedBytes(): number {
    return this.#sink.bufferedBytes() + this.#size
  }

  /** A place in `buffer` for one item of this size. */
  room(sizeBytes: number): number {
    if (this.#items === limits.frameItems || (this.#items > 0 && this.#size + sizeBytes > frameMaxBytes)) this.flush()
    const at = this.#size
    const needed = at + sizeBytes
    if (needed > this.buffer.length) this.#grow(at, needed)
    this.#size = needed
    this.#items++
    if (!this.#scheduled) {
      this.#scheduled = true
      this.#flushLater(this)
    }
    return at
  }

  #grow(size: number, needed: number): void {
    const before = this.buffer
    const spare = before.length === 0 && needed <= spareBytes ? spares.pop() : undefined
    this.buffer = spare ?? Buffer.allocUnsafeSlow(Math.max(needed, before.length * 2, spareBytes))
    before.copy(this.buffer, 0, 0, size)
    if (before.length > 0) keep(before)
  }

  /** Any item that is not worth writing byte by byte. */
  write(item: Uint8Array): void {
    if (this.#ended) return
    const at = this.room(item.length)
    this.buffer.set(item, at)
  }

  /** Sends what was written. `sent` runs when the operating system has it. */
  flush(sent?: () => void): void {
    this.#scheduled = false
    const to = this.#size
    if (this.#ended || to === frameHeadBytes) return sent?.()
    const { buffer } = this
    this.#size = frameHeadBytes
    this.#items = 0
    this.buffer = noBuffer
    const slow = this.#sink.bufferedBytes() > congestedBytes
    if (sent === undefined && !slow && this.#sink.sendInPlace !== undefined) {
      if (this.#sink.sendInPlace(buffer, frameHeadBytes, to)) keep(buffer)
      return
    }
    if (slow) this.#congested++
    this.#sink.send(new Uint8Array(buffer.buffer, buffer.byteOffset + frameHeadBytes, to - frameHeadBytes), () => {
      sent?.()
      if (slow && --this.#congested === 0 && !this.#ended) this.#drained()
    })
  }

  /** Says why, then closes. */
  end(code: DeliveryCode, message: string): void {
    if (this.#ended) return
    this.flush()
    this.#ended = true
    this.#sink.send(encodeReadingAnswer([{ type: "closed", code, message }]), () => {})
    this.#sink.close()
  }

  /** The transport is gone. */
  closed(): void {
    this.#ended = true
  }
}

function keep(buffer: Buffer): void {
  if (buffer.length <= spareMaxBytes && spares.length < sparesMax) spares.push(buffer)
}
