// What the adversary shows a device of its groups. For each seat it holds the true records with the adversary's changes; only their contents
// can give the changes away. The adversary tells devices apart by the address of their streams.

import { toHex } from "@nodoor/bytes"
import type { FramePort, FrameSink } from "@nodoor/server"
import {
  type CommitRecord,
  type JoinRecord,
  type PostRecord,
  type ReadingAnswer,
  type ReadingRequest,
  type RejoinRequest,
  decodeReadingAnswer,
  decodeReadingRequest,
  encodeReadingAnswer,
  encodeReadingRequest,
} from "@nodoor/wire/delivery"

type Shown<Item> = Omit<Item, "sub"> & { readonly groupId: Uint8Array }
export type ShownRecord = Shown<PostRecord> | Shown<CommitRecord> | Shown<JoinRecord>
/** What becomes of one true record: it, others, several, or nothing. */
export type Tampering = (record: ShownRecord) => readonly ShownRecord[]

/** The MLS message in a record. */
export function bodyOf(record: ShownRecord): Uint8Array {
  return record.type === "post" ? record.body : record.commit
}

/** A group's log as it is shown at one seat. */
interface Log {
  readonly groupId: Uint8Array
  /** Undefined: nobody has subscribed. The adversary made it up. */
  seat: string | undefined
  /** Everything that the device was ever shown. */
  readonly shown: ShownRecord[]
  /** Newest true record that was taken from the server. */
  takenOrder: number
  shift: number
  show: ((items: readonly ShownRecord[]) => void) | undefined
  /** Says that another seat asks to be let in again. */
  ask: ((request: Asked) => void) | undefined
}

export type Asked = Omit<RejoinRequest, "type" | "sub">

export class ShownGroups {
  tamper: Tampering = (record) => [record]
  /** Whether the adversary goes on where the true server says that there is no such seat. */
  pretends = false
  readonly #logs: Log[] = []

  /** Sits between a reading stream of the device and the true server. */
  connect(connect: (sink: FrameSink) => FramePort, sink: FrameSink, heard: (frame: Uint8Array) => void): FramePort {
    const subscribed = new Map<number, { readonly log: Log; readonly after: number }>()
    const send = (items: readonly ReadingAnswer[]): void => {
      if (items.length === 0) return
      const frame = encodeReadingAnswer(items)
      heard(frame)
      sink.send(frame, () => {})
    }
    /** From here on the group's records go to this stream, beginning with those after its cursor. */
    const begin = (sub: number, epoch: number): void => {
      const place = subscribed.get(sub)
      if (!place) return
      const { log, after } = place
      const missed = log.shown.filter(({ order }) => order > after || this.pretends)
      const head = Math.max(0, ...log.shown.map(({ order }) => order))
      send([{ type: "subscribed", sub, head, acked: 0, epoch }, ...missed.map((record) => itemOf(record, sub))])
      log.show = (records) => send(records.map((record) => itemOf(record, sub)))
      log.ask = (request) => send([{ type: "rejoin", sub, ...request }])
    }
    const answered = (item: ReadingAnswer): void => {
      if (!("sub" in item)) return send([item])
      const log = subscribed.get(item.sub)?.log
      if (item.type === "subscribed") return begin(item.sub, item.epoch)
      // A group that the adversary made up, and the true server does not know.
      const isMadeUp = log !== undefined && log.shown.length > 0 && (log.takenOrder === 0 || this.pretends)
      if (item.type === "unsubscribed" && isMadeUp && item.code !== "seat_taken") return begin(item.sub, 0)
      if (item.type === "unsubscribed") subscribed.delete(item.sub)
      if (!log || (item.type !== "post" && item.type !== "commit" && item.type !== "join")) return send([item])
      this.#take(log, recordOf(item, log.groupId))
      port.receive(encodeReadingRequest([{ type: "ack", sub: item.sub, order: log.takenOrder }]))
    }
    const asked = (item: ReadingRequest): readonly ReadingRequest[] => {
      if (item.type === "ack") return []
      if (item.type !== "subscribe") return [item]
      const log = this.#logAt(item.groupId, toHex(item.seat))
      subscribed.set(item.sub, { log, after: item.after })
      return [{ ...item, after: log.takenOrder }]
    }
    const port = connect({
      send: (frame, sent) => {
        sent()
        for (const item of decodeReadingAnswer(frame)) answered(item)
      },
      bufferedBytes: () => sink.bufferedBytes(),
      close: () => sink.close(),
    })
    return {
      get opened() {
        return port.opened
      },
      receive: (frame) => {
        const items = decodeReadingRequest(frame).flatMap(asked)
        if (items.length > 0) port.receive(encodeReadingRequest(items))
      },
      closed: () => {
        for (const { log } of subscribed.values()) log.show = log.ask = undefined
        port.closed()
      },
    }
  }

  /** Says that the reader of a seat asks to be let in again. */
  ask(groupId: Uint8Array, request: Asked): void {
    this.#log(groupId).ask?.(request)
  }

  /** Shows records that no member sent, or shows some again. Their orders are taken as they are. */
  inject(...records: readonly ShownRecord[]): void {
    for (const record of records) show(this.#log(record.groupId), record)
  }

  /** From now on this group's true records are shown with orders that much higher: room was made or a hole closed. */
  shiftOrders(groupId: Uint8Array, by: number): void {
    this.#log(groupId).shift += by
  }

  /** Ids of the groups that the device reads, as hex. */
  get groups(): readonly string[] {
    return [...new Set(this.#logs.map(({ groupId }) => toHex(groupId)))]
  }

  /** The records of a group as shown so far at its newest seat. */
  of(groupId: Uint8Array): readonly ShownRecord[] {
    return this.#log(groupId).shown
  }

  #take(log: Log, record: ShownRecord): void {
    if (record.order <= log.takenOrder) return
    log.takenOrder = record.order
    for (const one of this.tamper(record)) show(log, { ...one, order: one.order + log.shift })
  }

  /** The log of the group at the seat that it was last read at. */
  #log(groupId: Uint8Array): Log {
    return this.#logs.findLast((log) => toHex(log.groupId) === toHex(groupId)) ?? this.#begin(groupId, undefined)
  }

  #logAt(groupId: Uint8Array, seat: string): Log {
    const known = this.#logs.find((log) => toHex(log.groupId) === toHex(groupId) && (log.seat === seat || log.seat === undefined))
    if (known) known.seat = seat
    return known ?? this.#begin(groupId, seat)
  }

  #begin(groupId: Uint8Array, seat: string | undefined): Log {
    const log: Log = { groupId, seat, shown: [], takenOrder: 0, shift: 0, show: undefined, ask: undefined }
    this.#logs.push(log)
    return log
  }
}

function show(log: Log, record: ShownRecord): void {
  log.shown.push(record)
  log.show?.([record])
}

function recordOf({ sub: _sub, ...item }: PostRecord | CommitRecord | JoinRecord, groupId: Uint8Array): ShownRecord {
  return { ...item, groupId }
}

function itemOf({ groupId: _groupId, ...record }: ShownRecord, sub: number): PostRecord | CommitRecord | JoinRecord {
  return { ...record, sub }
}
