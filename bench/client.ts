// The whole path of a message at the SDK: encode, pad, encrypt, sign, save; and back: take in, decrypt, check, save, show.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Device, createDevice } from "@nodoor/client"
import { registerBareAccount } from "./client/bare-account.ts"
import { loopback, openPorts, openServer, origin, serverUrl } from "./client/loopback.ts"
import { measureDevices } from "./client/devices.ts"
import { type CatchingUp, measureCatchingUp } from "./client/chromium-catching-up.ts"
import { measureScreens } from "./client/chromium-views.ts"
import { measureViews } from "./client/views.ts"
import { heard, incoming, until } from "./client/waiting.ts"
import { type Timing, formatBytes, formatTiming, measureInTurn } from "./measurement.ts"
import type { BenchOptions, Section, Table } from "./section.ts"

interface Pair {
  readonly sender: Device
  readonly receiver: Device
  readonly chatId: string
}

const text = "About as much as people write in one message; a little more than a line of it."

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const sizes = tiny ? [2, 4] : [2, 256]
  const folder = mkdtempSync(join(tmpdir(), "nodoor-bench-"))
  const rows: string[][] = []
  let views: Table
  let devices: Table
  let screens: Table | undefined
  try {
    progress("a store of many chats")
    views = await measureViews(folder, { tiny })
    devices = await measureDevices(
      folder,
      tiny ? { missed: 30, burst: 20, members: 6 } : { missed: 10_000, burst: 1_000, members: 1_000 },
      progress,
    )
    progress(tiny ? "no browser in a tiny run" : "the web app on that store, in Chromium")
    const caughtUp = tiny ? undefined : await measureCatchingUp(10_000)
    if (caughtUp) devices = { ...devices, rows: [...devices.rows, rowOf(caughtUp)] }
    screens = tiny ? undefined : await tableOfScreens()
    for (const size of sizes) {
      progress(`a group of ${size}`)
      const pair = await makePair(join(folder), size)
      const timings = await measurePair(pair, tiny)
      progress(`a burst in the group of ${size}`)
      const perSecond = await burst(pair, tiny ? 10 : 300)
      rows.push([
        `${size} members`,
        formatTiming(timings.get("stored")),
        formatTiming(timings.get("sent")),
        formatTiming(timings.get("shown")),
        Math.round(perSecond).toLocaleString("en"),
      ])
      await pair.sender.close()
      await pair.receiver.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return {
    title: "The SDK: whole path of a message",
    tables: [
      {
        caption: "One message of 78 bytes, device to device",
        columns: [
          "",
          "`send` resolves: stored, shown as queued",
          "the server has answered: shown as sent",
          "shown at the other device, stored there",
          "messages per second in a burst of 300, until the last is shown",
        ],
        rows,
      },
      devices,
      views,
      ...(screens ? [screens] : []),
    ],
    notes: [
      "Both devices and the server's core run in one process on one event loop without a network between them, each with its own SQLite file with full durability, the devices' encrypted. Times therefore add up the work of all three. Every figure counts from the call of `send`. The receiver also sends delivery receipts, which the sender takes in, in the same time.",
    ],
  }
}

function rowOf({ version, tookS, messages }: CatchingUp): string[] {
  const name = `the same ${messages.toLocaleString("en")} in Chromium ${version.split(".")[0]}, from opening the page`
  return [name, `${tookS.toFixed(2)} s`, "–", `${Math.round(messages / tookS).toLocaleString("en")}/s`, "≤ 10 s"]
}

/** Undefined where there is no Chromium. */
async function tableOfScreens(): Promise<Table | undefined> {
  const size = { chats: 200, messages: 100_000 }
  const figures = await measureScreens(size)
  if (!figures) return undefined
  const { list, chat, search, startBytes, endBytes, version } = figures
  return {
    caption: `The web app in Chromium ${version} on a store of ${size.chats} chats and ${size.messages.toLocaleString("en")} messages`,
    columns: ["", "time"],
    rows: [
      ["from opening the page to the list", formatTiming(list)],
      ["to open a chat", formatTiming(chat)],
      ["to show a search", formatTiming(search)],
      ["memory of page and worker with the list", formatBytes(startBytes)],
      ["memory after all looks", formatBytes(endBytes)],
    ],
  }
}

async function makePair(folder: string, size: number): Promise<Pair> {
  const place = mkdtempSync(join(folder, "group-"))
  const delivery = await openServer(place)
  const device = async (handle: string): Promise<Device> => {
    const made = await createDevice(await openPorts(delivery, place, handle), {
      serverUrl: "https://bench.example",
      handle,
      name: handle,
      deviceClass: "bot",
    })
    await made.settled(60_000)
    return made
  }
  const sender = await device("sender")
  const receiver = await device("receiver")
  const others = Array.from({ length: size - 2 }, (_, i) => `other-${i}`)
  for (const handle of others) await registerBareAccount(loopback(delivery), { serverUrl, origin }, handle)
  const accountIds: string[] = []
  for (const handle of ["receiver", ...others]) accountIds.push((await sender.findContact(handle)).accountId)
  const chat = await sender.createGroup({ name: "Bench", accountIds })
  await sender.settled(120_000)
  await until(async () => (await receiver.chats()).length > 0)
  await receiver.acceptRequest(chat.id)
  await receiver.settled(60_000)
  await sender.settled(60_000)
  return { sender, receiver, chatId: chat.id }
}

async function measurePair(pair: Pair, tiny: boolean): Promise<ReadonlyMap<string, Timing>> {
  const { sender, receiver, chatId } = pair
  return await measureInTurn(
    [
      { name: "stored", before: () => rest(pair), run: () => sender.send(chatId, { text }) },
      {
        name: "sent",
        before: () => rest(pair),
        run: async () => {
          const sent = heard(sender, (event) => event.type === "chat" && event.messages.some(({ status }) => status !== "queued"))
          await sender.send(chatId, { text })
          await sent
        },
      },
      {
        name: "shown",
        before: () => rest(pair),
        run: async () => {
          const shown = incoming(receiver, 1)
          await sender.send(chatId, { text })
          await shown
        },
      },
    ],
    { count: tiny ? 3 : 40, maxMs: 10_000, warmUps: tiny ? 1 : 5 },
  )
}

async function burst({ sender, receiver, chatId }: Pair, count: number): Promise<number> {
  const startMs = performance.now()
  const shown = incoming(receiver, count)
  for (let i = 0; i < count; i++) await sender.send(chatId, { text })
  await shown
  return (count * 1000) / (performance.now() - startMs)
}

/** What went before, receipts included, is not charged to what comes next. */
async function rest({ sender, receiver }: Pair): Promise<void> {
  await receiver.settled(10_000)
  await sender.settled(10_000)
}
