import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { encodeVerifiedAccountState, verifyAccountState } from "@nodoor/keylog"
import { genesis, listed, signed, successor, testDevice, testOrigin } from "@nodoor/keylog/fixtures"
import { nodeProvider } from "@nodoor/mls/node"
import fc from "fast-check"
import type { Database } from "../core/ports.ts"
import { findOwnDevice } from "../store/device.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import { migrate } from "../store/schema.ts"
import { readerOf } from "../store/reader.ts"
import { findLatestState } from "../store/trust/account-states.ts"
import { OneByOne } from "./fixtures/one-by-one.ts"
import { seeded } from "./fixtures/large-store.ts"
import { fillAtRandom } from "./fixtures/random-store.ts"
import { Views } from "./views.ts"

const ownId = bytes<"AccountId">(new Uint8Array(16).fill(7))

/** One device; two; an account that was started over; one that ended. */
const histories = ((): Uint8Array[][] => {
  const first = genesis(["phone"])
  const follow = (state: ReturnType<typeof successor>, by: string): Uint8Array =>
    encodeVerifiedAccountState(
      verifyAccountState(nodeProvider, {
        previous: first,
        next: signed(state, [testDevice(by)]),
        origin: testOrigin,
        accountId: first.state.accountId,
      }),
    )
  const begun = encodeVerifiedAccountState(first)
  return [
    [begun],
    [encodeVerifiedAccountState(genesis(["phone", "laptop"]))],
    [begun, follow(successor(first, [listed(testDevice("new"), 1)], { kind: "reset" }), "new")],
    [begun, follow(successor(first, [], { kind: "tombstone" }), "phone")],
  ]
})()

async function emptyStore(): Promise<Database> {
  const database = await openMemoryDatabase()
  await migrate(database)
  await database.commit([
    {
      sql: `INSERT INTO device (id, status, server_url, server_info, origin, account_id, device_id, device_class, handle, name, signature_key, signature_seed)
            VALUES (1, 'active', '', '{}', 'chat.example', ?, ?, 'cli', 'me', ?, x'', x'')`,
      values: [ownId, new Uint8Array(16).fill(8), "Dan"],
    },
  ])
  return database
}

/** What the views need of trust, asked of the store each time. */
function trustIn(database: Database): ConstructorParameters<typeof OneByOne>[0]["trust"] & ConstructorParameters<typeof Views>[0]["trust"] {
  const reader = readerOf(database)
  const latest: ReturnType<typeof trustIn>["latest"] = (accountId) => findLatestState(nodeProvider, reader, accountId)
  const ending: ReturnType<typeof trustIn>["ending"] = async (accountId) => {
    if ((await latest(accountId))?.kind === "tombstone") return "proven"
    return (await reader.read("SELECT 1 AS one FROM account_ended WHERE account_id = ?", accountId)).length > 0 ? "unproven" : undefined
  }
  return {
    latest,
    ending,
    hasEnded: async (accountId) => (await ending(accountId)) !== undefined,
    heldUntilMs: async (accountId) => ((accountId[0] ?? 0) % 2 === 0 ? 1 : undefined),
  }
}

test("the views show what working out everything one by one shows, on stores with all that can be in them", async () => {
  const runs = process.env["NODOOR_LONG"] === "1" ? 2_000 : 25
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
      const database = await emptyStore()
      const own = await findOwnDevice(readerOf(database))
      assert.ok(own)
      const { chats, selfChats, accounts } = await fillAtRandom(database, seeded(seed), histories)
      const trust = trustIn(database)
      const views = new Views({ database, own, trust, crypto: nodeProvider, clock: { nowMs: () => 0 } })
      const oracle = new OneByOne({ database, own, trust })
      assert.deepEqual(await views.chats(), await oracle.chats())
      assert.deepEqual(await views.contacts(), await oracle.contacts())
      for (const accountId of accounts) assert.deepEqual(await views.contact(accountId), await oracle.contact(accountId))
      assert.deepEqual(await views.search("tea", { max: 20 }), await oracle.search("tea", 20))
      // The group of the account's own devices is no chat to a person.
      for (const chatId of selfChats) {
        for (const read of [views.chat(chatId), views.members(chatId), views.messages(chatId, {}), views.messagesById(chatId, [])])
          assert.match(await outcome<unknown>(read).then(String), /no such chat/)
      }
      for (const chatId of chats) {
        assert.deepEqual(await views.chat(chatId), await oracle.chat(chatId))
        assert.deepEqual(await outcome(views.members(chatId)), await outcome(oracle.members(chatId)))
        const all = await views.messages(chatId, { limit: 500 })
        assert.deepEqual(all, await oracle.messages(chatId, { limit: 500 }))
        const found = (await views.search("tea", { max: 500 })).filter((message) => message.chatId === all.messages[0]?.chatId)
        assert.deepEqual(await views.search("tea", { max: 500, chatId }), found)
        for (const ms of [0, 2_500_000, 6_000_000])
          assert.deepEqual(await views.messageFrom(chatId, ms), all.messages.find(({ timeMs }) => timeMs >= ms) ?? all.messages.at(-1))
        const middle = all.messages[Math.floor(all.messages.length / 2)]
        for (const limit of [1, 4, 7]) {
          const places = [{}, { before: middle?.position }, { after: middle?.position }, ...(middle ? [{ around: middle.id }] : [])]
          for (const place of places)
            assert.deepEqual(await views.messages(chatId, { ...place, limit }), await oracle.messages(chatId, { ...place, limit }))
        }
        const some = all.messages.filter((_, at) => at % 3 === 0).map(({ id }) => id)
        assert.deepEqual(
          await views.messagesById(
            chatId,
            some.map((id) => Uint8Array.fromHex(id)),
          ),
          await oracle.messagesById(chatId, some),
        )
        for (const id of some.map((one) => Uint8Array.fromHex(one)))
          assert.deepEqual(await outcome(views.messageDetails(chatId, id)), await outcome(oracle.messageDetails(chatId, id)), toHex(id))
      }
      await database.close()
    }),
    { numRuns: runs },
  )
})

async function outcome<T>(work: Promise<T>): Promise<T | string> {
  return await work.catch((error: unknown) => String(error))
}
