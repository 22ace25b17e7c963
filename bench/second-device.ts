// What a second device of an account costs, and how soon it knows what its person did on the first: real devices, and a real server in a process
// of its own.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Device, type Network, openDevice } from "@nodoor/client"
import { Devices } from "./client/devices.ts"
import { linked } from "./client/linking.ts"
import { heard, pause, until } from "./client/waiting.ts"
import { formatBytes, formatTiming, measureInTurn } from "./measurement.ts"
import type { BenchOptions, Section } from "./section.ts"
import { startServerProcess } from "./server/server-process.ts"

const text = "About as much as people write in one message; a little more than a line of it."
const settleMs = 60_000

interface Cost {
  readonly sentBytes: number
  readonly receivedBytes: number
  readonly processorMs: number
}

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-second-"))
  const server = await startServerProcess(join(folder, "server"))
  try {
    const devices = new Devices(folder, server)
    const streams = countedStreams(devices.counted.network)
    const messages = tiny ? 5 : 300
    progress("two people")
    const [alice, bob] = [await devices.create("alice", streams.network), await devices.create("bob", streams.network)]
    const { accountId } = await alice.findContact("bob")
    const { id: chatId } = await alice.openChat(accountId)
    await alice.send(chatId, { text })
    await until(async () => (await bob.chats()).length > 0)
    await bob.acceptRequest(chatId)
    const all = [alice, bob]
    progress(`${messages} messages to one device`)
    const one = await costOf(all, bob, { chatId, messages, streams })
    progress("a second device")
    const second = await openDevice(await linked(devices, alice, { name: "second", network: streams.network }))
    await until(async () => (await second.chats()).some(({ id }) => id === chatId))
    all.push(second)
    progress(`${messages} messages to two devices`)
    const two = await costOf(all, bob, { chatId, messages, streams })
    progress("reading on one of two")
    const read = await readingTime({ bob, alice, second, chatId, count: tiny ? 3 : 200 })
    for (const device of all) await device.close()
    const per = (cost: Cost): string[] => [
      formatBytes(Math.round(cost.sentBytes / messages)),
      formatBytes(Math.round(cost.receivedBytes / messages)),
      `${(cost.processorMs / messages).toFixed(2)} ms`,
    ]
    return {
      title: "A second device",
      tables: [
        {
          caption: "One message of 78 bytes from somebody with one device",
          columns: ["", "sent on streams", "received on streams", "processor time of all devices"],
          rows: [
            ["to an account with one device", ...per(one)],
            ["to an account with two", ...per(two)],
          ],
        },
        {
          caption: "Reading",
          columns: ["", "time"],
          rows: [["from `markRead` on one device until the other shows the chat as read", formatTiming(read)]],
        },
      ],
      notes: [
        "All devices run in one process, the server in another on the same machine; stores are encrypted and durable. Bytes are those of frames, receipts and acknowledgements included, before TLS.",
      ],
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of messages that are sent one after the other, until everybody has them and has said so. */
async function costOf(
  devices: readonly Device[],
  sender: Device,
  { chatId, messages, streams }: { readonly chatId: string; readonly messages: number; readonly streams: CountedStreams },
): Promise<Cost> {
  for (const device of devices) await device.settled(settleMs)
  // Deliveries that are still being acknowledged.
  await pause(3_000)
  const before = process.cpuUsage()
  streams.take()
  for (let nth = 0; nth < messages; nth++) {
    const { id } = await sender.send(chatId, { text })
    for (const device of devices) await until(async () => (await device.messagesById(chatId, [id])).length > 0)
  }
  for (const device of devices) await device.settled(settleMs)
  await pause(3_000)
  const { user, system } = process.cpuUsage(before)
  return { ...streams.take(), processorMs: (user + system) / 1_000 }
}

async function readingTime(home: {
  readonly bob: Device
  readonly alice: Device
  readonly second: Device
  readonly chatId: string
  readonly count: number
}): Promise<Parameters<typeof formatTiming>[0]> {
  const { bob, alice, second, chatId, count } = home
  let newest = ""
  const timings = await measureInTurn(
    [
      {
        name: "read",
        before: async () => {
          newest = (await bob.send(chatId, { text })).id
          for (const device of [alice, second])
            await until(async () => (await device.messagesById(chatId, [newest])).length > 0 && (await device.chat(chatId)).unreadCount > 0)
          await pause(50)
        },
        run: async () => {
          const shown = heard(second, (event) => event.type === "chat" && event.id === chatId && event.chat?.unreadCount === 0)
          await alice.markRead(chatId, newest)
          await shown
        },
      },
    ],
    { count, maxMs: 120_000, warmUps: count > 10 ? 5 : 0 },
  )
  return timings.get("read")
}

interface CountedStreams {
  readonly network: Network
  /** Bytes of frames since the last call of it. */
  take(): { readonly sentBytes: number; readonly receivedBytes: number }
}

function countedStreams(network: Network): CountedStreams {
  let [sentBytes, receivedBytes] = [0, 0]
  const openStream: Network["openStream"] = (hostUrl, kind, handlers, ...more) => {
    const stream = network.openStream(
      hostUrl,
      kind,
      {
        ...handlers,
        opened: () => handlers.opened(),
        closed: () => handlers.closed(),
        frame: (frame) => {
          receivedBytes += frame.length
          handlers.frame(frame)
        },
      },
      ...more,
    )
    return {
      ...stream,
      send: (frame) => {
        sentBytes += frame.length
        stream.send(frame)
      },
      close: () => stream.close(),
    }
  }
  return {
    network: { ...network, openStream },
    take: () => {
      const counted = { sentBytes, receivedBytes }
      sentBytes = receivedBytes = 0
      return counted
    },
  }
}
