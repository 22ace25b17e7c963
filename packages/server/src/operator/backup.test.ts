import assert from "node:assert/strict"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { after, test } from "node:test"
import { toBase64Url } from "@nodoor/bytes"
import { lookup } from "@nodoor/wire"
import { blobDownloadPath, blobHeaders, blobUploadPath } from "@nodoor/wire/delivery"
import { openDesk } from "../desk/open-desk.ts"
import { activePeople } from "../desk/people/person.ts"
import { callHttp } from "../fixtures/caller.ts"
import { passOf } from "../fixtures/delivery-member.ts"
import { newKey } from "../fixtures/desk.ts"
import { random, signIn, signUp } from "../fixtures/device.ts"
import { bodiesOf, newLoggedGroup } from "../fixtures/logged-group.ts"
import { refusedWith } from "../fixtures/refuses.ts"
import { type RunningServer, startServer } from "../service/start-server.ts"
import { backUp, restore } from "./backup.ts"
import { versionsOf } from "./schema-version.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-backup-"))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)
/** A blob as a device stores and reads it. */
async function storedBlob({ url, deliveryStore }: RunningServer) {
  const pass = await passOf(deliveryStore, "post", Math.floor(Date.now() / 3_600_000))
  const id = { [blobHeaders.id]: toBase64Url(random(32)) }
  const named = { ...id, [blobHeaders.secret]: toBase64Url(random(32)), [blobHeaders.tus]: "1.0.0" }
  return {
    store: async (content: Uint8Array): Promise<void> => {
      const payment = { [blobHeaders.pass]: toBase64Url(pass), [blobHeaders.keepDays]: "30", [blobHeaders.length]: String(content.length) }
      await fetch(`${url}${blobUploadPath}`, { method: "POST", headers: { ...named, ...payment } })
      const headers = { ...named, "content-type": "application/offset+octet-stream", [blobHeaders.offset]: "0" }
      const stored = await fetch(`${url}${blobUploadPath}`, { method: "PATCH", headers, body: content as Uint8Array<ArrayBuffer> })
      assert.equal(stored.status, 204)
    },
    read: async (from: string): Promise<Uint8Array> =>
      new Uint8Array(await (await fetch(`${from}${blobDownloadPath}`, { headers: id })).arrayBuffer()),
  }
}

const about = { nowMs: 1, server: "0.1.0" }
const ports = { clock: { nowMs: () => Date.now() }, random }
const start = (dataDir: string, port?: number): Promise<RunningServer> =>
  startServer({ dataDir, log: () => {}, ...(port === undefined ? {} : { port }) })

test("a backup that is made while messages come in is whole: the restored server knows the people, their messages, the desk and the log", async () => {
  const server = await start(at("data"))
  const caller = callHttp(server.url)
  const alice = await signUp(caller, server.origin, "alice")
  const group = await newLoggedGroup(server)
  const desk = await openDesk(at("data"), ports)
  desk.people.addKey({ name: "Anna", publicKey: newKey().publicKey, voucher: undefined })
  await desk.close()
  mkdirSync(at("data/desk/archives"))
  writeFileSync(at("data/desk/archives/0123456789.json"), "what was handed over, kept for seven days")
  const [content, blob] = [random(100_000), await storedBlob(server)]
  await blob.store(content)
  let going = true
  const posted: number[] = []
  const traffic = (async () => {
    while (going) posted.push(await group.post(random(300)))
  })()
  while (posted.length < 5) await new Promise((resolve) => setTimeout(resolve, 5))
  const before = posted.at(-1) ?? 0
  assert.ok(backUp(at("data"), at("copy"), about) >= 6)
  going = false
  await traffic
  const { port, origin } = server
  await server.stop()
  caller.close()

  assert.throws(() => backUp(at("data"), at("copy"), about), refusedWith("backup_refused", /already/))
  const copied = (JSON.parse(readFileSync(at("copy/backup.json"), "utf8")) as { files: { path: string }[] }).files.map(({ path }) => path)
  assert.ok(!copied.some((path) => path.includes("archives")), "what is erased after seven days does not live on in backups")
  const databases = ["accounts/log/log.sqlite", "accounts/desk/desk.sqlite", "accounts/accounts.db"]
  assert.deepEqual(copied.slice(0, 3), databases, "what they name is copied after them")
  assert.ok(copied.includes("delivery/delivery.db"))
  assert.equal(copied.filter((path) => /^delivery\/blobs\/[0-9a-f]{32}$/.test(path)).length, 1)
  assert.equal(
    restore(at("copy"), at("restored")),
    (JSON.parse(readFileSync(at("copy/backup.json"), "utf8")) as { files: [] }).files.length,
  )
  const again = await start(at("restored"), port)
  assert.equal(again.origin, origin)
  const fresh = callHttp(again.url)
  await signIn(fresh, origin, alice.device)
  assert.deepEqual((await fresh.call(lookup, { handle: "alice" })).accountId, alice.account.accountId)
  assert.ok((await bodiesOf(again, group, before)).length >= before, "what was answered before the backup is in it")
  assert.deepEqual(await blob.read(again.url), content)
  fresh.close()
  assert.equal((await again.keyLog.keeper.status({})).keyCount, 4, "handle and states, and two keys for tokens")
  await again.stop()
  const restoredDesk = await openDesk(at("restored"), ports)
  assert.deepEqual(
    activePeople(restoredDesk.db).map(({ name }) => name),
    ["Anna"],
  )
  await restoredDesk.close()
})

test("a backup is put back only into an empty directory that no server runs on, only whole, and only by a version that knows it", async () => {
  const copy = at("copy")
  const nothingIn = (name: string): void =>
    assert.ok(!existsSync(at(name)) || readdirSync(at(name)).every((file) => file.startsWith("server.lock")))
  assert.throws(() => restore(copy, at("restored")), refusedWith("backup_refused", /not empty/))
  assert.throws(() => restore(at("nothing"), at("new")), refusedWith("backup_refused", /not a backup/))
  assert.throws(() => backUp(at("new"), at("copy 2"), about), refusedWith("backup_refused", /no server data/))
  const running = await start(at("running"))
  assert.throws(() => restore(copy, at("running")), refusedWith("data_dir_in_use"))
  await running.stop()

  const listed = readFileSync(join(copy, "backup.json"), "utf8")
  writeFileSync(join(copy, "backup.json"), listed.replace('"accounts/log/vrf.key"', '"../../vrf.key"'))
  assert.throws(() => restore(copy, at("new")), refusedWith("backup_refused", /not a backup/))
  writeFileSync(join(copy, "backup.json"), listed)

  const database = readFileSync(join(copy, "accounts", "accounts.db"))
  const changed = Buffer.from(database)
  changed[5000] = (changed[5000] ?? 0) ^ 1
  writeFileSync(join(copy, "accounts", "accounts.db"), changed)
  assert.throws(() => restore(copy, at("new")), refusedWith("backup_refused", /differs from the file/))
  nothingIn("new")
  writeFileSync(join(copy, "accounts", "accounts.db"), database)

  // The halves are kept in two places, and one has not been brought back.
  for (const half of ["accounts", "delivery"]) {
    renameSync(join(copy, half), at("elsewhere"))
    assert.throws(
      () => restore(copy, at("new")),
      refusedWith("backup_refused", new RegExp(`^The folder ${half} of the backup is not here`)),
    )
    nothingIn("new")
    renameSync(at("elsewhere"), join(copy, half))
  }

  // A backup of a later version, with hashes that are right.
  rmSync(at("restored/accounts.db-wal"), { force: true })
  const db = new DatabaseSync(at("restored/accounts.db"))
  db.exec("PRAGMA user_version = 99")
  db.close()
  assert.throws(() => versionsOf(at("restored")), refusedWith("database_newer"))
  backUp(at("restored"), at("later"), about)
  assert.throws(() => restore(at("later"), at("new")), refusedWith("database_newer"))
  nothingIn("new")
  // One of a version before the oldest that is read.
  const delivery = new DatabaseSync(at("restored/delivery.db"))
  delivery.exec("PRAGMA user_version = 1")
  delivery.close()
  rmSync(at("restored/accounts.db"))
  assert.throws(() => versionsOf(at("restored")), refusedWith("data_dir_older"))
  assert.deepEqual(
    versionsOf(at("new")).map(({ found }) => found),
    [undefined, undefined, undefined, undefined],
  )
})
