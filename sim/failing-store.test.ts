// Stores that fail for a while, or once in a while, and work again.

import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { type ConnectionStatus, type Database, type Device, NetworkError, StoreError, type StoreErrorCode } from "@nodoor/client"
import { seededChance } from "./randomness.ts"
import { events, texts, until, withNeighbourhood } from "./neighbourhood.ts"

/** A disk that fails as `next` says, before each read and commit: then nothing was written. */
function failingDisk(next: (what: "read" | "commit") => StoreErrorCode | undefined): (database: Database) => Database {
  const fail = (what: "read" | "commit"): void => {
    const code = next(what)
    if (code) throw new StoreError(code)
  }
  return (database) => ({
    read: async (sql, values) => {
      fail("read")
      return await database.read(sql, values)
    },
    readAfter: async (statements, sql, values) => {
      fail("read")
      return await database.readAfter(statements, sql, values)
    },
    commit: async (statements) => {
      fail("commit")
      await database.commit(statements)
    },
    rollback: () => database.rollback(),
    close: () => database.close(),
  })
}

for (const [code, words] of [
  ["store_full", /storage of this device is full/],
  ["store_busy", /Another program/],
  ["store_failing", /disk .* errors/],
] as const) {
  test(`While the store fails with ${code} nothing is lost and the device says what is wrong; it goes on by itself`, () =>
    withNeighbourhood(async (at) => {
      let failure: StoreErrorCode | undefined
      const alice = await at.person("alice")
      const bob = await at.person("bob", { disk: failingDisk((what) => (what === "commit" ? failure : undefined)) })
      const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
      await alice.send(chatId, { text: "m0" })
      await until("bob has a request", async () => (await bob.chats()).length === 1)
      const bobsId = (await bob.chats())[0]?.id ?? ""
      await bob.acceptRequest(bobsId)
      await until("bob has read it", async () => (await texts(bob, bobsId)).length === 1)
      assert.ok(await bob.settled(10_000))

      failure = code
      for (let i = 1; i <= 5; i++) await alice.send(chatId, { text: `m${i}` })
      const trouble = (connection: ConnectionStatus): string | undefined =>
        connection.status === "offline" && connection.trouble?.code === code ? connection.trouble.message : undefined
      await until("bob is told", async () => trouble(await bob.connection()) !== undefined)
      assert.match(trouble(await bob.connection()) ?? "", words)
      await assert.rejects(bob.send(bobsId, { text: "not stored" }), { name: "ClientError", code })
      assert.deepEqual(await texts(bob, bobsId), ["m0"], "what is stored stays readable")
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      assert.ok(trouble(await bob.connection()), "it stays told while it lasts")

      failure = undefined
      await until("bob has everything", async () => (await texts(bob, bobsId)).length === 6)
      assert.deepEqual(await texts(bob, bobsId), ["m0", "m1", "m2", "m3", "m4", "m5"])
      await bob.send(bobsId, { text: "back" })
      await until("alice has the answer", async () => (await texts(alice, chatId)).includes("back"))
      assert.deepEqual((await bob.alarms()).concat(await alice.alarms()), [])
    }))
}

/** A device whose store fails waits before it goes on, longer each time. */
const patienceMs = 60_000

test("A store that fails once in a while, at whatever place, loses nothing, repeats nothing and alarms nobody", () =>
  withNeighbourhood(async (at) => {
    const chance = seededChance(9)
    const codes = ["store_full", "store_busy", "store_failing"] as const
    let failures = 0
    let [least, most] = [0, 0]
    let next = 0
    const disk = failingDisk(() => {
      if (most === 0 || --next > 0) return undefined
      next = least + chance.below(most - least)
      return codes[failures++ % codes.length]
    })
    const alice = await at.person("alice")
    const bob = await at.person("bob", { disk })
    const carol = await at.person("carol")
    const ids = await Promise.all(["bob", "carol"].map(async (handle) => (await alice.findContact(handle)).accountId))
    /** A person tries again what was not stored. */
    const persist = async <T>(work: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await work()
        } catch (error) {
          if (!(error instanceof Error && "code" in error && codes.some((code) => code === error.code))) throw error
        }
      }
    }
    const alarmed: string[] = []
    for (const device of [alice, bob, carol])
      device.subscribe((event) => {
        if (event.type === "alarm") alarmed.push(event.alarm.text)
      })
    // One transaction takes in all that a frame brings: a disk that fails more often than it has statements would never let it end.
    for (const [from, to] of [
      [60, 240],
      [30, 200],
      [1, 250],
      [40, 160],
      [20, 200],
      [2, 240],
    ] as const) {
      ;[least, most] = [from, to]
      const name = `Team ${from}`
      const chatId = (await alice.createGroup({ name, accountIds: ids })).id
      const idIn = async (device: Device): Promise<string | undefined> =>
        (await device.chats()).find((chat) => chat.title === name && chat.memberCount === 3)?.id
      await until(`bob is in ${name}`, async () => (await persist(() => idIn(bob))) !== undefined, patienceMs)
      await until(`carol is in ${name}`, async () => (await idIn(carol)) !== undefined, patienceMs)
      const bobsId = (await persist(() => idIn(bob))) ?? ""
      await persist(() => bob.acceptRequest(bobsId))
      const said: string[] = []
      for (let i = 0; i < 4; i++) {
        said.push(`alice ${i}`, `bob ${i}`)
        await alice.send(chatId, { text: `alice ${i}` })
        // Whether a call that was rejected was carried out is nobody's guess: under its own id it is made again.
        const id = randomBytes(16).toString("hex")
        await persist(() => bob.send(bobsId, { text: `bob ${i}`, id }))
      }
      await alice.rename(chatId, `${name} renamed`)
      const all = async (device: Device, id: string): Promise<boolean> =>
        (await persist(() => events(device, id))).includes("renamed") && (await persist(() => texts(device, id))).length >= said.length
      await until(`bob has everything of ${name}`, () => all(bob, bobsId), patienceMs)
      await until(`alice has everything of ${name}`, () => all(alice, chatId), patienceMs)
      assert.deepEqual((await texts(alice, chatId)).toSorted(), said.toSorted())
      assert.deepEqual(await persist(() => texts(bob, bobsId)), await texts(alice, chatId))
    }
    most = 0
    assert.ok(failures > 20)
    assert.ok(await bob.settled(10_000))
    assert.deepEqual(alarmed, [])
  }))

test("What a failing store kept from being shown is shown once it works again, also without a connection", () =>
  withNeighbourhood(async ({ person }) => {
    let [isOnline, isArmed, failures] = [true, false, 0]
    const alice = await person("alice", {
      // Twice after the commit, and then no more.
      disk: failingDisk((what) => {
        if (what === "commit" && isArmed) [isArmed, failures] = [false, 2]
        else if (what === "read" && failures-- > 0) return "store_failing"
        return undefined
      }),
      through: (network) => ({
        ...network,
        call: (...request) => (isOnline ? network.call(...request) : Promise.reject(new NetworkError("no network", { maybeDone: false }))),
        openStream: (url, kind, handlers) => {
          if (isOnline) return network.openStream(url, kind, handlers)
          setTimeout(() => handlers.closed(), 0)
          return { send: () => undefined, close: () => undefined }
        },
      }),
    })
    const { id } = await alice.createGroup({ name: "Team", accountIds: [] })
    assert.ok(await alice.settled(10_000))
    const told: (string | undefined)[] = []
    alice.subscribe((event) => {
      if (event.type === "chat") told.push(event.chat?.draft)
    })
    isOnline = false
    isArmed = true
    await alice.setChatOptions(id, { draft: "half a sentence" })
    assert.equal(told.length, 0)
    await until("it is told", async () => told.includes("half a sentence"))
  }))

test("A damaged store is not tried again: the device says so and acknowledges nothing, so that another copy gets everything", () =>
  withNeighbourhood(async (at) => {
    let failure: StoreErrorCode | undefined
    const alice = await at.person("alice")
    let bob = await at.person("bob", { disk: failingDisk((what) => (what === "commit" ? failure : undefined)) })
    const chatId = (await alice.openChat((await alice.findContact("bob")).accountId)).id
    failure = "store_damaged"
    await alice.send(chatId, { text: "hello" })
    await until("bob is told", async () => (await bob.connection()).status === "refused")
    const connection = await bob.connection()
    assert.equal(connection.status === "refused" && connection.code, "store_damaged")
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    assert.deepEqual(await bob.connection(), connection)
    failure = undefined
    bob = await at.again("bob", bob)
    await until(
      "bob has it",
      async () => (await bob.chats()).length === 1 && (await texts(bob, (await bob.chats())[0]?.id ?? "")).length === 1,
    )
  }))

test("What was stored resolves, although the store fails for a moment when it is read back", () =>
  withNeighbourhood(async (at) => {
    let armed = false
    let reads = 0
    const disk = failingDisk((what) => {
      if (what === "read") return reads-- > 0 ? "store_failing" : undefined
      if (armed) reads = 2
      armed = false
      return undefined
    })
    const alice = await at.person("alice", { disk })
    await at.person("bob")
    const contact = await alice.findContact("bob")
    await alice.close()
    // Without a connection nothing else reads in between.
    await at.server.stop()
    const offline = await at.open("alice")
    armed = true
    const chat = await offline.openChat(contact.accountId)
    armed = true
    assert.equal((await offline.createGroup({ name: "Team", accountIds: [] })).title, "Team")
    armed = true
    assert.equal((await offline.send(chat.id, { text: "hello" })).status, "queued")
    assert.deepEqual([armed, reads < 0], [false, true])
    assert.deepEqual(await texts(offline, chat.id), ["hello"])
    assert.equal((await offline.chats()).length, 2)
  }))
