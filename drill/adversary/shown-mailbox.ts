// The mailbox that the adversary shows a device. It holds the true records with the adversary's changes, numbered without gaps, so that
// only the contents can give the changes away.

import { toHex } from "@nodoor/bytes"
import type { ServerCore, StreamPort, StreamSink } from "@nodoor/server"
import {
  type MailboxRecord,
  type StreamFrame,
  decodeMessage,
  encodeMessage,
  streamFrame,
  streamFrameBytes,
  streamRequest,
} from "@nodoor/wire"

export type BodyRecord = Exclude<MailboxRecord, { readonly kind: "gap" }>
/** What becomes of one true record: it, others, several, or nothing. */
export type Tampering = (record: BodyRecord) => readonly BodyRecord[]

type Frames = (frame: StreamFrame) => void

export class ShownMailbox {
  /** Everything this device was ever shown, by sequence number from 1. */
  readonly shown: MailboxRecord[] = []
  tamper: Tampering = (record) => [record]
  #takenSeq = 0
  readonly #shifts = new Map<string, number>()
  #show: Frames | undefined

  /** Sits between the device and the true server. */
  connect(delivery: ServerCore, sink: StreamSink, caller: { readonly address: string }, heard: (frame: Uint8Array) => void): StreamPort {
    let after = 0
    const send: Frames = (frame) => {
      const bytes = encodeMessage(frame)
      heard(bytes)
      sink.send(bytes, () => {})
    }
    const port: StreamPort = delivery.connect(
      {
        send: (bytes, sent) => {
          sent()
          const frame = decodeMessage(streamFrame, bytes, streamFrameBytes)
          if (frame.type === "opened") {
            send({ type: "opened", head: this.shown.length, acked: 0 })
            const missed = this.shown.slice(after)
            if (missed.length > 0) send({ type: "records", records: missed })
            this.#show = send
          } else if (frame.type === "records") {
            this.#take(frame.records)
            port.receive(encodeMessage({ type: "ack", seq: this.#takenSeq }))
          } else send(frame)
        },
        bufferedBytes: () => sink.bufferedBytes(),
        close: () => sink.close(),
      },
      caller,
    )
    return {
      get opened() {
        return port.opened
      },
      receive: (bytes) => {
        const request = decodeMessage(streamRequest, bytes, streamFrameBytes)
        if (request.type === "ack") return
        if (request.type === "open") after = request.after
        port.receive(request.type === "open" ? encodeMessage({ ...request, after: this.#takenSeq }) : bytes)
      },
      closed: () => {
        if (this.#show === send) this.#show = undefined
        port.closed()
      },
    }
  }

  /** Shows records that no member sent, or shows some again. Their orders are taken as they are. */
  inject(...records: readonly BodyRecord[]): void {
    const first = this.shown.length
    for (const record of records) this.shown.push({ ...record, seq: this.shown.length + 1 })
    if (this.shown.length > first) this.#show?.({ type: "records", records: this.shown.slice(first) })
  }

  /** From now on this group's true records are shown with orders that much higher: room was made or a hole closed. */
  shiftOrders(groupId: Uint8Array, by: number): void {
    this.#shifts.set(toHex(groupId), (this.#shifts.get(toHex(groupId)) ?? 0) + by)
  }

  /** The records of a group as shown so far. */
  of(groupId: Uint8Array): readonly BodyRecord[] {
    return this.shown.filter((record): record is BodyRecord => record.kind !== "gap" && toHex(record.groupId) === toHex(groupId))
  }

  #take(records: readonly MailboxRecord[]): void {
    for (const record of records) {
      if (record.seq <= this.#takenSeq) continue
      this.#takenSeq = record.seq
      if (record.kind === "gap") continue
      const tampered = this.tamper(record)
      const shift = this.#shifts.get(toHex(record.groupId)) ?? 0
      this.inject(...tampered.map((one) => ({ ...one, order: one.order + shift })))
    }
  }
}
