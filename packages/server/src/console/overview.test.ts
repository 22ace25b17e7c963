import assert from "node:assert/strict"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { toBase64 } from "@nodoor/bytes"
import { formatCanary } from "@nodoor/keylog"
import { uploadKeyPackages } from "@nodoor/wire"
import { type OperatorOverview, operatorOverview } from "@nodoor/wire/operator"
import { newCanary, signCanary } from "../desk/canary/canary.ts"
import { newKey } from "../fixtures/desk.ts"
import { type ConsoleWorld, enrolWith, firstLink, startConsoleWorld } from "../fixtures/console.ts"
import { createItem, newKnownGroup, newSeat, passOf, postClient, postItem, readClient } from "../fixtures/delivery-member.ts"
import { random, signUp } from "../fixtures/device.ts"
import { testNetwork } from "../fixtures/witness.ts"
import { defaultLogSettings } from "../keylog/log-settings.ts"
import { noteBackup } from "../operator/backup-state.ts"
import type { StartOptions } from "../service/start-server.ts"

async function withConsole(
  run: (world: ConsoleWorld, look: () => Promise<OperatorOverview>) => Promise<void>,
  options: Partial<StartOptions> = {},
): Promise<void> {
  const world = await startConsoleWorld(options)
  try {
    const anna = await enrolWith(world, await firstLink(world, "Anna"))
    await run(world, async () => {
      await anna.signIn()
      return anna.call(operatorOverview, {})
    })
  } finally {
    await world.close()
  }
}

/** Looks until it is so. */
async function until(look: () => Promise<OperatorOverview>, so: (seen: OperatorOverview) => boolean): Promise<OperatorOverview> {
  for (let tries = 0; tries < 100; tries++) {
    const seen = await look()
    if (so(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return assert.fail("it never was so")
}

test("the overview counts what is held, who is signed in and what the files take, and says when the last backup was made", () =>
  withConsole(async (world, look) => {
    const { server, caller, dataDir } = world
    const empty = await look()
    assert.deepEqual(
      [empty.queue, empty.devicesConnected, empty.backup, empty.accounts.active],
      [{ bodies: 0, bytes: 0, groups: 0 }, 0, {}, 0],
    )
    const bob = await signUp(caller, server.origin, "bob")
    await caller.call(uploadKeyPackages, { oneTime: [random(200)], lastResort: random(200) }, bob.token)
    const hour = Math.floor(Date.now() / 3_600_000)
    const [group, seat] = [newKnownGroup(), newSeat()]
    const poster = postClient(server.delivery, await passOf(server.deliveryStore, "post", hour))
    poster.send(createItem(group, seat), postItem(group, random(1000), { ref: 2 }))
    await poster.take(3)
    const reader = readClient(server.delivery, await passOf(server.deliveryStore, "read", hour))
    await reader.take()
    noteBackup(dataDir, { atMs: 1_790_000_000_000, files: 4 })

    assert.deepEqual((await look()).queue, empty.queue, "what is held is not counted again at every look")
    world.clock.aheadMs += 10_000
    const seen = await look()
    assert.ok(seen.queue.bodies === 1 && seen.queue.bytes === 1000 && seen.queue.groups === 1)
    const today = (hour - (hour % 24)) * 3_600_000
    assert.ok([today, today + 24 * 3_600_000].includes(seen.queue.oldestAtMs ?? 0), "the day, also if it has just ended")
    assert.deepEqual([seen.devicesConnected, seen.accounts.active, seen.origin], [1, 1, server.origin])
    assert.deepEqual(seen.backup, { atMs: 1_790_000_000_000, files: 4 })
    assert.deepEqual(
      seen.databases.map(({ path }) => path),
      ["log/log.sqlite", "desk/desk.sqlite", "accounts.db", "delivery.db"],
    )
    assert.ok(seen.storage.freeBytes > 0 && seen.storage.files.some(({ name, bytes }) => name === "accounts.db" && bytes > 10_000))
    for (const name of ["database", "delivery database"])
      assert.ok(seen.findings.some(({ what, level }) => what === name && level === "ok"))
    reader.port.closed()
    poster.port.closed()
  }))

test("witnesses and auditors stand there by name with whether they stand behind the published log", async () => {
  const network = testNetwork(Date.now())
  const [signs, silent, auditor] = [network.witness("anna.example/w"), network.witness("ben.example/w"), network.auditor("cleo.example/a")]
  silent.silent = true
  const log = { ...defaultLogSettings, epochMs: 100, witnesses: [signs.line, silent.line], auditors: [auditor.line], quorum: 2, audits: 0 }
  await withConsole(
    async (world, look) => {
      const waiting = await until(look, ({ keyLog }) => keyLog.status === "waiting")
      assert.deepEqual([waiting.keyLog.reason, waiting.keyLog.size, waiting.keyLog.publishedAtMs], ["witnesses", 0, undefined])
      silent.silent = false
      const seen = await until(look, ({ keyLog }) => keyLog.status === "running" && keyLog.size > 0)
      assert.deepEqual(
        [seen.keyLog.origin, seen.keyLog.quorum, seen.keyLog.witnesses, seen.keyLog.auditors],
        [
          `${world.server.origin}/kt/1`,
          2,
          [
            { name: "anna.example/w", signed: true },
            { name: "ben.example/w", signed: true },
          ],
          [{ name: "cleo.example/a", signed: false }],
        ],
      )
      assert.ok(Math.abs((seen.keyLog.publishedAtMs ?? 0) - Date.now()) < 60_000)
      const checkpoint = await world.server.keyLog.file("checkpoint")
      assert.ok(checkpoint !== undefined)
      auditor.sign(checkpoint.bytes)
      await until(look, ({ keyLog }) => keyLog.auditors[0]?.signed === true)
      // What they said a day ago says nothing about today.
      world.clock.aheadMs = 25 * 3_600_000
      assert.deepEqual(
        (await look()).keyLog.witnesses.map(({ signed }) => signed),
        [false, false],
      )
    },
    { logNetwork: network, config: { log } },
  )
})

test("the canary is none, fresh, and expired when its day has come", () =>
  withConsole(async (world, look) => {
    assert.deepEqual((await look()).canary, { status: "none" })
    const key = newKey()
    const draft = newCanary({
      origin: world.server.origin,
      nowMs: Date.now(),
      threshold: 1,
      keys: [toBase64(key.publicKey)],
      published: undefined,
    })
    const path = join(world.dataDir, "desk", "canary.json")
    writeFileSync(path, formatCanary(signCanary(draft, key)))
    assert.deepEqual((await look()).canary, { status: "fresh", expires: draft.expires })
    world.clock.aheadMs = 36 * 86_400_000
    assert.deepEqual((await look()).canary, { status: "expired", expires: draft.expires })
    writeFileSync(path, "nothing of a canary")
    assert.deepEqual((await look()).canary, { status: "expired" })
  }))
