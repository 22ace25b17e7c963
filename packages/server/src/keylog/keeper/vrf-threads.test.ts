import assert from "node:assert/strict"
import { test } from "node:test"
import { verifyVrf, vrfEvaluate, vrfPrivateKey } from "@nodoor/keylog"
import { serverX25519 } from "../../core/crypto.ts"
import { random } from "../../fixtures/device.ts"
import { TestFeed, TestReader, configEntry, filesIn, handleLabel, logFolder, openTestKeeper, startMs } from "../../fixtures/log.ts"
import { openDatabase } from "../../sqlite/database.ts"
import { openKeeperThread } from "./keeper-thread.ts"
import { loadLogKeys, loadVrfKey } from "./log-keys.ts"
import { logSchema } from "./log-rows.ts"
import { evaluate } from "./vrf-cache.ts"
import { VrfThreads } from "./vrf-threads.ts"

const folderWithKeys = (): string => {
  const { folder } = filesIn(logFolder())
  loadLogKeys(folder, { random, create: true })
  return folder
}

test("proofs with the X25519 of node:crypto are those that are made without, and they verify", () => {
  for (let i = 0; i < 50; i++) {
    const [secret, alpha] = [random(32), random(1 + i)]
    const [fast, slow] = [vrfPrivateKey(secret, serverX25519), vrfPrivateKey(secret)]
    const made = vrfEvaluate(fast, alpha)
    assert.deepEqual(made, vrfEvaluate(slow, alpha), Buffer.from(secret).toString("hex"))
    assert.deepEqual(verifyVrf({ publicKey: slow.publicKey, alpha, proof: made.proof }), made.output)
  }
})

test("threads give the places of the inputs in their order, also while they are asked again", async (t) => {
  const folder = folderWithKeys()
  const threads = new VrfThreads(folder, 2)
  t.after(() => threads.close())
  const key = loadVrfKey(folder)
  const batches = [50, 1, 0, 33].map((count) => Array.from({ length: count }, () => random(24)))
  const answers = await Promise.all(batches.map((inputs) => threads.evaluate(inputs)))
  for (const [at, inputs] of batches.entries()) {
    assert.deepEqual(
      answers[at],
      inputs.map((input) => evaluate(key, input)),
    )
  }
})

test("threads that cannot read the key say so, and start when it is there", async (t) => {
  const { folder } = filesIn(logFolder())
  const threads = new VrfThreads(folder, 2)
  t.after(() => threads.close())
  await assert.rejects(threads.evaluate([random(24)]), { code: "log_keys_unreadable" })
  loadLogKeys(folder, { random, create: true })
  assert.equal((await threads.evaluate([random(24)])).length, 1)
})

test("a large batch of new accounts is prepared by threads, and a keeper alone shows them to readers", async (t) => {
  const folder = logFolder()
  const files = filesIn(folder)
  const { keeper, close } = await openKeeperThread(files, () => {})
  t.after(close)
  const feed = new TestFeed()
  for (let i = 0; i < 40; i++) feed.register(`user${i}`)
  await keeper.prepare({ rows: feed.after(0) })
  assert.deepEqual(await keeper.unplaced({ rows: feed.after(0) }), [])
  assert.equal(await keeper.build({ rows: feed.after(0), nowMs: startMs }), true)
  const { note } = await keeper.draft({ knownSizes: [] })
  await keeper.publish({ note, nowMs: startMs })
  await close()

  const again = openTestKeeper(folder)
  const reader = new TestReader(configEntry(again.keeper), (request) => again.keeper.search({ request }))
  const { lookups } = await reader.look([handleLabel("user7"), handleLabel("user39")], startMs)
  assert.deepEqual(
    lookups.map(({ status }) => status),
    ["handle", "handle", "account", "account"],
  )
  again.close()
  const db = openDatabase(files.databasePath, { schema: logSchema })
  const kept = db.get<{ n: number }>("SELECT count(*) AS n FROM vrf_proofs JOIN versions USING (label, version)")
  assert.equal(kept?.n, 0, "a proof is stored in one place")
  db.close()
})
