// What a person's screens cost on a store as it is after years: the time, and the reads of the database.

import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { type Database, NetworkError, type Ports, createDevice, openDevice } from "@nodoor/client"
import { type LargeStore, fillStore, searched, seeded } from "@nodoor/client/fixtures"
import { nodePorts, openDatabase } from "@nodoor/client/node"
import { nodeProvider } from "@nodoor/mls/node"
import { formatTiming, measureInTurn } from "../measurement.ts"
import type { Table } from "../section.ts"
import { loopback, openServer } from "./loopback.ts"

export async function measureViews(folder: string, { tiny }: { readonly tiny: boolean }): Promise<Table> {
  const size: LargeStore = tiny ? { chats: 8, messages: 400 } : { chats: 200, messages: 100_000 }
  const path = join(folder, "large.db")
  const key = new Uint8Array(randomBytes(32))
  const server = await openServer(folder)
  const first = await openDatabase({ path, key })
  const made = await createDevice(
    { ...nodePorts(first), network: loopback(server) },
    { serverUrl: "https://bench.example", handle: "reader", name: "Reader", deviceClass: "bot" },
  )
  await made.settled(60_000)
  await made.close()
  const filling = await openDatabase({ path, key })
  await fillStore(filling, { crypto: nodeProvider, chance: seeded(200) }, size)
  await filling.close()

  const counted = counting(await openDatabase({ path, key }))
  const device = await openDevice({ ...nodePorts(counted.database), network: unreachable })
  const chats = await device.chats()
  const [dm, group] = [chats.find(({ kind }) => kind === "dm"), chats.find(({ kind }) => kind === "group")]
  if (!dm || !group) throw new TypeError("the store has chats of both kinds")
  const looks: readonly (readonly [name: string, look: () => Promise<unknown>])[] = [
    [`list of ${size.chats} chats`, () => device.chats()],
    ["one chat", () => device.chat(group.id)],
    ["page of 60 messages, two people", () => device.messages(dm.id, { limit: 60 })],
    ["page of 60 messages, group of eight", () => device.messages(group.id, { limit: 60 })],
    ["page of 60 in the middle, group of eight", () => device.messages(group.id, { limit: 60, before: size.messages / size.chats / 2 })],
    ["members of the group", () => device.members(group.id)],
    ["contacts", () => device.contacts()],
    [`search, 50 of ${size.messages / 100} matches`, () => device.search(searched.common)],
    ["search, two letters", () => device.search("ze")],
  ]
  const timings = await measureInTurn(
    looks.map(([name, run]) => ({ name, run })),
    { count: tiny ? 2 : 40, maxMs: 20_000, warmUps: tiny ? 1 : 3 },
  )
  const rows: string[][] = []
  for (const [name, look] of looks) rows.push([name, formatTiming(timings.get(name)), String(await counted.during(look))])
  await device.close()
  rows.push(["list of chats, the device just opened", formatTiming(await coldList(path, key)), ""])
  return {
    caption: `Screens on a store of ${size.chats} chats and ${size.messages.toLocaleString("en")} messages`,
    columns: ["", "time", "reads of the database"],
    rows,
  }
}

/** Nothing of the store is in this process's memory yet. */
async function coldList(path: string, key: Uint8Array): Promise<Parameters<typeof formatTiming>[0]> {
  const device = await openDevice({ ...nodePorts(await openDatabase({ path, key })), network: unreachable })
  const startMs = performance.now()
  await device.chats()
  const tookUs = (performance.now() - startMs) * 1000
  await device.close()
  return { medianUs: tookUs, p5Us: tookUs, p95Us: tookUs, count: 1 }
}

function counting(database: Database): { readonly database: Database; during(work: () => Promise<unknown>): Promise<number> } {
  let reads = 0
  return {
    database: {
      read: (sql, values) => {
        reads++
        return database.read(sql, values)
      },
      readAfter: (statements, sql, values) => {
        reads++
        return database.readAfter(statements, sql, values)
      },
      commit: (statements) => database.commit(statements),
      rollback: () => database.rollback(),
      close: () => database.close(),
    },
    during: async (work) => {
      const before = reads
      await work()
      return reads - before
    },
  }
}

const unreachable: Ports["network"] = {
  call: () => Promise.reject(new NetworkError("the bench has no network", { maybeDone: false })),
  file: () => Promise.reject(new NetworkError("the bench has no network", { maybeDone: false })),
  blob: () => Promise.reject(new NetworkError("the bench has no network", { maybeDone: false })),
  openStream: (_hostUrl, _kind, handlers) => {
    setTimeout(() => handlers.closed(), 0)
    return { send: () => undefined, close: () => undefined }
  },
}
