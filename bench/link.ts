// Linking a device to an account with years of messages: how soon it shows the first chats, and how soon it has everything.

import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Device, openDevice } from "@nodoor/client"
import { fillStore, seeded } from "@nodoor/client/fixtures"
import { registerBareAccount } from "./client/bare-account.ts"
import { Devices } from "./client/devices.ts"
import { linked } from "./client/linking.ts"
import { heard, until } from "./client/waiting.ts"
import type { BenchOptions, Section } from "./section.ts"
import { startServerProcess } from "./server/server-process.ts"

const settleMs = 120_000
const lookMs = 20
/** Groups that the device is in, and chats that it shows; one of each is that of the own devices. */
const groupsIn = "SELECT COUNT(*) AS n FROM mls_record WHERE key = 'epoch'"
const chatsThere = "SELECT COUNT(*) AS n FROM chat"

export async function run({ tiny, progress }: BenchOptions): Promise<Section> {
  const size = tiny ? { chats: 5, messages: 500, present: 2 } : { chats: 150, messages: 50_000, present: 20 }
  const stored = Math.floor(size.messages / size.chats) * size.chats
  const folder = mkdtempSync(join(tmpdir(), "nodoor-link-"))
  const server = await startServerProcess(join(folder, "server"))
  try {
    const devices = new Devices(folder, server)
    progress(`${stored} messages in ${size.chats} chats`)
    const first = await filled(devices, size)
    progress("linking")
    const times = await timed(devices, first, { present: size.present, stored })
    await first.close()
    const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`
    return {
      title: "Linking a device",
      tables: [
        {
          caption: `A second device for an account with ${stored.toLocaleString("en")} messages in ${size.chats} chats, a tenth of them with the keys of media, and ${size.present} chats that go on`,
          columns: ["from the code until", "time", "goal"],
          rows: [
            ["the account's log lists it", seconds(times.listed), ""],
            [`it is in the ${size.present} chats that go on`, seconds(times.inGroups), ""],
            ["it shows the first of the old chats", seconds(times.firstChat), ""],
            ["it has every message", seconds(times.everything), "≤ 60 s"],
            ["it finds all of them by their words", seconds(times.searchable), ""],
            ["processor time of both devices until then", seconds(times.processorMs), ""],
          ],
        },
      ],
      notes: [
        "Once. Both devices run in one process, the server in another on the same machine; stores are encrypted and durable. The person chooses the number without thinking about it. The messages are rows that were written into the first device's store, in chats that have ended there; the chats that go on are groups of two on the server.",
      ],
    }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function filled(
  devices: Devices,
  { chats, messages, present }: { readonly chats: number; readonly messages: number; readonly present: number },
): Promise<Device> {
  const made = await devices.create("alice")
  await made.close()
  const ports = await devices.ports("alice")
  await fillStore(ports.database, { crypto: ports.crypto, chance: seeded(1) }, { chats, messages })
  await ports.database.commit([
    // Nobody else knows these groups, and their states are on no device.
    { sql: "UPDATE mls_group SET status = 'left' WHERE group_id NOT IN (SELECT group_id FROM mls_record)", values: [] },
    {
      sql: "INSERT INTO part (message_row, number, kind, text, data) SELECT row, 1, 'image', 'photo.jpg', randomblob(32) FROM message WHERE position % 10 = 3",
      values: [],
    },
  ])
  const device = await openDevice(ports)
  for (let nth = 0; nth < present; nth++) {
    const handle = `other-${nth}`
    await registerBareAccount(devices.counted.network, devices.server, handle)
    const { id } = await device.openChat((await device.findContact(handle)).accountId)
    await device.send(id, { text: "That goes on." })
  }
  if (!(await device.settled(settleMs))) throw new TypeError("the first device does not settle")
  return device
}

interface Times {
  readonly listed: number
  readonly inGroups: number
  readonly firstChat: number
  readonly everything: number
  readonly searchable: number
  readonly processorMs: number
}

async function timed(
  devices: Devices,
  first: Device,
  { present, stored }: { readonly present: number; readonly stored: number },
): Promise<Times> {
  const before = process.cpuUsage()
  const startMs = performance.now()
  const now = (): number => performance.now() - startMs
  const ports = await linked(devices, first, { name: "second" })
  const listed = now()
  const count = async (sql: string): Promise<number> => Number((await ports.database.read(sql))[0]?.["n"])
  const device = await openDevice(ports)
  const done = heard(device, (event) => event.type === "link" && event.link.step === "done").then(now)
  await until(async () => (await count(groupsIn)) > present, lookMs)
  const inGroups = now()
  await until(async () => (await count(chatsThere)) > present + 1, lookMs)
  const firstChat = now()
  const everything = await done
  const missing = stored - (await count("SELECT COUNT(*) AS n FROM message WHERE kind = 'content'"))
  if (missing > 0) throw new TypeError(`${missing} messages did not come`)
  await until(async () => (await count("SELECT COUNT(*) AS n FROM search_due")) === 0, 100)
  const { user, system } = process.cpuUsage(before)
  const times = { listed, inGroups, firstChat, everything, searchable: now(), processorMs: (user + system) / 1_000 }
  await device.close()
  return times
}
