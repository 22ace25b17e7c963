import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { decodeSearchRequest, tokenKeyLabel } from "@nodoor/keylog"
import { TestLog, nodeLogCrypto, testOrigin } from "@nodoor/keylog/fixtures"
import { type TokenKey, WireError, logConfig, logSearch, tokenKeyEpoch, tokenKeys } from "@nodoor/wire"
import { ClientError, NetworkError } from "../../core/client-error.ts"
import { Transactions } from "../../core/transaction.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import { readerOf } from "../../store/reader.ts"
import { migrate } from "../../store/schema.ts"
import { acknowledgeAlarm } from "../../store/trust/alarms.ts"
import { KeyLog } from "../log/key-log.ts"
import { TokenKeys, refuseDifferentTokenKey } from "./token-keys.ts"

const dayMs = 86_400_000
const random = (sizeBytes: number): Uint8Array => new Uint8Array(randomBytes(sizeBytes))
const refusedAs = (code: string) => (error: unknown) => error instanceof ClientError && error.code === code

/** A device, and a server that gives it keys and answers from a log. */
async function world() {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const log = new TestLog()
  const clock = { timeMs: log.timeMs, nowMs: () => clock.timeMs }
  const epoch = tokenKeyEpoch(log.timeMs)
  const everybodys: TokenKey = { epoch, key: random(342) }
  const server = {
    log,
    gives: [everybodys] as readonly TokenKey[],
    fails: undefined as Error | undefined,
    /** What was asked, and how. */
    asked: [] as string[],
  }
  const config = log.entries[0] as Uint8Array
  const answer = (how: string) => async (route: unknown, request: { readonly request?: Uint8Array }) => {
    server.asked.push(`${how} ${(route as { readonly path: string }).path}`)
    if (route === tokenKeys) return { keys: server.gives }
    if (server.fails) throw server.fails
    if (route === logConfig) return { config }
    assert.equal(route, logSearch)
    return { response: server.log.search(decodeSearchRequest(request.request ?? new Uint8Array())) }
  }
  const session = { serverAheadMs: 0, call: answer("anonymous"), alone: answer("alone"), asDevice: answer("session") }
  const own = { origin: testOrigin.replace("/kt/1", ""), accountId: random(16) }
  const parts = { transactions, session, crypto: nodeLogCrypto, random, clock, own } as never
  const keyLog = new KeyLog(parts)
  const made = new TokenKeys({ transactions, session: session as never, keyLog, crypto: nodeLogCrypto as never, clock })
  const publish = (key: TokenKey): void => log.publish([{ label: tokenKeyLabel(key.epoch), value: nodeLogCrypto.sha256(key.key) }])
  const alarms = async (): Promise<readonly string[]> =>
    (await database.read("SELECT level, code, id FROM alarm")).map((row) => `${String(row["level"])} ${String(row["code"])}`)
  const stops = async (): Promise<number> => (await database.read("SELECT 1 FROM sending_stop")).length
  const acknowledge = async (): Promise<void> => {
    const [row] = await database.read("SELECT id FROM alarm")
    await transactions.run(async (tx) => acknowledgeAlarm(tx, row?.["id"] as Uint8Array, clock.timeMs))
  }
  return { made, server, clock, log, everybodys, epoch, publish, alarms, stops, acknowledge, database, keyLog }
}

test("the key of the three days that this device's clock shows is taken once the log proves it, and asked about in nobody's name", async () => {
  const { made, server, everybodys, publish, epoch, clock } = await world()
  publish(everybodys)
  server.gives = [{ epoch: epoch - 1, key: random(342) }, everybodys, { epoch: epoch + 1, key: random(342) }]
  assert.deepEqual(await made.verifiedTokenKeys(), [everybodys])
  assert.deepEqual(server.asked, ["anonymous /v1/tokens/keys", "anonymous /v1/kt/config", "alone /v1/kt/search"])
  await made.verifiedTokenKeys()
  assert.equal(server.asked.length, 4, "an epoch has one key, so the log is not asked again")
  clock.timeMs += 3 * dayMs
  server.gives = [everybodys]
  await assert.rejects(made.verifiedTokenKeys(), refusedAs("log_unavailable"), "not the key of a time that the server chooses")
})

test("another key than the log's is a red alarm with evidence; nothing is drawn or shown until a person has dealt with it, and chats go on", async () => {
  const { made, server, everybodys, publish, epoch, alarms, stops, acknowledge, database } = await world()
  publish(everybodys)
  server.gives = [{ epoch, key: random(342) }]
  await assert.rejects(made.verifiedTokenKeys(), refusedAs("log_untrusted"))
  assert.deepEqual(await alarms(), ["red token_key_differs"])
  assert.equal(await stops(), 0)
  const [row] = await database.read("SELECT evidence FROM alarm")
  const record = JSON.parse(new TextDecoder().decode(row?.["evidence"] as Uint8Array)) as Record<string, unknown>
  assert.equal(record["token_key"], Buffer.from(server.gives[0]?.key ?? []).toString("base64"))
  server.gives = [everybodys]
  await assert.rejects(made.verifiedTokenKeys(), refusedAs("log_untrusted"), "also when the server thinks better of it")
  await assert.rejects(refuseDifferentTokenKey(readerOf(database)), refusedAs("log_untrusted"))
  await acknowledge()
  await refuseDifferentTokenKey(readerOf(database))
  assert.deepEqual(await made.verifiedTokenKeys(), [everybodys])
})

test("a key that was verified is compared again each time, so a later one of another making is found out too", async () => {
  const { made, server, everybodys, publish, epoch, alarms } = await world()
  publish(everybodys)
  await made.verifiedTokenKeys()
  server.gives = [{ epoch, key: random(342) }]
  await assert.rejects(made.verifiedTokenKeys(), refusedAs("log_untrusted"))
  assert.deepEqual(await alarms(), ["red token_key_differs"])
})

test("a key that the log does not hold is another one; a log that holds two for the same days is wrong as a whole, and sending stops", async () => {
  const absent = await world()
  await assert.rejects(absent.made.verifiedTokenKeys(), refusedAs("log_untrusted"))
  assert.deepEqual(await absent.alarms(), ["red token_key_differs"])
  const double = await world()
  double.publish({ epoch: double.epoch, key: random(342) })
  double.publish(double.everybodys)
  await assert.rejects(double.made.verifiedTokenKeys(), refusedAs("log_untrusted"))
  assert.deepEqual(await double.alarms(), ["red log_token_key_versions"])
  assert.equal(await double.stops(), 1)
})

test("while the log or the server gives no answer the key is not checked: nothing is drawn, and no alarm is raised", async () => {
  const { made, server, everybodys, publish, alarms } = await world()
  publish(everybodys)
  server.fails = new NetworkError("nothing came back", { maybeDone: false })
  await assert.rejects(made.verifiedTokenKeys(), NetworkError)
  server.fails = new WireError("internal")
  await assert.rejects(made.verifiedTokenKeys(), refusedAs("log_unavailable"))
  server.fails = undefined
  server.gives = []
  await assert.rejects(made.verifiedTokenKeys(), refusedAs("log_unavailable"))
  assert.deepEqual(await alarms(), [])
  server.gives = [everybodys]
  assert.deepEqual(await made.verifiedTokenKeys(), [everybodys])
})
