import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { type Device, createDevice, openDevice } from "@nodoor/client"
import { openNodePorts } from "@nodoor/client/node"
import { type RunningServer, startServer } from "@nodoor/server"

/** A real server and devices with encrypted stores in a folder of their own. */
async function withServer(
  run: (at: {
    readonly server: RunningServer
    person(handle: string): Promise<Device>
    again(handle: string, device: Device): Promise<Device>
  }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-sim-"))
  const server = await startServer({ dataDir: join(folder, "server"), log: () => {} })
  const keys = new Map<string, Uint8Array>()
  const devices = new Set<Device>()
  const ports = (handle: string): ReturnType<typeof openNodePorts> => {
    const key = keys.get(handle) ?? new Uint8Array(randomBytes(32))
    keys.set(handle, key)
    return openNodePorts({ path: join(folder, `${handle}.db`), key })
  }
  try {
    await run({
      server,
      person: async (handle) => {
        const device = await createDevice(await ports(handle), {
          serverUrl: server.url,
          handle,
          name: `${handle} example`,
          deviceClass: "cli",
        })
        devices.add(device)
        assert.ok(await device.settled(10_000), `${handle} settles`)
        return device
      },
      again: async (handle, device) => {
        await device.close()
        devices.delete(device)
        const opened = await openDevice(await ports(handle))
        devices.add(opened)
        return opened
      },
    })
  } finally {
    for (const device of devices) await device.close()
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

async function texts(device: Device, chatId: string): Promise<string[]> {
  const { messages } = await device.messages(chatId)
  return messages.flatMap((message) => (message.content.type === "text" ? [message.content.markdown] : []))
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(`not in time: ${what}`)
}

test("Two people talk: a first message is a request, and once accepted names and receipts go back", () =>
  withServer(async ({ person, again }) => {
    const alice = await person("alice")
    let bob = await person("bob")
    const contact = await alice.findContact("@bob")
    const chat = await alice.openChat(contact.accountId)
    const sent = await alice.send(chat.id, { text: "hello bob" })
    assert.equal(sent.status, "queued")
    await until("bob has a request", async () => (await bob.chats())[0]?.state === "request" && (await texts(bob, chat.id)).length === 1)
    const [request] = await bob.chats()
    assert.ok(request)
    assert.deepEqual(await texts(bob, request.id), ["hello bob"])
    assert.equal(request.unreadCount, 1)
    await until("alice's message is sent", async () => (await alice.messagesById(chat.id, [sent.id]))[0]?.status === "sent")
    assert.equal(request.peer?.name, "alice example")
    await bob.acceptRequest(request.id)
    await bob.send(request.id, { text: "hello alice" })
    await until("alice has the answer", async () => (await texts(alice, chat.id)).length === 2)
    assert.deepEqual(await texts(alice, chat.id), ["hello bob", "hello alice"])
    await until("alice sees it delivered", async () => (await alice.messagesById(chat.id, [sent.id]))[0]?.status === "delivered")
    assert.equal((await alice.chat(chat.id)).title, "bob example")
    const [first] = (await bob.messages(request.id)).messages
    assert.ok(first)
    await bob.markRead(request.id, first.id)
    await until("alice sees it read", async () => (await alice.messagesById(chat.id, [sent.id]))[0]?.status === "read")

    bob = await again("bob", bob)
    await until("bob is back", async () => (await bob.connection()).status === "online")
    await alice.send(chat.id, { text: "still there?" })
    await until("bob has it", async () => (await texts(bob, request.id)).includes("still there?"))
    assert.deepEqual((await alice.alarms()).concat(await bob.alarms()), [])
  }))
