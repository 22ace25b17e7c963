// What a device does when there is much at once, with a real server in a process of its own: catching up, a burst of its own messages, and
// making a large group. The server's work is not in the processor times.

import { randomBytes } from "node:crypto"
import { mkdtempSync } from "node:fs"
import { join } from "node:path"
import { type Device, type Network, type Ports, createDevice, openDevice } from "@nodoor/client"
import { nodeNetwork, openNodePorts } from "@nodoor/client/node"
import type { Table } from "../section.ts"
import { startServerProcess } from "../server/server-process.ts"
import { registerBareAccount } from "./bare-account.ts"
import { type Counted, countedNetwork } from "./counted-network.ts"
import { incoming, pause, until } from "./waiting.ts"

export interface DeviceWork {
  readonly missed: number
  readonly burst: number
  readonly members: number
}

const text = "About as much as people write in one message; a little more than a line of it."
/** How long a device may take to draw its first tokens: it asks the server's log for their key first. */
const drawnWithinMs = 60_000
/** Messages that a person interface would hand over without waiting for each. */
const handedOverAtOnce = 50

export async function measureDevices(folder: string, work: DeviceWork, progress: (line: string) => void): Promise<Table> {
  const place = mkdtempSync(join(folder, "devices-"))
  const server = await startServerProcess(join(place, "server"))
  const rows: string[][] = []
  try {
    const devices = new Devices(place, server)
    progress(`a burst of ${work.burst} own messages`)
    const [alice, bob] = [await devices.create("alice"), await devices.create("bob")]
    const chatId = await openChat(alice, bob)
    const burst = await timed(async () => {
      const shown = incoming(bob, work.burst)
      await sendMany(alice, chatId, work.burst)
      await shown
    })
    rows.push([
      `burst of ${count(work.burst)} own messages, until the last is shown at the other device`,
      ...times(burst),
      `${count(work.burst / burst.tookS)}/s`,
      "≥ 500/s",
    ])

    progress(`${work.missed} messages while the device is closed`)
    await alice.settled(60_000)
    await bob.settled(60_000)
    await bob.close()
    const sent = await timed(async () => {
      await sendMany(alice, chatId, work.missed)
      if (!(await alice.settled(600_000))) throw new TypeError("not everything was sent")
    })
    rows.push([
      `sending ${count(work.missed)} messages, until the server has them`,
      ...times(sent),
      `${count(work.missed / sent.tookS)}/s`,
      "",
    ])
    await alice.close()
    progress("catching up")
    const back = await devices.ports("bob")
    const caughtUp = await timed(async () => {
      const device = await openDevice(back)
      await incoming(device, work.missed)
      return device
    })
    rows.push([
      `catching up on ${count(work.missed)} missed messages`,
      ...times(caughtUp),
      `${count(work.missed / caughtUp.tookS)}/s`,
      "≤ 6 s",
    ])
    // Receipts are delayed on purpose, and are not catching up.
    await caughtUp.result.settled(60_000)
    await caughtUp.result.close()

    progress(`a group of ${work.members}`)
    rows.push(await makeLargeGroup(devices, work.members))
    return {
      caption: "One device with much to do, in Node, a real server beside it",
      columns: ["", "time", "of it processor time", "rate", "goal"],
      rows,
    }
  } finally {
    await server.stop()
  }
}

async function makeLargeGroup(devices: Devices, members: number): Promise<string[]> {
  const handles = Array.from({ length: members - 1 }, (_, at) => `member-${at}`)
  for (const handle of handles) await registerBareAccount(devices.counted.network, devices.server, handle)
  const founder = await devices.create("founder")
  await founder.settled(60_000)
  devices.counted.take()
  const made = await timed(async () => {
    const contacts = await Promise.all(handles.map((handle) => founder.findContact(handle)))
    await founder.createGroup({ name: "Many", accountIds: contacts.map(({ accountId }) => accountId) })
    if (!(await founder.settled(600_000))) throw new TypeError("the group was not made")
  })
  const { requests, inARow } = devices.counted.take()
  await founder.close()
  const name = `a group of ${count(members)}: looking everybody up by handle, adding them, introducing them`
  return [name, ...times(made), `${count(requests)} requests, ${count(inARow)} of them in a row`, "≤ 4 s of work, ≤ 40 in a row"]
}

export class Devices {
  readonly server: { readonly serverUrl: string; readonly origin: string }
  readonly counted: Counted = countedNetwork(nodeNetwork())
  readonly #folder: string
  readonly #keys = new Map<string, Uint8Array>()
  #created = 0

  constructor(folder: string, { url, origin }: { readonly url: string; readonly origin: string }) {
    this.#folder = folder
    this.server = { serverUrl: url, origin }
  }

  /** `network`: around the counted one. */
  async create(handle: string, network?: Network): Promise<Device> {
    const { serverUrl } = this.server
    const device = await createDevice(await this.ports(handle, network), { serverUrl, handle, name: handle, deviceClass: "bot" })
    await device.settled(60_000)
    // What every new device does once is not charged to what is timed.
    this.#created++
    for (let waitedMs = 0; this.counted.drawn() < this.#created && waitedMs < drawnWithinMs; waitedMs += 50) await pause(50)
    await device.settled(60_000)
    return device
  }

  ports(handle: string, network: Network = this.counted.network): Promise<Ports> {
    const key = this.#keys.get(handle) ?? new Uint8Array(randomBytes(32))
    this.#keys.set(handle, key)
    return openNodePorts({ path: join(this.#folder, `${handle}.db`), key }, network)
  }
}

async function openChat(alice: Device, bob: Device): Promise<string> {
  const contact = await alice.findContact("bob")
  const { id } = await alice.openChat(contact.accountId)
  await alice.send(id, { text })
  await until(async () => (await bob.chats()).length > 0)
  await bob.acceptRequest(id)
  await bob.settled(60_000)
  await alice.settled(60_000)
  return id
}

export async function sendMany(device: Device, chatId: string, messages: number): Promise<void> {
  for (let at = 0; at < messages; at += handedOverAtOnce) {
    const some = Math.min(handedOverAtOnce, messages - at)
    await Promise.all(Array.from({ length: some }, () => device.send(chatId, { text })))
  }
}

async function timed<T>(run: () => Promise<T>): Promise<{ readonly tookS: number; readonly processorS: number; readonly result: T }> {
  const before = process.cpuUsage()
  const startMs = performance.now()
  const result = await run()
  const tookS = (performance.now() - startMs) / 1_000
  const { user, system } = process.cpuUsage(before)
  return { tookS, processorS: (user + system) / 1e6, result }
}

function times({ tookS, processorS }: { readonly tookS: number; readonly processorS: number }): [string, string] {
  return [`${tookS.toFixed(2)} s`, `${processorS.toFixed(2)} s`]
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en")
}
