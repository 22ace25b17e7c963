// A whole run of real devices in Node, as whoever stands in front of the server sees it. This file trusts a certificate of its own, so it has a
// process of its own.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { type Device, createDevice, openDevice } from "@nodoor/client"
import { openNodePorts } from "@nodoor/client/node"
import { startServer } from "@nodoor/server"
import { claimDevices, introduce, logSearch, lookup } from "@nodoor/wire"
import { postPath, readPath } from "@nodoor/wire/delivery"
import { type SeenRequest, startTlsFront } from "./fixtures/tls-front.ts"
import { texts, until } from "../sim/neighbourhood.ts"

/** What a request says of its class. */
function classOf({ path, named, isStream }: SeenRequest): string {
  if (isStream) return path === readPath ? "reading" : path === postPath ? "posting" : "unknown"
  // Signing up and signing in name the device in what they send.
  return named || /^\/v1\/(?:register|session)/.test(path) ? "session" : "anonymous"
}

test("Over a whole run of two devices, no two classes share a socket or a TLS session, and each look-up of a person is alone", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-wire-"))
  const server = await startServer({ dataDir: join(folder, "server"), log: () => {}, port: 0 })
  const front = await startTlsFront(t, { hosts: ["localhost"], backPort: () => server.port })
  setDefaultCACertificates([...getCACertificates("default"), front.certificate])
  const devices = new Set<Device>()
  t.after(async () => {
    for (const device of devices) await device.close()
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  const keys = new Map<string, Uint8Array>()
  const ports = (handle: string) => {
    const key = keys.get(handle) ?? new Uint8Array(randomBytes(32))
    keys.set(handle, key)
    return openNodePorts({ path: join(folder, `${handle}.db`), key })
  }
  const person = async (handle: string): Promise<Device> => {
    const serverUrl = `https://localhost:${front.port}`
    const device = await createDevice(await ports(handle), { serverUrl, handle, name: handle, deviceClass: "cli" })
    devices.add(device)
    assert.ok(await device.settled(20_000), handle)
    return device
  }

  const alice = await person("alice")
  let bob = await person("bob")
  await person("carol")
  const contact = await alice.findContact("@bob")
  const chat = await alice.openChat(contact.accountId)
  await alice.send(chat.id, { text: "hello" })
  await until("bob has it", async () => (await bob.chats()).length === 1 && (await texts(bob, chat.id)).includes("hello"))
  await bob.acceptRequest(chat.id)
  await bob.send(chat.id, { text: "hello back" })
  await until("alice has it", async () => (await texts(alice, chat.id)).includes("hello back"))
  await alice.createGroup({ name: "Team", accountIds: [contact.accountId, (await alice.findContact("@carol")).accountId] })
  assert.ok(await alice.settled(20_000))
  await bob.close()
  devices.delete(bob)
  bob = await openDevice(await ports("bob"))
  devices.add(bob)
  assert.ok(await bob.settled(20_000))

  const carried = front.connections.filter(({ requests }) => requests.length > 0)
  for (const { requests } of carried)
    assert.equal(new Set(requests.map(classOf)).size, 1, requests.map((request) => `${classOf(request)} ${request.path}`).join(", "))
  assert.deepEqual(
    front.connections.filter(({ resumed }) => resumed !== undefined),
    [],
  )
  assert.deepEqual(
    new Set(carried.flatMap(({ requests }) => requests.map(classOf))),
    new Set(["session", "anonymous", "reading", "posting"]),
  )
  for (const { path } of [lookup, claimDevices, introduce, logSearch]) {
    const alone = carried.filter(({ requests }) => requests.some((request) => request.path === path && !request.named))
    assert.ok(alone.length > 0, path)
    for (const { requests } of alone) assert.deepEqual(requests.length, 1, `${path} beside ${requests.length - 1} others`)
  }
})
