// A backup by another process, as an operator makes it, while people register and write.

import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { sha256 } from "../core/crypto.ts"
import { callHttp } from "../fixtures/caller.ts"
import { type SignedIn, random, signIn, signUp } from "../fixtures/device.ts"
import { type LoggedGroup, bodiesOf, newLoggedGroup } from "../fixtures/logged-group.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"
import { restore } from "./backup.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-load-"))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)
const many = { burst: 1e6, perSecond: 1e6 }
const start = (dataDir: string, port?: number): Promise<RunningServer> =>
  startServer({
    dataDir,
    log: () => {},
    config: { registration: "open", log: { ...quickLog } },
    rates: { register: many, session: many },
    ...(port === undefined ? {} : { port }),
  })
const quickLog = { epochMs: 100, witnesses: [], operators: [], auditors: [], quorum: undefined, faults: 0, audits: undefined }

/** What the server acknowledged: people, and by group the hashes of the bodies in their order. */
class Acknowledged {
  readonly people: SignedIn[] = []
  readonly posts = new Map<LoggedGroup, string[]>()

  copy(): { readonly people: readonly SignedIn[]; readonly posts: ReadonlyMap<LoggedGroup, readonly string[]> } {
    return { people: [...this.people], posts: new Map([...this.posts].map(([group, posts]) => [group, [...posts]])) }
  }
  postCount(): number {
    return [...this.posts.values()].reduce((sum, posts) => sum + posts.length, 0)
  }
}

test("a backup under load holds everything that was acknowledged before it, and the restored server's log and accounts agree", async () => {
  const server = await start(at("data"))
  const { port, origin } = server
  const caller = callHttp(server.url)
  const acknowledged = new Acknowledged()
  let going = true
  const registering = (async () => {
    while (going) acknowledged.people.push(await signUp(caller, origin, `person${acknowledged.people.length}`))
  })()
  const writing = [0, 1, 2].map(() => write(server, acknowledged, () => going))
  while (acknowledged.people.length < 10 || acknowledged.postCount() < 60) await pause(10)
  const [before, postsBefore] = [acknowledged.copy(), acknowledged.postCount()]
  assert.equal(await backUpByCommand(at("data"), at("copy")), 0)
  const during = acknowledged.postCount() - postsBefore
  going = false
  await Promise.all([registering, ...writing])
  await server.stop()
  caller.close()
  assert.ok(during > 10, `traffic went on during the backup (${during} posts)`)

  restore(at("copy"), at("restored"))
  const again = await start(at("restored"), port)
  const fresh = callHttp(again.url)
  try {
    assert.equal(await again.store.integrity({}), "ok")
    for (const { device } of before.people) await signIn(fresh, origin, device)
    for (const [group, hashes] of before.posts) {
      const bodies = await bodiesOf(again, group, hashes.length)
      assert.deepEqual(bodies.slice(0, hashes.length).map(hashOf), hashes, "every acknowledged post, in its order")
    }
    await signUp(fresh, origin, "afterwards")
    const accounts = await again.store.countAccounts({})
    assert.ok(accounts > before.people.length)
    // Two keys an account: its handle and its states. And two for tokens.
    for (let tries = 0; (await again.keyLog.keeper.status({})).keyCount !== 2 * accounts + 2; tries++) {
      assert.ok(tries < 200, "every account comes into the log")
      await pause(20)
    }
    assert.equal(again.keyLog.state.status, "running")
  } finally {
    fresh.close()
    await again.stop()
  }
})

/** Writes into a group of one until told to stop. */
async function write(server: RunningServer, to: Acknowledged, going: () => boolean): Promise<void> {
  const group = await newLoggedGroup(server)
  const posts: string[] = []
  to.posts.set(group, posts)
  while (going()) {
    const body = random(300)
    await group.post(body)
    posts.push(hashOf(body))
  }
}

function backUpByCommand(dataDir: string, folder: string): Promise<number | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "..", "main.ts"), "backup", folder], {
    env: { PATH: process.env["PATH"], NODOOR_DATA: dataDir },
    stdio: ["ignore", "ignore", "inherit"],
  })
  return new Promise((resolve) => child.on("exit", resolve))
}

function hashOf(body: Uint8Array): string {
  return toHex(sha256(body))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
