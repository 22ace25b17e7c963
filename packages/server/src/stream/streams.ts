// All stream connections of this server: at most one per device. Placed records are announced here and reach connected devices at once.

import { fromHex, toHex } from "@nodoor/bytes"
import { callerOf } from "../core/address.ts"
import type { Announcer } from "./announcer.ts"
import { Connection } from "./connection.ts"
import { encodeFrame, recordParts } from "./frame.ts"
import type { StreamPort, StreamPorts, StreamSink } from "./port.ts"

const dropTexts = {
  unauthorized: "the device is no longer in its account",
  account_suspended: "the account was suspended",
  account_erased: "the account was erased",
} as const
export type DropReason = keyof typeof dropTexts

export interface Streams extends Announcer {
  connect(sink: StreamSink, caller: { readonly address: string }): StreamPort
  /** Ends the connections of devices that may not have any now. */
  drop(deviceIds: readonly Uint8Array[], reason: DropReason): void
  /** Ids of the devices that are connected. */
  devices(): readonly Uint8Array[]
  /** Devices connected. */
  count(): number
  close(): void
}

export function createStreams(ports: StreamPorts): Streams {
  const connected = new Map<string, Connection>()
  const all = new Set<Connection>()
  const pending = new Set<Connection>()
  let closing = false

  /** Once per turn of the event loop, each connection's records go out in one frame. */
  const flushLater = (connection: Connection): void => {
    pending.add(connection)
    if (pending.size > 1) return
    ports.turn(() => {
      const due = [...pending]
      pending.clear()
      for (const each of due) each.flush()
    })
  }

  const shared = {
    ...ports,
    flushLater,
    /** The newer connection of a device takes the place of the older one. */
    opened: (connection: Connection, deviceId: Uint8Array) => {
      const name = toHex(deviceId)
      connected.get(name)?.end("session_replaced", "another connection of this device took over")
      connected.set(name, connection)
      ports.meter?.streams(connected.size)
    },
    ended: (connection: Connection, deviceId: Uint8Array | undefined) => {
      all.delete(connection)
      pending.delete(connection)
      if (deviceId === undefined || connected.get(toHex(deviceId)) !== connection) return
      connected.delete(toHex(deviceId))
      ports.meter?.streams(connected.size)
    },
  }

  return {
    connect: (sink, { address }) => {
      const connection = new Connection(sink, shared)
      if (closing) connection.end("unavailable", "the server is stopping")
      else {
        all.add(connection)
        connection.guard(() => ports.rateLimit.take("stream", callerOf(address)))
      }
      return connection
    },
    posted: (recipients, record) => {
      if (connected.size === 0 || recipients.length === 0) return
      let parts: ReturnType<typeof recordParts> | undefined
      forEachRecipient(recipients, connected, (connection, seq) => {
        parts ??= recordParts({ kind: "post", seq, ...record, fanout: undefined, groupInfo: undefined })
        connection.offer(seq, parts)
      })
    },
    woken: (recipients) => forEachRecipient(recipients, connected, (connection) => connection.wake()),
    ephemeral: (mailboxes, message) => {
      const frame = encodeFrame({ type: "ephemeral", ...message })
      for (let at = 0; at < mailboxes.length; at += 16) connected.get(toHex(mailboxes.subarray(at, at + 16)))?.sendEphemeral(frame)
    },
    drop: (deviceIds, reason) => {
      for (const id of deviceIds) connected.get(toHex(id))?.end(reason, dropTexts[reason])
    },
    devices: () => [...connected.keys()].map(fromHex),
    count: () => connected.size,
    close: () => {
      closing = true
      for (const connection of all) connection.end("unavailable", "the server is stopping")
    },
  }
}

function forEachRecipient(
  recipients: Uint8Array,
  connected: ReadonlyMap<string, Connection>,
  visit: (connection: Connection, seq: number) => void,
): void {
  const view = new DataView(recipients.buffer, recipients.byteOffset, recipients.length)
  for (let at = 0; at < recipients.length; at += 24) {
    const connection = connected.get(toHex(recipients.subarray(at, at + 16)))
    if (connection !== undefined) visit(connection, Number(view.getBigUint64(at + 16)))
  }
}
