// A real server on a real socket and devices with encrypted stores in a folder of their own, for whole-system tests.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Database, type Device, type Network, type Ports, type Trace, createDevice, openDevice } from "@nodoor/client"
import { nodeNetwork, openNodePorts } from "@nodoor/client/node"
import { type RunningServer, startServer } from "@nodoor/server"
import { quickTokens } from "@nodoor/client/quick-tokens"

export interface Neighbourhood {
  readonly server: RunningServer
  /**
   * Registers a person. `through`: whose hands the device's network passes through, `disk`: what its store is on, also when it is opened
   * again. `store`: its name, if not the handle. `trace`: where what it does is written.
   */
  person(
    handle: string,
    options?: {
      readonly through?: (network: Network) => Network
      readonly disk?: (database: Database) => Database
      readonly store?: string
      readonly trace?: Trace
    },
  ): Promise<Device>
  /** Opens a store that is there. */
  open(store: string): Promise<Device>
  /** Copies a store that is not open, as a backup does. */
  copy(store: string, as: string): void
  /** Closes the device and opens its store anew. */
  again(handle: string, device: Device): Promise<Device>
  /** Stops the server and starts it on the same data and port. */
  restart(): Promise<void>
}

export async function withNeighbourhood(run: (at: Neighbourhood) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-sim-"))
  const start = (port: number): Promise<RunningServer> => startServer({ dataDir: join(folder, "server"), log: () => {}, port })
  let server = await start(0)
  const keys = new Map<string, Uint8Array>()
  const devices = new Set<Device>()
  const hands = new Map<string, Network>()
  const disks = new Map<string, (database: Database) => Database>()
  const traces = new Map<string, Trace>()
  const ports = async (handle: string): Promise<Ports> => {
    const key = keys.get(handle) ?? new Uint8Array(randomBytes(32))
    keys.set(handle, key)
    const opened = await openNodePorts({ path: join(folder, `${handle}.db`), key })
    const trace = traces.get(handle)
    return {
      ...opened,
      blindSignatures: quickTokens(opened.random),
      network: hands.get(handle) ?? opened.network,
      database: disks.get(handle)?.(opened.database) ?? opened.database,
      ...(trace && { trace }),
    }
  }
  const open = async (store: string): Promise<Device> => {
    const device = await openDevice(await ports(store))
    devices.add(device)
    return device
  }
  try {
    await run({
      server,
      person: async (handle, { through, disk, trace, store = handle } = {}) => {
        if (through) hands.set(store, through(nodeNetwork()))
        if (disk) disks.set(store, disk)
        if (trace) traces.set(store, trace)
        const device = await createDevice(await ports(store), {
          serverUrl: server.url,
          handle,
          name: `${handle} example`,
          deviceClass: "cli",
        })
        devices.add(device)
        assert.ok(await device.settled(10_000), `${handle} settles`)
        return device
      },
      open,
      copy: (store, as) => {
        for (const name of readdirSync(folder))
          if (name.startsWith(`${store}.db`)) copyFileSync(join(folder, name), join(folder, name.replace(store, as)))
        const key = keys.get(store)
        if (key) keys.set(as, key)
      },
      again: async (handle, device) => {
        await device.close()
        devices.delete(device)
        return await open(handle)
      },
      restart: async () => {
        const { port } = server
        await server.stop()
        server = await start(port)
      },
    })
  } finally {
    for (const device of devices) await device.close()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

/** Texts of the newest page of a chat, oldest first. */
export async function texts(device: Device, chatId: string): Promise<string[]> {
  const { messages } = await device.messages(chatId)
  return messages.flatMap((message) => (message.content.type === "text" ? [message.content.markdown] : []))
}

/** Kinds of the chat's events, oldest first. */
export async function events(device: Device, chatId: string): Promise<string[]> {
  const { messages } = await device.messages(chatId)
  return messages.flatMap((message) => (message.content.type === "event" ? [message.content.event.kind] : []))
}

/** Waits up to ten seconds, or as long as is said, for something to become true. */
export async function until(what: string, holds: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 25) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(`not in time: ${what}`)
}
