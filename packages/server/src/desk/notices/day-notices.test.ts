import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { tokenKeyEpoch } from "@nodoor/wire"
import { fromBase64 } from "@nodoor/bytes"
import { verifyNoticeOpening } from "@nodoor/keylog"
import { serverCrypto } from "../../core/crypto.ts"
import { deskRequest, newKey } from "../../fixtures/desk.ts"
import { random } from "../../fixtures/device.ts"
import { inventoryHash } from "../../inventory/inventory.ts"
import { defaultLogSettings } from "../../keylog/log-settings.ts"
import { startServer } from "../../service/start-server.ts"
import { Actor } from "../people/actor.ts"
import { type DayNoticePorts, logToday } from "./day-notices.ts"
import { openDesk } from "../open-desk.ts"
import type { TransparencyReport } from "./transparency-report.ts"

const dayMs = 86_400_000

test("a running server logs a notice every day; a closed case is on the public page the day after, a gagged one only when its gag has ended, and both slots stood in the log before", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-notices-"))
  // Noon of a day, from which it goes on: the log makes no two epochs at one moment.
  const clock = { aheadMs: Date.UTC(2026, 11, 1, 12) - Date.now(), nowMs: () => Date.now() + clock.aheadMs }
  const server = await startServer({ dataDir, clock, log: () => {}, config: { log: { ...defaultLogSettings, epochMs: 100 } } })
  const { desk, people, db, close } = await openDesk(dataDir, { clock, random })
  after(async () => {
    await close()
    await server.stop()
    rmSync(dataDir, { recursive: true })
  })
  const ports: DayNoticePorts = {
    db,
    keeper: server.keyLog.keeper,
    changed: server.keyLog.changed,
    clock,
    random,
    logDatabasePath: join(dataDir, "log", "log.sqlite"),
  }
  const size = async (): Promise<number> => (await server.keyLog.keeper.status({})).publishedSize
  const grownTo = async (wanted: number): Promise<void> => {
    for (let tries = 0; (await size()) < wanted && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  // Config, policy, epoch; by itself the first day's notice and another epoch; and the keys for tokens, in that one or in one of their own.
  await grownTo(5)
  for (let tries = 0; (await server.keyLog.tokenKey(tokenKeyEpoch(clock.nowMs()))) === undefined && tries < 500; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  for (let [seen, still] = [0, 0]; still < 40; seen = await size()) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    still = (await size()) === seen ? still + 1 : 0
  }
  const nextDay = async (): Promise<TransparencyReport> => {
    clock.aheadMs += dayMs
    const before = await size()
    await logToday(ports)
    await logToday(ports)
    await grownTo(before + 2)
    assert.equal(await size(), before + 2, "one notice and one epoch, however often it is asked")
    await logToday(ports)
    return (await (await fetch(`${server.url}/transparency.json`)).json()) as TransparencyReport
  }
  const key = newKey()
  people.addKey({ name: "Anna", publicKey: key.publicKey, voucher: undefined })
  const actor = Actor.ofKey(db, key)
  const closed = async (gagUntil?: string): Promise<string> => {
    const caseId = desk.open(deskRequest(["@alice"], gagUntil === undefined ? {} : { gagUntil }), actor)
    await desk.close({ caseId, outcome: "challenged", tell: true, actor })
    return caseId
  }
  await nextDay()
  const [free, gagged] = [await closed(), await closed("2026-12-06")]
  const held = await nextDay()
  assert.deepEqual(held.notices, [], "its slot is in the log and closed")
  const seen = await nextDay()
  assert.deepEqual(
    seen.notices.map(({ id, outcome, country }) => [id, outcome, country]),
    [[free, "challenged", "DE"]],
  )
  assert.ok(!JSON.stringify(seen).includes(gagged))
  const opened = seen.slots.find(({ body }) => body !== null && Buffer.from(body, "base64").includes(free))
  const slot = held.slots.find(({ day }) => day === opened?.day)
  assert.ok(opened?.key && opened.body && slot !== undefined)
  verifyNoticeOpening(serverCrypto, { slot: fromBase64(slot.slot), key: fromBase64(opened.key), body: fromBase64(opened.body) })
  assert.ok(Buffer.from(opened.body, "base64").toString().includes(inventoryHash()))
  await nextDay()
  assert.ok(!JSON.stringify(await nextDay()).includes(gagged), "on the last day of the gag")
  const last = await nextDay()
  assert.deepEqual(last.notices.map(({ id }) => id).toSorted(), [free, gagged].toSorted())

  const entries = last.slots.map(({ entry }) => entry)
  assert.equal(entries[0] ?? 0, (await size()) - 2, "the newest stands before the last epoch")
  assert.equal(new Set(entries).size, entries.length)

  const page = await fetch(`${server.url}/transparency`)
  const html = await page.text()
  assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/)
  assert.match(html, /<h2>By outcome<\/h2>\s*<ul class="bars">\s*<li>\s*<span>challenged<\/span\s*>\s*<b>2<\/b\s*>\s*<svg /)
  assert.ok(!/<script|\sstyle=|\son\w+=/.test(html), "nothing that the policy of the page would refuse")
  assert.match(await (await fetch(`${server.url}/transparency.css`)).text(), /@media print/)

  // The clock is set back: nothing is logged for a day that is over.
  clock.aheadMs -= 2 * dayMs
  const before = await size()
  await logToday(ports)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(await size(), before)
})
