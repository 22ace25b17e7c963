import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { type Device, type Network, createDevice } from "@nodoor/client"
import { decodePostingRequest } from "@nodoor/wire/delivery"
import { registerBareAccount } from "./client/bare-account.ts"
import { loopback, openPorts, openServer, origin, serverUrl } from "./client/loopback.ts"
import { run } from "./renewal.ts"

test(
  "a tiny run of the model of new keys fills its table, with about one commit for each device and day of use",
  { timeout: 60_000 },
  async () => {
    const [table] = (await run({ tiny: true, progress: () => {} })).tables
    assert.equal(table?.rows.length, 2)
    for (const [, perDay] of table?.rows ?? []) assert.ok(Number(perDay) > 0.3 && Number(perDay) < 1.5, String(perDay))
  },
)

interface Note {
  readonly type: "post" | "commit"
  readonly sizeBytes: number
}

/** What a device posts to groups, in order, and how large. */
function noting(network: Network, notes: Note[]): Network {
  return {
    ...network,
    openStream: (hostUrl, kind, handlers) => {
      const stream = network.openStream(hostUrl, kind, handlers)
      if (kind !== "posting") return stream
      return {
        ...stream,
        send: (frame) => {
          for (const item of decodePostingRequest(frame)) {
            if (item.type === "post" && item.flags === 0) notes.push({ type: "post", sizeBytes: item.body.length })
            if (item.type === "commit") notes.push({ type: "commit", sizeBytes: item.commit.length })
          }
          stream.send(frame)
        },
      }
    },
  }
}

test("In a new large group the first message does not wait for new keys that are large; they follow it", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-renewal-"))
  const devices: Device[] = []
  try {
    const delivery = await openServer(folder)
    const notes: Note[] = []
    const open = async (handle: string): Promise<Device> => {
      const ports = await openPorts(delivery, folder, handle)
      const network = handle === "receiver" ? noting(ports.network, notes) : ports.network
      const device = await createDevice({ ...ports, network }, { serverUrl, handle, name: handle, deviceClass: "bot" })
      devices.push(device)
      await device.settled(30_000)
      return device
    }
    const [sender, receiver] = [await open("sender"), await open("receiver")]
    const others = Array.from({ length: 78 }, (_, at) => `other-${at}`)
    for (const handle of others) await registerBareAccount(loopback(delivery), { serverUrl, origin }, handle)
    const accountIds: string[] = []
    for (const handle of ["receiver", ...others]) accountIds.push((await sender.findContact(handle)).accountId)
    const chat = await sender.createGroup({ name: "Large", accountIds })
    await sender.settled(30_000)
    while ((await receiver.chats()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await receiver.acceptRequest(chat.id)
    await receiver.settled(30_000)
    assert.deepEqual(
      notes.map(({ type }) => type),
      ["post"],
      "what a device sends by itself waits for nothing there",
    )
    await receiver.send(chat.id, { text: "hello everybody" })
    await receiver.settled(30_000)
    assert.deepEqual(
      notes.map(({ type }) => type),
      ["post", "post", "commit"],
    )
    assert.ok((notes.at(-1)?.sizeBytes ?? 0) > 65_536)
    await receiver.send(chat.id, { text: "again" })
    await receiver.settled(30_000)
    assert.equal(notes.at(-1)?.type, "post", "and not with every message")
  } finally {
    for (const device of devices) await device.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
