// The real CLI on the real SDK against a real server whose canary is renewed, changed and taken away.

import { type Canary, formatCanary } from "@nodoor/keylog"
import { signedCanary } from "@nodoor/keylog/fixtures"
import { startServer } from "@nodoor/server"
import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { runWords } from "./fixtures/command-line.ts"

const dayMs = 86_400_000
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const hashOf = (canary: Canary): string => createHash("sha256").update(formatCanary(canary)).digest("hex")

test("nodoor canary says none, fresh, renewed, changed, gone and not checked of a real server, each with its exit code", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nodoor-canary-cli-"))
  const dataDir = join(folder, "server")
  const server = await startServer({ dataDir, log: () => {} })
  t.after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  const run = async (...words: string[]): Promise<{ readonly code: number; readonly out: string; readonly talk: string }> => {
    const ran = await runWords(join(folder, "alice"), words)
    return { ...ran, out: ran.out.join("\n") }
  }
  const publish = (canary: Canary | undefined): void => {
    mkdirSync(join(dataDir, "desk", "canaries"), { recursive: true })
    if (canary === undefined) return rmSync(join(dataDir, "desk", "canary.json"))
    for (const name of ["canary.json", `canaries/${hashOf(canary)}.json`]) writeFileSync(join(dataDir, "desk", name), formatCanary(canary))
  }
  const issued = (ageDays: number, more: Partial<Canary> = {}): Canary => {
    const beginMs = Date.now() - ageDays * dayMs
    return signedCanary({ origin: server.origin, issued: dayOf(beginMs), expires: dayOf(beginMs + 30 * dayMs), ...more })
  }

  assert.equal((await run("register", "--server", server.url, "--handle", "alice", "--name", "Alice")).code, 0)
  assert.equal((await run("canary")).code, 3)
  const first = issued(20)
  publish(first)
  const fresh = await run("canary")
  assert.deepEqual([fresh.code, fresh.out.split("\n")[0]], [0, `fresh until ${first.expires} (UTC)`], fresh.talk)
  // Two renewals, of which this device sees the second only.
  const second = issued(10, { previous: hashOf(first) })
  const third = issued(1, { previous: hashOf(second) })
  publish(second)
  publish(third)
  assert.equal((await run("canary")).code, 0)
  const changed = issued(0, { previous: hashOf(third), statements: third.statements.slice(1) })
  publish(changed)
  const shown = await run("canary")
  assert.equal(shown.code, 4)
  assert.match(shown.out, /no longer said\n {4}before: Nobody has made us change a key\./)
  assert.match((await run("receive")).talk, /canary differs from the one this device knows/)
  const id = /nodoor canary acknowledge ([0-9a-f]{32})/.exec(shown.out)?.[1] ?? assert.fail("an id")
  assert.equal((await run("canary", "acknowledge", "00".repeat(16))).code, 3)
  assert.equal((await run("canary", "acknowledge", id)).code, 0)
  assert.equal((await run("canary")).code, 0)
  publish(undefined)
  const gone = await run("canary")
  assert.deepEqual([gone.code, gone.out.split("\n")[1]], [4, "  it is gone"])
  publish(changed)
  assert.equal((await run("canary")).code, 0)
  await server.stop()
  const unasked = await run("canary")
  assert.equal(unasked.code, 5)
  assert.match(unasked.out, /^fresh until .*\n[^]*not checked on /)
})
