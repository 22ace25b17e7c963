// `nodoor export --verify` against a real server with its desk and its log, and against a proxy in front of it that lies.

import { type PublicDesk, archivesOf, deskRequest, startPublicDesk } from "@nodoor/server/fixtures"
import assert from "node:assert/strict"
import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { ScriptedDevice, scriptedTerminal } from "../fixtures/scripted-device.ts"

interface Report {
  origin: string
  exportKey: string
  inventorySha256: string
  slots: { day: string; slot: string; entry: number | null; key: string | null; body: string | null }[]
}

const folder = mkdtempSync(join(tmpdir(), "nodoor-export-"))
const { run } = scriptedTerminal(new ScriptedDevice())
let desk: PublicDesk
/** What the proxy in front of the server changes. If it returns undefined, the proxy answers with 404. */
let tamper: (path: string, bytes: Buffer) => Buffer | undefined = (_path, bytes) => bytes
let proxyUrl = ""
let proxy: ReturnType<typeof createServer>
const archives: { open?: string; gagged?: string; fresh?: string } = {}
let oldCheckpoint: Buffer

before(async () => {
  desk = await startPublicDesk(["alice", "bob"])
  proxy = createServer((request, response) => {
    const path = request.url ?? ""
    void fetch(`${desk.server.url}${path}`).then(async (answer) => {
      const bytes = tamper(path, Buffer.from(await answer.arrayBuffer()))
      response.statusCode = bytes === undefined ? 404 : answer.status
      response.end(bytes)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve))
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  archives.open = await desk.handOver(deskRequest(["@alice"]))
  oldCheckpoint = Buffer.from(await (await fetch(`${desk.server.url}/kt/checkpoint`)).arrayBuffer())
  await desk.nextDay()
  archives.gagged = await desk.handOver(
    deskRequest(["@bob"], { gagUntil: new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10) }),
  )
  await desk.nextDay()
  await desk.nextDay()
  archives.fresh = await desk.handOver(deskRequest(["@bob"]))
})
after(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await desk.stop()
  rmSync(folder, { recursive: true })
})

interface Checked {
  readonly code: number
  readonly talk: string
  readonly status: Readonly<Record<string, string>>
  readonly why: Readonly<Record<string, string>>
}

async function check(archive: string | undefined, change: typeof tamper = (_path, bytes) => bytes, ...more: string[]): Promise<Checked> {
  tamper = change
  const file = join(folder, "archive.json")
  writeFileSync(file, archive ?? assert.fail("an archive"))
  const { code, out, talk } = await run(["export", "--verify", file, "--json", "--server", proxyUrl, ...more])
  const { checks } = JSON.parse(out[0] ?? '{"checks":[]}') as { checks: { check: string; status: string; why?: string }[] }
  const pick = (field: "status" | "why"): Record<string, string> => Object.fromEntries(checks.map((one) => [one.check, one[field] ?? ""]))
  return { code, talk, status: pick("status"), why: pick("why") }
}

const onReport =
  (change: (report: Report) => void): typeof tamper =>
  (path, bytes) => {
    if (path !== "/transparency.json") return bytes
    const report = JSON.parse(bytes.toString()) as Report
    change(report)
    return Buffer.from(JSON.stringify(report))
  }
const slotOf = (report: Report, text: string): Report["slots"][number] =>
  report.slots.find(({ body }) => body !== null && Buffer.from(body, "base64").includes(text)) ?? assert.fail(`a slot with ${text}`)
const caseOf = (archive: string | undefined): string =>
  (JSON.parse(archive ?? "") as { manifest: { about: { case: string } } }).manifest.about.case
const all = (status: string): object => ({ "signing key": status, log: status, inventory: status, case: status })

/** The archive with a change, signed anew, and the report that names the new key. */
function signedAnew(
  archive: string | undefined,
  change: (whole: { inventory: { reason: string }[]; manifest: Record<string, unknown> }) => void,
): { readonly text: string; readonly lie: typeof tamper } {
  const whole = JSON.parse(archive ?? "") as { inventory: { reason: string }[]; manifest: Record<string, unknown>; signature?: string }
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  change(whole)
  const key = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64")
  whole.manifest["key"] = key
  delete whole.signature
  const digest = createHash("sha256").update(JSON.stringify(whole)).digest()
  whole.signature = sign(null, Buffer.concat([Buffer.from("nodoor/disclosure/v1\0"), digest]), privateKey).toString("base64")
  return { text: `${JSON.stringify(whole)}\n`, lie: onReport((report) => void (report.exportKey = key)) }
}

test("an archive passes against its server once the slots are open: key, log, inventory and the notice of its case; by default at its own origin", async () => {
  const { code, status } = await check(archives.open)
  assert.deepEqual([code, status], [0, all("passed")])
  const shown = await run(["export", "--verify", join(folder, "archive.json")])
  assert.equal(shown.code, 0, shown.talk)
  assert.match(shown.out[0] ?? "", /\nfile +passed +signature, schema and completeness\nsigning key +passed +.*\nlog +passed +\d+ entries/)
  assert.match(shown.out[0] ?? "", /\ncase +passed +case [0-9a-f]+, in the log on 20/)
})

test("what cannot be known yet is not checked and says why: a gag, a slot of today, one's own record; and nothing failed", async () => {
  const gagged = await check(archives.gagged)
  assert.deepEqual([gagged.code, gagged.status], [0, { ...all("passed"), case: "not checked" }])
  assert.match(gagged.why["case"] ?? "", /not been opened yet, is under a gag, or was never written/)
  const fresh = await check(archives.fresh)
  assert.deepEqual([fresh.code, fresh.status["case"]], [0, "not checked"])
  const { own } = await archivesOf("carol")
  const { why, status } = await check(own)
  assert.deepEqual([status["case"], why["case"]], ["not checked", "a person's own record has no case"])
  const early = onReport((report) => report.slots.forEach((slot) => void ([slot.key, slot.body] = [null, null])))
  assert.deepEqual((await check(archives.open, early)).status, { ...all("not checked"), "signing key": "passed", log: "passed" })
})

test("a server or a log that does not answer leaves everything unchecked and ends with 5; --offline checks the file alone and says so", async () => {
  const away = await check(archives.open, () => undefined)
  assert.deepEqual([away.code, away.status], [5, all("not checked")])
  assert.match(away.why["log"] ?? "", /answered with 404/)
  const page = await check(archives.open, () => Buffer.from("<!doctype html>"))
  assert.deepEqual([page.code, page.status], [5, all("not checked")])
  const silent = await check(archives.open, (path, bytes) => (path.startsWith("/kt/") ? undefined : bytes))
  assert.deepEqual([silent.code, silent.status], [5, { ...all("not checked"), "signing key": "passed" }])
  writeFileSync(join(folder, "archive.json"), archives.open ?? "")
  const offline = await run(["export", "--verify", join(folder, "archive.json"), "--offline"])
  assert.equal(offline.code, 0)
  assert.match(offline.out[0] ?? "", /file +passed[^]*signing key +not checked +--offline[^]*case +not checked +--offline/)
  for (const words of [
    ["--server", proxyUrl],
    ["--verify", "x", "--offline", "--server", proxyUrl],
    ["--verify", "x", "--out", "y"],
  ])
    assert.equal((await run(["export", ...words])).code, 2, words.join(" "))
})

test("another key, another server and another log fail, whatever else passes", async () => {
  const { text } = signedAnew(archives.open, () => {})
  const other = await check(text)
  assert.deepEqual([other.code, other.status["signing key"], other.status["inventory"]], [4, "failed", "passed"])
  const foreign = await check(
    archives.open,
    onReport((report) => void (report.origin = "other.example")),
  )
  assert.deepEqual([foreign.code, foreign.status["signing key"]], [4, "failed"])
  const pinned = await check(archives.open, undefined, "--pin", "ab".repeat(32))
  assert.deepEqual([pinned.code, pinned.status], [4, { ...all("not checked"), "signing key": "passed", log: "failed" }])
})

test("an inventory that the log does not state fails, and so does a notice that names a different archive or none", async () => {
  const { text, lie } = signedAnew(archives.open, (whole) => {
    ;(whole.inventory[0] as { reason: string }).reason = "something else"
    whole.manifest["inventorySha256"] = createHash("sha256").update(JSON.stringify(whole.inventory)).digest("hex")
  })
  const narrowed = await check(text, lie)
  assert.deepEqual([narrowed.code, narrowed.status], [4, { ...all("passed"), inventory: "failed", case: "failed" }])
  assert.match(narrowed.why["inventory"] ?? "", /the server has a different one/)
  assert.match(narrowed.why["case"] ?? "", /names a different archive/)
  // The server claims that it has this inventory; the log does not say so.
  const claimed = await check(text, (path, bytes) => {
    const { inventorySha256 } = (JSON.parse(text) as { manifest: { inventorySha256: string } }).manifest
    return onReport((report) => void (report.inventorySha256 = inventorySha256))(path, lie(path, bytes) ?? bytes)
  })
  assert.equal(claimed.status["inventory"], "not checked")
})

test("a slot that was forged, or that is not the log's entry of its day, fails", async () => {
  const caseId = caseOf(archives.open)
  const digest = createHash("sha256")
    .update(archives.open ?? "")
    .digest("hex")
  /** Says in the slot of the open case that something else was handed over. */
  const rewritten = (report: Report): Report["slots"][number] => {
    const slot = slotOf(report, caseId)
    slot.body = Buffer.from(
      Buffer.from(slot.body ?? "", "base64")
        .toString()
        .replace(digest, "0".repeat(64)),
    ).toString("base64")
    return slot
  }
  const forged = await check(
    archives.open,
    onReport((report) => void rewritten(report)),
  )
  assert.deepEqual([forged.code, forged.status["case"]], [4, "failed"])
  assert.match(forged.why["case"] ?? "", /was forged/)

  const unlogged = await check(
    archives.open,
    onReport((report) => {
      const slot = rewritten(report)
      slot.slot = createHmac("sha256", Buffer.from(slot.key ?? "", "base64"))
        .update(Buffer.from(slot.body ?? "", "base64"))
        .digest("base64")
    }),
  )
  assert.match(unlogged.why["case"] ?? "", /entry \d+ of the log is not the slot of/)

  for (const entry of [0, 1, 4]) {
    const misplaced = await check(
      archives.open,
      onReport((report) => void (slotOf(report, caseId).entry = entry)),
    )
    assert.deepEqual([misplaced.code, misplaced.status["case"]], [4, "failed"], String(entry))
  }
  const otherDay = await check(
    archives.open,
    onReport((report) => void (slotOf(report, caseId).day = "2026-01-01")),
  )
  assert.match(otherDay.why["case"] ?? "", /to a statement of that day/)
  const nonsense = onReport((report) => void (slotOf(report, caseId).body = Buffer.from("{}").toString("base64")))
  assert.notEqual((await check(archives.open, nonsense)).status["case"], "passed")
})

test("a log that was rolled back, cut off or changed in one byte never passes", async () => {
  const rolledBack = await check(archives.open, (path, bytes) => (path === "/kt/checkpoint" ? oldCheckpoint : bytes))
  assert.equal(rolledBack.code, 4)
  assert.equal(rolledBack.status["case"], "failed")
  assert.match(rolledBack.why["case"] ?? "", /the log ends before the slot/)

  const cut = await check(
    archives.open,
    onReport((report) => report.slots.forEach((slot) => void (slot.entry = 10_000))),
  )
  assert.deepEqual([cut.code, cut.status["inventory"], cut.status["case"]], [4, "failed", "failed"])

  const flipped = await check(archives.open, (path, bytes) =>
    path === "/kt/checkpoint" ? Buffer.from(bytes.toString().replace(/\n(\d+)\n/, (_all, n) => `\n${Number(n) - 1}\n`)) : bytes,
  )
  assert.notEqual(flipped.status["log"], "passed")
  assert.deepEqual([flipped.status["inventory"], flipped.status["case"]], ["not checked", "not checked"])

  const tiles = await check(archives.open, (path, bytes) => {
    if (!path.startsWith("/kt/tile/0/")) return bytes
    const changed = Buffer.from(bytes)
    changed[40] = (changed[40] ?? 0) ^ 1
    return changed
  })
  assert.equal(tiles.code, 4)
  assert.equal(tiles.status["log"], "failed")
})

test("an archive whose server is no host is not asked anywhere", async () => {
  for (const origin of ["user@host", "host/path", "", "host:99999999", "exa mple"]) {
    const { text } = signedAnew(archives.open, (whole) => void (whole.manifest["origin"] = origin))
    writeFileSync(join(folder, "strange.json"), text)
    const { code, talk } = await run(["export", "--verify", join(folder, "strange.json")])
    assert.equal(code, 2, origin)
    assert.match(talk, /--server URL, or --offline/)
  }
})
