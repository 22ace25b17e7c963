import assert from "node:assert/strict"
import { test } from "node:test"
import { NetworkError } from "../core/client-error.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Watch, type WatchParts } from "./watch.ts"

test("the own account is looked at in the log also while no stream can be opened, a minute after opening and then every hour", async (t) => {
  const { jobs, due } = fakeJobs()
  const register: WatchParts["jobs"]["register"] = (kind) => {
    runs.set(kind.kind, async () => await kind.run("", 0))
    jobs.register(kind)
  }
  const runs = new Map<string, () => Promise<unknown>>()
  const trust = { accounts: {} }
  const parts = { jobs: { register, schedule: jobs.schedule }, clock: { nowMs: () => 1e12 }, trust } as unknown as WatchParts
  const watch = new Watch(parts, { kick: () => {}, fault: assert.fail, ownDevicesDue: () => {} })
  let [looks, isAway] = [0, false]
  t.mock.method(watch.account, "look", async () => {
    looks++
    if (isAway) throw new NetworkError("away", { maybeDone: false })
    return "seen"
  })
  watch.open()
  const job = due.find(({ kind }) => kind === "key-log-without-stream")
  assert.equal(job?.afterMs, 60_000)
  const run = runs.get("key-log-without-stream") ?? assert.fail
  assert.deepEqual(await run(), { againInMs: 3_600_000 })
  assert.equal(looks, 1)
  isAway = true
  assert.deepEqual(await run(), { againInMs: 3_600_000 }, "without a network nothing is said")
  watch.online()
  await run()
  assert.equal(looks, 2, "with a stream the other look does it")
  watch.offline()
  isAway = false
  await run()
  assert.equal(looks, 3)
})
