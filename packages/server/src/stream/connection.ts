// One device's stream. It is *reading* while it catches up from the mailbox, and *live* when everything in the mailbox was sent:
// then new records come straight from memory. Whatever is missed, delayed or dropped, the mailbox has it: a gap leads back to reading.

import { WireError, decodeMessage, limits, streamRequest } from "@nodoor/wire"
import type { Session } from "../route/handler.ts"
import { faultOf } from "../route/fault.ts"
import type { OperationOutput, StoredRecord } from "../store/store.ts"
import { type ReadyRecord, type RecordParts, encodeFrame, encodeRecordsFrame, fitting, readyRecord, recordParts } from "./frame.ts"
import type { StreamPort, StreamPorts, StreamSink } from "./port.ts"

interface Shared extends Pick<StreamPorts, "store" | "sessions" | "log" | "meter"> {
  flushLater(connection: Connection): void
  opened(connection: Connection, deviceId: Uint8Array): void
  ended(connection: Connection, deviceId: Uint8Array | undefined): void
}

/** Ephemeral messages such as typing are dropped for a connection with this much unsent. */
const ephemeralMaxBufferedBytes = 1_048_576

export class Connection implements StreamPort {
  readonly #sink: StreamSink
  readonly #shared: Shared
  #status: "new" | "opening" | "reading" | "live" | "ended" = "new"
  #session: Session | undefined
  /** Sequence number of the last record that was sent or waits in `#ready`. */
  #cursor = 0
  /** Something was announced while reading. */
  #missed = false
  #ready: ReadyRecord[] = []
  #readyBytes = 0
  #ackedSeq = 0
  #acking = false

  constructor(sink: StreamSink, shared: Shared) {
    this.#sink = sink
    this.#shared = shared
  }

  get opened(): boolean {
    return this.#status !== "new"
  }

  get #isEnded(): boolean {
    return this.#status === "ended"
  }

  receive(frame: Uint8Array): void {
    this.guard(() => {
      if (this.#isEnded) return
      const request = decodeMessage(streamRequest, frame, limits.streamRequestBytes)
      if (request.type === "open") {
        if (this.#status !== "new") throw new WireError("bad_request", "the stream is already open")
        this.#status = "opening"
        void this.#open(request.token, request.after).catch((error: unknown) => this.#endWith(error))
        return
      }
      if (this.#status === "new" || this.#status === "opening") throw new WireError("unauthorized", "the first frame must open the stream")
      if (request.type === "ping") this.#send(encodeFrame({ type: "pong" }))
      else this.#ack(request.seq)
    })
  }

  closed(): void {
    if (this.#isEnded) return
    this.#status = "ended"
    this.#ready = []
    this.#shared.ended(this, this.#session?.deviceId)
  }

  /** Says why, then closes. */
  end(code: string, message: string): void {
    if (this.#isEnded) return
    this.#sink.send(encodeFrame({ type: "closed", code, message }), () => {})
    this.closed()
    this.#sink.close()
  }

  /** Runs something whose refusal ends the connection. */
  guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#endWith(error)
    }
  }

  /** A record was placed in this mailbox. */
  offer(seq: number, parts: RecordParts): void {
    if (this.#status !== "live" || seq !== this.#cursor + 1) {
      if (seq > this.#cursor) this.wake()
      return
    }
    const record = readyRecord(seq, parts)
    this.#cursor = seq
    this.#ready.push(record)
    this.#readyBytes += record.sizeBytes
    if (this.#readyBytes + this.#sink.bufferedBytes() > limits.streamQueueBytes)
      return this.end("slow_reader", "records came faster than they were read")
    this.#shared.flushLater(this)
  }

  /** Something that is not at hand waits in the mailbox. */
  wake(): void {
    this.#missed = true
    if (this.#status === "live") void this.#read().catch((error: unknown) => this.#endWith(error))
  }

  sendEphemeral(frame: Uint8Array): void {
    if ((this.#status === "live" || this.#status === "reading") && this.#sink.bufferedBytes() < ephemeralMaxBufferedBytes) this.#send(frame)
  }

  /** Sends what is ready, as few frames as fit. */
  flush(): void {
    while (this.#ready.length > 0 && !this.#isEnded) {
      const batch = this.#ready.splice(0, fitting(this.#ready))
      for (const record of batch) this.#readyBytes -= record.sizeBytes
      this.#shared.meter?.delivered(batch.length)
      this.#send(encodeRecordsFrame(batch))
    }
  }

  async #open(token: Uint8Array, after: number): Promise<void> {
    const session = await this.#shared.sessions.find(token)
    if (this.#isEnded) return
    this.#cursor = after
    const { records, head, acked } = await this.#readMailbox(session)
    // An account that was suspended meanwhile had no connection yet that could have been ended.
    await this.#shared.sessions.find(token)
    if (this.#isEnded) return
    this.#session = session
    this.#status = "reading"
    this.#shared.opened(this, session.deviceId)
    this.#send(encodeFrame({ type: "opened", head, acked }))
    // The read above did not see records that were placed since then.
    this.#missed = true
    await this.#sendRead(records)
    await this.#read()
  }

  #readMailbox({ deviceId }: Session): Promise<OperationOutput<"readMailbox">> {
    return this.#shared.store.readMailbox({
      mailbox: deviceId,
      after: this.#cursor,
      maxRecords: limits.batchRecords,
      maxBytes: limits.batchBytes,
    })
  }

  /** Reads the mailbox to its end at the pace of the reader, then goes live. */
  async #read(): Promise<void> {
    const session = this.#session
    if (this.#isEnded || session === undefined) return
    this.#status = "reading"
    this.flush()
    while (this.#missed) {
      this.#missed = false
      const { records, head } = await this.#readMailbox(session)
      if (this.#isEnded) return
      await this.#sendRead(records)
      if (this.#isEnded) return
      if (this.#cursor < head) this.#missed = true
    }
    this.#status = "live"
  }

  async #sendRead(records: readonly StoredRecord[]): Promise<void> {
    if (records.length === 0) return
    const ready = records.map((record) => readyRecord(record.seq, recordParts(record)))
    this.#cursor = records.at(-1)?.seq ?? this.#cursor
    this.#shared.meter?.delivered(ready.length)
    await new Promise<void>((resolve) => this.#sink.send(encodeRecordsFrame(ready), resolve))
  }

  /** Acks are cumulative: while one is being written, only the newest after it is kept. */
  #ack(seq: number): void {
    this.#ackedSeq = Math.max(this.#ackedSeq, seq)
    if (this.#acking) return
    this.#acking = true
    void this.#writeAcks().catch((error: unknown) => this.#endWith(error))
  }

  async #writeAcks(): Promise<void> {
    const session = this.#session
    if (session === undefined) return
    let written = -1
    try {
      while (written < this.#ackedSeq) {
        written = this.#ackedSeq
        await this.#shared.store.ack({ mailbox: session.deviceId, seq: written })
      }
    } finally {
      this.#acking = false
    }
  }

  #send(frame: Uint8Array): void {
    if (this.#sink.bufferedBytes() + frame.length > 2 * limits.streamQueueBytes)
      return this.end("slow_reader", "the connection takes no more")
    this.#sink.send(frame, () => {})
  }

  #endWith(error: unknown): void {
    if (this.#isEnded) return
    const fault = faultOf(error, this.#shared.log)
    this.end(fault.code, fault.message)
  }
}
