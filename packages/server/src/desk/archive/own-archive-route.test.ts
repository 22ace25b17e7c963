import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fromUtf8 } from "@nodoor/bytes"
import { ownArchive } from "@nodoor/wire"
import { callHttp } from "../../fixtures/caller.ts"
import { approvedCase, deskRequest, newDeskWorld } from "../../fixtures/desk.ts"
import { random, signUp } from "../../fixtures/device.ts"
import { refuses } from "../../fixtures/refuses.ts"
import { startServer } from "../../service/start-server.ts"

/** Names of fields and tables, without values. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (value === null || typeof value !== "object") return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field)]))
}

test("a signed-in person gets their own archive, signed with the key that the transparency page names, and nobody gets another's", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "nodoor-own-"))
  const server = await startServer({ dataDir, log: () => {} })
  const caller = callHttp(server.url)
  const alice = await signUp(caller, server.origin, "alice")
  await signUp(caller, server.origin, "bob")
  const text = fromUtf8((await caller.call(ownArchive, {}, alice.token)).archive)
  assert.ok(text.includes("Holder of alice") && text.includes("127.0.0.1") && !text.includes("bob"))
  const own = JSON.parse(text) as { manifest: { key: string; purpose: string } }
  const { exportKey } = (await (await fetch(`${server.url}/transparency.json`)).json()) as { exportKey: string }
  assert.deepEqual([own.manifest.purpose, own.manifest.key], ["own record", exportKey])
  await refuses("unauthorized", caller.call(ownArchive, {}))
  await refuses("unauthorized", caller.call(ownArchive, {}, random(32)))
  caller.close()
  await server.stop()

  const made = await newDeskWorld()
  await signUp(made.world.caller, made.world.origin, "carol")
  const { archive } = await made.desk.export({
    caseId: approvedCase(made, deskRequest(["@carol"])),
    tell: false,
    actor: made.anna,
  })
  const lawful = JSON.parse(archive.text) as { manifest: object }
  const but = { purpose: "", about: null, approvals: 0 }
  assert.deepEqual(
    shapeOf({ ...own, manifest: { ...own.manifest, ...but } }),
    shapeOf({ ...lawful, manifest: { ...lawful.manifest, ...but } }),
    "one schema for both",
  )
  made.db.close()
  for (const folder of [dataDir, made.directory]) rmSync(folder, { recursive: true })
})

test("of one account the person's archive and the desk's are the same bytes, but for what says why it was made", async () => {
  const made = await newDeskWorld()
  const { world, desk, anna } = made
  const { token } = await signUp(world.caller, world.origin, "dora")
  const own = fromUtf8((await world.caller.call(ownArchive, {}, token)).archive)
  const { archive } = await desk.export({ caseId: approvedCase(made, deskRequest(["@dora"])), tell: false, actor: anna })
  /** Everything in its place and its spelling; only the values of these fields are taken out. */
  const without = (text: string): string => {
    const whole = JSON.parse(text) as { manifest: object }
    const manifest = { ...whole.manifest, purpose: "", about: null, approvals: 0, letterSha256: "" }
    return JSON.stringify({ ...whole, manifest, letter: "", signature: "" })
  }
  assert.ok(own !== archive.text && own.includes("Holder of dora"))
  assert.equal(without(own), without(archive.text))
  made.db.close()
  rmSync(made.directory, { recursive: true })
})

test("a person gets their archive a few times in a row, and then has to wait", async () => {
  const made = await newDeskWorld()
  const { caller, clock, origin } = made.world
  const { token } = await signUp(caller, origin, "emil")
  const asked = await Promise.allSettled(Array.from({ length: 10 }, () => caller.call(ownArchive, {}, token)))
  assert.deepEqual(
    asked.map(({ status }) => status),
    [...Array.from({ length: 6 }, () => "fulfilled"), ...Array.from({ length: 4 }, () => "rejected")],
  )
  await refuses("rate_limited", caller.call(ownArchive, {}, token))
  clock.timeMs += 20_000
  await caller.call(ownArchive, {}, token)
  made.db.close()
  rmSync(made.directory, { recursive: true })
})
