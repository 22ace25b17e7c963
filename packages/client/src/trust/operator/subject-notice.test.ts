// The desk of a running server, and devices that hear of it: nothing before they may, then everything, and nobody else.

import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type TestContext, test } from "node:test"
import { defaultLogSettings, startServer } from "@nodoor/server"
import { deskRequest, endCase, newKey } from "@nodoor/server/fixtures"
import type { Device } from "../../api/api.ts"
import type { ClientEvent } from "../../view/event.ts"
import type { OperatorNoticeView } from "./operator-notice-view.ts"
import { createDevice, openDevice } from "../../api/open-device.ts"
import { quickTokens } from "../../platform/fixtures/quick-tokens.ts"
import { nodePorts, openMemoryDatabase } from "../../platform/node.ts"
import type { Ports } from "../../core/ports.ts"

const dayMs = 86_400_000

interface Person {
  /** Opens the device, lets it take in what is new, and closes it. */
  visit(
    use?: (device: Device) => Promise<void>,
  ): Promise<{ readonly told: readonly OperatorNoticeView[]; readonly events: readonly ClientEvent[] }>
}

async function world(t: TestContext): Promise<{
  readonly clock: { timeMs: number; nowMs(): number }
  person(handle: string): Promise<Person>
  ended(accounts: readonly string[], gagUntil?: string): Promise<string>
}> {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-told-"))
  const beganMs = performance.now()
  // It runs on: what a device tries again is due by this clock.
  const clock = { timeMs: Date.UTC(2026, 11, 1, 12), nowMs: () => clock.timeMs + Math.floor(performance.now() - beganMs) }
  const server = await startServer({ dataDir, clock, log: () => {}, config: { log: { ...defaultLogSettings, epochMs: 100 } } })
  t.after(async () => {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const key = newKey()
  const visited = async (device: Device, use?: (device: Device) => Promise<void>): ReturnType<Person["visit"]> => {
    const events: ClientEvent[] = []
    device.subscribe((event) => events.push(event))
    try {
      assert.ok(await device.settled(10_000))
      const told = await device.operatorNotices()
      await use?.(device)
      return { told, events }
    } finally {
      await device.close()
    }
  }
  return {
    clock,
    async person(handle) {
      const database = await openMemoryDatabase()
      t.after(() => database.close())
      // Closing the device leaves the store: the next visit opens it again.
      const opened = nodePorts({
        ...database,
        read: database.read.bind(database),
        commit: database.commit.bind(database),
        close: async () => {},
      })
      const ports: Ports = { ...opened, clock, blindSignatures: quickTokens(opened.random) }
      const account = { serverUrl: server.url, handle, name: handle, holderName: `Holder of ${handle}`, deviceClass: "cli" } as const
      await visited(await createDevice(ports, account))
      return { visit: async (use) => visited(await openDevice(ports), use) }
    },
    ended: (accounts, gagUntil) =>
      endCase(dataDir, { clock, key, request: deskRequest(accounts, gagUntil === undefined ? {} : { gagUntil }) }),
  }
}

test("a device shows at its next connection that a request named its account, until it is read and after, and another's device never", async (t) => {
  const { person, ended } = await world(t)
  const [alice, bob] = [await person("alice"), await person("bob")]
  assert.deepEqual((await alice.visit()).told, [])
  const caseId = await ended(["@alice"])
  const { told, events } = await alice.visit(async (device) => {
    const [notice] = await device.operatorNotices()
    await device.acknowledgeOperatorNotice(notice?.id ?? "")
  })
  assert.deepEqual(
    told.map((notice) => [notice.caseId, notice.outcome, notice.disclosed, notice.acknowledgedAtMs]),
    [[caseId, "challenged", [], undefined]],
  )
  assert.ok(events.some(({ type }) => type === "operator_notices"))
  assert.ok(!events.some(({ type }) => type === "alarm" || type === "chat"), "neither an alarm nor a change of a chat")
  const again = await alice.visit()
  assert.ok(again.told.length === 1 && again.told[0]?.acknowledgedAtMs !== undefined)
  assert.deepEqual((await bob.visit()).told, [])
})

test("under a gag a device shows nothing on its last day, and everything the day after", async (t) => {
  const { clock, person, ended } = await world(t)
  const alice = await person("alice")
  const caseId = await ended(["@alice"], "2026-12-03")
  clock.timeMs = Date.UTC(2026, 11, 3, 23, 55)
  assert.deepEqual((await alice.visit()).told, [])
  clock.timeMs = Date.UTC(2026, 11, 4)
  const { told } = await alice.visit()
  assert.deepEqual([told.length, told[0]?.caseId, told[0]?.gagUntil], [1, caseId, "2026-12-03"])
  clock.timeMs += 30 * dayMs
  assert.equal((await alice.visit()).told.length, 1)
})

test("a device gets the server's archive of its account as it came, with the letter in it", async (t) => {
  const { person } = await world(t)
  const alice = await person("alice")
  await alice.visit(async (device) => {
    const { origin } = await device.account()
    const { name, text, letter } = await device.serverArchive()
    assert.equal(name, `what-${origin.replace(":", "-")}-knows-about-alice.json`)
    assert.equal(letter.name, name.replace(/json$/, "html"))
    const whole = JSON.parse(text) as { letter: string; manifest: { purpose: string } }
    assert.deepEqual([whole.manifest.purpose, whole.letter], ["own record", letter.html])
    assert.ok(text.includes("Holder of alice"))
  })
})
