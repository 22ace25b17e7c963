// What the adversary shows a device of its groups. For each group it holds the true records with the adversary's changes; only their contents
// can give the changes away. The adversary tells devices apart by the address of their streams.

import { toHex } from "@nodoor/bytes"
import type { StreamPort, StreamSink } from "@nodoor/server"
import {
  type CommitRecord,
  type JoinRecord,
  type PostRecord,
  type ReadingAnswer,
  type ReadingRequest,
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

interface Group {
  readonly groupId: Uint8Array
  /** Everything that the device was ever shown. */
  readonly shown: ShownRecord[]
  /** Newest true record that was taken from the server. */
  takenOrder: number
  shift: number
  show: ((items: readonly ShownRecord[]) => void) | undefined
}

export class ShownGroups {
  tamper: Tampering = (record) => [record]
  readonly #groups = new Map<string, Group>()

  /** Sits between a reading stream of the device and the true server. */
  connect(connect: (sink: StreamSink) => StreamPort, sink: StreamSink, heard: (frame: Uint8Array) => void): StreamPort {
    const subscribed = new Map<number, { readonly group: Group; readonly after: number }>()
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
      const { group, after } = place
      const missed = group.shown.filter(({ order }) => order > after)
      const head = Math.max(0, ...group.shown.map(({ order }) => order))
      send([{ type: "subscribed", sub, head, acked: 0, epoch }, ...missed.map((record) => itemOf(record, sub))])
      group.show = (records) => send(records.map((record) => itemOf(record, sub)))
    }
    const answered = (item: ReadingAnswer): void => {
      if (!("sub" in item)) return send([item])
      const group = subscribed.get(item.sub)?.group
      if (item.type === "subscribed") return begin(item.sub, item.epoch)
      // A group that the adversary made up, and the true server does not know.
      if (item.type === "unsubscribed" && group && group.takenOrder === 0 && group.shown.length > 0) return begin(item.sub, 0)
      if (item.type === "unsubscribed") subscribed.delete(item.sub)
      if (!group || (item.type !== "post" && item.type !== "commit" && item.type !== "join")) return send([item])
      this.#take(group, recordOf(item, group.groupId))
      port.receive(encodeReadingRequest([{ type: "ack", sub: item.sub, order: group.takenOrder }]))
    }
    const asked = (item: ReadingRequest): readonly ReadingRequest[] => {
      if (item.type === "ack") return []
      if (item.type !== "subscribe") return [item]
      const group = this.#group(item.groupId)
      subscribed.set(item.sub, { group, after: item.after })
      return [{ ...item, after: group.takenOrder }]
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
        for (const { group } of subscribed.values()) group.show = undefined
        port.closed()
      },
    }
  }

  /** Shows records that no member sent, or shows some again. Their orders are taken as they are. */
  inject(...records: readonly ShownRecord[]): void {
    for (const record of records) {
      const group = this.#group(record.groupId)
      group.shown.push(record)
      group.show?.([record])
    }
  }

  /** From now on this group's true records are shown with orders that much higher: room was made or a hole closed. */
  shiftOrders(groupId: Uint8Array, by: number): void {
    this.#group(groupId).shift += by
  }

  /** The records of a group as shown so far. */
  of(groupId: Uint8Array): readonly ShownRecord[] {
    return this.#group(groupId).shown
  }

  #take(group: Group, record: ShownRecord): void {
    if (record.order <= group.takenOrder) return
    group.takenOrder = record.order
    const tampered = this.tamper(record)
    this.inject(...tampered.map((one) => ({ ...one, order: one.order + group.shift })))
  }

  #group(groupId: Uint8Array): Group {
    const known = this.#groups.get(toHex(groupId)) ?? { groupId, shown: [], takenOrder: 0, shift: 0, show: undefined }
    this.#groups.set(toHex(groupId), known)
    return known
  }
}

function recordOf({ sub: _sub, ...item }: PostRecord | CommitRecord | JoinRecord, groupId: Uint8Array): ShownRecord {
  return { ...item, groupId }
}

function itemOf({ groupId: _groupId, ...record }: ShownRecord, sub: number): PostRecord | CommitRecord | JoinRecord {
  return { ...record, sub }
}
