import assert from "node:assert/strict"
import { test } from "node:test"
import { equal, toHex } from "@nodoor/bytes"
import { nodeProvider } from "@nodoor/mls/node"
import { type DeliveryCode, DeliveryRefusal, type RekeyItem, rekeySignatureInput } from "@nodoor/wire/delivery"
import { NetworkError } from "../core/client-error.ts"
import { Transactions } from "../core/transaction.ts"
import { seatKeysOf, seatOf } from "../group/seat/seat-keys.ts"
import { listSeatsToRead } from "../group/seat/seats-to-read.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { insertChat } from "../store/chat/chats.ts"
import { findGroup, insertGroup } from "../store/group/groups.ts"
import { listNextItems } from "../store/group/outbox.ts"
import { enqueueRekey } from "../store/group/outbox-item.ts"
import { findOwnSeat, insertOwnSeat, replaceSeats, setNextSeatSecret } from "../store/group/seats.ts"
import { readerOf } from "../store/reader.ts"
import { migrate } from "../store/schema.ts"
import { Failures } from "./failures.ts"
import { Rekey, type RekeyParts } from "./rekey.ts"
import { StaleEpochs } from "./stale-epochs.ts"

const groupId = new Uint8Array(32).fill(1)
const seat = new Uint8Array(16).fill(2)
/** What the adder made, and what this device drew. */
const [given, own] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)]
const keysOf = (secret: Uint8Array): ReturnType<typeof seatKeysOf> => seatKeysOf(nodeProvider, { seat, secret })

/** The seat as the delivery service has it: one at a time, with its rules of docs/protocol.md. */
class Service {
  #keys = keysOf(given)
  #n = 0
  readonly requests: string[] = []
  /** What happens to the next answers. */
  readonly lost: ("before" | "after")[] = []

  get keys(): ReturnType<typeof seatKeysOf> {
    return this.#keys
  }

  async rekey(item: Omit<RekeyItem, "type" | "ref">): Promise<never> {
    this.requests.push(toHex(item.signature))
    const lost = this.lost.shift()
    if (lost === "before") throw new NetworkError("lost", { maybeDone: true })
    const isSame = item.n === this.#n && equal(item.publicKey, this.#keys.publicKey) && equal(item.readHash, this.#keys.readHash)
    if (!isSame) {
      const message = rekeySignatureInput(item)
      if (!nodeProvider.verifyEd25519({ publicKey: this.#keys.publicKey, message, signature: item.signature }))
        throw new DeliveryRefusal("invalid_signature")
      if (item.n <= this.#n) throw new DeliveryRefusal("rekey_stale")
      this.#keys = { seat, publicKey: item.publicKey, readHash: item.readHash }
      this.#n = item.n
    }
    if (lost === "after") throw new NetworkError("lost", { maybeDone: true })
    return { type: "done", ref: 0 } as never
  }

  /** Whoever added this device hands the seat on before it does. */
  takenByAdder(): void {
    this.#keys = keysOf(new Uint8Array(32).fill(9))
    this.#n = 1
  }
}

/** A device whose commit with its own key for the seat was taken in. */
async function device(service: Service) {
  const database = await openMemoryDatabase()
  await migrate(database)
  const reader = readerOf(database)
  let changed = 0
  /** A process of the device, on what the one before left. */
  const process = (): { readonly kind: Rekey; readonly transactions: Transactions } => {
    const transactions = new Transactions(database)
    const clock = { nowMs: () => 1 }
    const failures = new Failures({ transactions, random: nodeProvider.random, clock }, new StaleEpochs())
    const states = { environment: () => ({ crypto: nodeProvider, timeMs: 1 }) }
    const parts = { clock, random: nodeProvider.random, states, transactions, posting: service, seatsChanged: () => changed++ }
    return { kind: new Rekey(parts as unknown as RekeyParts, failures), transactions }
  }
  const policy = {
    kind: "group",
    name: "g",
    picture: undefined,
    roles: [],
    rules: { add: "admins", rename: "admins", post: "everyone" },
    expiryS: undefined,
  } as const
  await process().transactions.run(async (tx) => {
    insertChat(tx, { chatId: groupId, kind: "group", state: "active", groupId, peer: undefined, activityMs: 0 })
    insertGroup(tx, { groupId, chatId: groupId, epoch: 1, policy, order: 1, profileDue: 0 })
    insertOwnSeat(tx, { groupId, seat, secret: given })
    setNextSeatSecret(tx, groupId, own)
    replaceSeats(tx, groupId, { before: [], after: [{ leafIndex: 1, seat, publicKey: keysOf(own).publicKey, own: true }] })
    enqueueRekey(tx, groupId)
  })
  /** The next step of the outbox: `prepare`, `post`, or nothing left. `crash`: the process ends after the answer, before it is stored. */
  const step = async ({ crash = false } = {}): Promise<string> => {
    const { kind, transactions } = process()
    const group = await findGroup(reader, groupId)
    const [item] = await listNextItems(reader, groupId, { held: [], passing: [], max: 1 })
    if (!group || !item) return "nothing"
    if (item.status === "queued") {
      await kind.prepare(group, item)
      return "prepared"
    }
    try {
      await kind.post(item.request ?? new Uint8Array())
    } catch (error) {
      if (crash) return "crashed"
      return (await kind.failed(group, item, error)).status
    }
    if (crash) return "crashed"
    await transactions.run(async (tx) => kind.placed(tx, group, item))
    return "placed"
  }
  const now = async () => ({
    own: await findOwnSeat(reader, groupId),
    reads: (await listSeatsToRead(nodeProvider, reader))[0],
    alarms: (await database.read("SELECT code FROM alarm")).map((row) => row["code"]),
    changed,
  })
  return { step, now }
}

async function assertTaken(service: Service, { now }: Awaited<ReturnType<typeof device>>): Promise<void> {
  const after = await now()
  assert.deepEqual([toHex(after.own?.secret ?? given), after.own?.nextSecret, after.own?.n], [toHex(own), undefined, 1])
  assert.deepEqual(service.keys, keysOf(own))
  assert.deepEqual([after.alarms, after.changed], [[], 1])
  assert.deepEqual(after.reads?.readSecret, seatOf(nodeProvider, own).readSecret)
  assert.equal(after.reads?.isOwn, true)
}

test("The service is told of the device's own key, and reading goes on with its secret from then on", async () => {
  const service = new Service()
  const one = await device(service)
  const before = await one.now()
  assert.deepEqual([before.reads?.isChanging, before.reads?.isOwn], [true, false])
  assert.deepEqual(before.reads?.readSecret, seatOf(nodeProvider, given).readSecret)
  assert.deepEqual([await one.step(), await one.step(), await one.step()], ["prepared", "placed", "nothing"])
  await assertTaken(service, one)
})

test("Whatever is lost, and wherever the process ends, the same request is sent again, and both sides come to the same key", async () => {
  const disasters: readonly (readonly ("before" | "after" | "crash" | "crash-before")[])[] = [
    ["before"],
    ["after"],
    ["after", "before", "after"],
    ["crash"],
    ["crash", "crash"],
    ["crash-before", "crash"],
    ["after", "crash"],
  ]
  for (const disaster of disasters) {
    const service = new Service()
    const one = await device(service)
    assert.equal(await one.step(), "prepared")
    for (const what of disaster) {
      if (what === "before" || what === "after") service.lost.push(what)
      if (what === "crash-before") service.lost.push("before")
      await one.step({ crash: what.startsWith("crash") })
    }
    assert.equal(await one.step(), "placed", disaster.join(" "))
    await assertTaken(service, one)
    assert.equal(new Set(service.requests).size, 1)
  }
})

test("When its adder has handed the seat on before, the person is told, and nothing waits for it for ever", async () => {
  const service = new Service()
  const one = await device(service)
  service.takenByAdder()
  assert.deepEqual([await one.step(), await one.step(), await one.step()], ["prepared", "more", "nothing"])
  assert.deepEqual((await one.now()).alarms, ["seat_not_ours"])
})

test("A service that refuses for another reason is asked again", async () => {
  const service = new Service()
  const refusing = async (code: DeliveryCode): Promise<string> => {
    const one = await device(Object.assign(service, { rekey: () => Promise.reject(new DeliveryRefusal(code)) }))
    await one.step()
    return await one.step()
  }
  assert.equal(await refusing("unavailable"), "retry")
})
