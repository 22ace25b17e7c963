// The server is blind: words that people send through real clients are nowhere in what it stores, writes or holds in memory.

import assert from "node:assert/strict"
import { globSync, readFileSync, rmSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import process from "node:process"
import { type TestContext, test } from "node:test"
import { setTimeout as delay } from "node:timers/promises"
import { deflateSync, gzipSync } from "node:zlib"
import { type Device, createDevice } from "@nodoor/client"
import { nodePorts, openMemoryDatabase } from "@nodoor/client/node"
import { randomBytes } from "node:crypto"
import { readProcessMemory } from "./fixtures/process-memory.ts"
import { findWord, formsOf } from "./fixtures/search.ts"
import { type ServerProcess, startServerProcess } from "./fixtures/server-process.ts"
import { openTerminal } from "./fixtures/terminal.ts"

const settleMs = 20_000
const snapshotMs = 30_000

test(
  "no word of a conversation is anywhere at the server: not in its database, its log, its files, its heap or its memory",
  { timeout: 180_000 },
  async (t) => {
    // One word at the beginning of everything private; another in what the server is meant to know, to show that the search finds what is there.
    const secret = `private${randomBytes(9).toString("hex")}`
    const known = `holder${randomBytes(9).toString("hex")}`
    const server = await startServerProcess(t, { nodeOptions: ["--heapsnapshot-signal=SIGUSR2"] })
    const alice = await openDevice(t, server, "alice", `Alice ${known}`)
    const bob = await openDevice(t, server, "bob", "Bob Builder")
    const carol = await openTerminal(t, server, { handle: "carol", name: "Carol Clark" })

    await alice.setName(`${secret} profile name`)
    const bobView = await alice.findContact("bob")
    const carolView = await alice.findContact("carol")
    const dm = await alice.openChat(bobView.accountId)
    await alice.send(dm.id, { text: `${secret} first message` })
    assert.equal(await alice.settled(settleMs), true)
    // Settled means that bob has all he knows of; what alice sent a moment ago may still be on its way to him.
    const request = await eventually(async () => (await bob.chats()).find((chat) => chat.kind === "dm"))
    await bob.acceptRequest(request.id)
    const first = await eventually(async () => (await bob.messages(request.id)).messages.find((message) => message.content.type === "text"))
    await bob.react(request.id, first.id, "👍", true)
    const reply = await bob.send(request.id, { text: `${secret} reply`, inReplyTo: first.id })
    assert.equal(await bob.settled(settleMs), true)
    await bob.edit(request.id, reply.id, `${secret} edited`)
    await bob.setChatOptions(request.id, { draft: `${secret} draft` })

    const group = await alice.createGroup({ name: `${secret} group`, accountIds: [bobView.accountId, carolView.accountId] })
    await alice.rename(group.id, `${secret} renamed`)
    await alice.send(group.id, { text: `${secret} to all. `.repeat(50) })
    assert.equal(await alice.settled(settleMs), true)
    assert.equal(await bob.settled(settleMs), true)

    /** `expected`: what the place holds for certain, so that finding nothing else means something. */
    const assertBlind = async (when: string, expected: string, places: () => AsyncGenerator<readonly [string, Buffer]>): Promise<void> => {
      let sawExpected = false
      for await (const [place, bytes] of places()) {
        assert.deepEqual(findWord(bytes, secret), [], `${when}: ${place}`)
        sawExpected ||= findWord(bytes, expected).length > 0
      }
      assert.equal(sawExpected, true, `${when}: the search finds ${expected}`)
    }
    const folder = basename(server.dataDir)

    // Carol's terminal has not fetched anything yet: the group's messages wait at the server.
    await assertBlind("while messages wait", known, () => files(server))
    await assertBlind("while messages wait, memory", folder, () => memory(t, server))
    assert.match((await carol.receive(20)).join(), new RegExp(`${secret} to all`))
    assert.equal((await carol.run("send", "--chat", `${secret} renamed`, `${secret} from the terminal`)).code, 0)
    assert.equal(await alice.settled(settleMs), true)
    await assertBlind("after they were fetched, memory", folder, () => memory(t, server))
    await assertBlind("heap snapshot", folder, () => heap(server))
    await server.kill()
    await assertBlind("after a SIGKILL", known, () => files(server))
    assert.equal(server.written().includes(secret), false, "the log")
  },
)

test("the search finds a word in every form in which it could lie in a file", () => {
  const word = `word${randomBytes(9).toString("hex")}`
  const noise = (): Buffer => randomBytes(500)
  for (const form of formsOf(word)) {
    assert.ok(findWord(Buffer.concat([noise(), form.bytes, noise()]), word).includes(form.name), form.name)
  }
  for (const lead of [0, 1, 2]) {
    for (const alphabet of ["base64", "base64url"] as const) {
      const encoded = Buffer.from(`${"x".repeat(lead + 3)}${word}yz`).toString(alphabet)
      assert.ok(
        findWord(Buffer.from(encoded), word).some((name) => name.startsWith("base64")),
        `${alphabet} +${lead}`,
      )
    }
  }
  for (const compress of [gzipSync, deflateSync]) {
    const packed = compress(Buffer.from(`${"said and heard again, ".repeat(40)}${word}${" and again".repeat(40)}`))
    assert.deepEqual(findWord(Buffer.concat([noise(), packed, noise()]), word), ["compressed UTF-8"])
  }
  assert.deepEqual(findWord(Buffer.concat([noise(), Buffer.from(word.slice(1)), noise()]), word), [])
})

/** What `look` finds as soon as there is something to find. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += 100) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(waitedMs < settleMs, "what was sent arrives")
    await delay(100)
  }
}

async function openDevice(t: TestContext, server: ServerProcess, handle: string, name: string): Promise<Device> {
  const ports = nodePorts(await openMemoryDatabase())
  const device = await createDevice(ports, { serverUrl: server.url, handle, name, deviceClass: "bot" })
  t.after(() => device.close())
  return device
}

/** Everything in the data directory: database, write-ahead log, blobs, outbox, keys. */
async function* files(server: ServerProcess): AsyncGenerator<readonly [string, Buffer]> {
  for (const path of globSync("**/*", { cwd: server.dataDir })) {
    const full = join(server.dataDir, path)
    if (statSync(full).isFile()) yield [path, readFileSync(full)]
  }
}

async function* memory(t: TestContext, server: ServerProcess): AsyncGenerator<readonly [string, Buffer]> {
  const pieces = readProcessMemory(server.pid())
  if (pieces === undefined) {
    t.diagnostic("skipped: the memory of the server process cannot be read on this system; its heap snapshot is searched all the same")
    yield* heap(server)
    return
  }
  for (const piece of pieces) yield ["memory", piece]
}

/** A heap snapshot that the server's own runtime writes. */
async function* heap(server: ServerProcess): AsyncGenerator<readonly [string, Buffer]> {
  const endMs = Date.now() + snapshotMs
  process.kill(server.pid(), "SIGUSR2")
  for (let sizeBytes = -1; ;) {
    await new Promise((done) => setTimeout(done, 500))
    const [name] = globSync("Heap.*.heapsnapshot", { cwd: server.dataDir })
    const path = name === undefined ? undefined : join(server.dataDir, name)
    const nowBytes = path === undefined ? -1 : statSync(path).size
    if (path !== undefined && nowBytes > 0 && nowBytes === sizeBytes) {
      yield ["heap snapshot", readFileSync(path)]
      rmSync(path)
      return
    }
    sizeBytes = nowBytes
    assert.ok(Date.now() < endMs, "the server writes a heap snapshot")
  }
}
