import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, toHex } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import { Jobs } from "../../core/jobs.ts"
import type { BlobKeys, Blobs } from "../../core/ports.ts"
import { jobStore } from "../../store/jobs.ts"
import type { BackupView } from "../../view/backup-view.ts"
import { collected, crypto, filledStore, idOf, ownId, shownIn, sourceOf } from "../fixtures/archived-store.ts"
import { Backups } from "./backups.ts"

const dayMs = 86_400_000

/** Blobs of a server in memory. */
function memoryBlobs(): Blobs & { readonly all: Map<string, Uint8Array>; refuse: boolean } {
  const all = new Map<string, Uint8Array>()
  let n = 0
  const blobs = {
    all,
    refuse: false,
    upload: async (source: (from: number) => AsyncIterable<Uint8Array>, { keys }: { readonly keys?: BlobKeys }) => {
      if (blobs.refuse) throw new WireError("storage_full")
      const made = keys ?? { id: idOf(`blob ${n}`), secret: idOf(`secret ${n++}`) }
      all.set(toHex(made.id), await collected(source(0)))
      return made
    },
    async *download(id: Uint8Array, { from = 0 }: { readonly from?: number } = {}) {
      const found = all.get(toHex(id))
      if (!found) throw new WireError("blob_not_found")
      yield found.subarray(from)
    },
    extend: async () => {},
    delete: async ({ id }: BlobKeys) => void all.delete(toHex(id)),
  }
  return blobs
}

async function world({ hasKey = true }: { readonly hasKey?: boolean } = {}) {
  const store = await filledStore({ messages: 60 })
  const clock = { now: 1_710_000_000_000, nowMs: () => clock.now }
  const waiting = new Set<{ readonly atMs: number; readonly callback: () => void }>()
  const timers = {
    after: (delayMs: number, callback: () => void) => {
      const one = { atMs: clock.now + delayMs, callback }
      waiting.add(one)
      return () => void waiting.delete(one)
    },
  }
  const blobs = memoryBlobs()
  const shown: BackupView[] = []
  const jobs = new Jobs({
    transactions: store.transactions,
    clock,
    timers,
    store: jobStore(store.reader),
    fault: (error) => assert.fail(String(error)),
  })
  const publicKey = crypto.suite(0x0003).signatureKeyPair(() => idOf("recovery")).publicKey
  const account = { state: { recoveryKey: hasKey ? publicKey : undefined } } as never
  const backups = new Backups({
    ...store,
    own: { ...store.own, accountId: ownId, deviceId: bytes<"DeviceId">(idOf("old", 16)) } as never,
    clock,
    jobs,
    blobs,
    bucket: undefined,
    trust: { shownInLog: async () => account },
    sync: async () => undefined,
    show: (backup) => shown.push(backup),
  })
  await jobs.open()
  jobs.online()
  const ended = async (): Promise<BackupView> => {
    const before = shown.length
    for (;;) {
      for (const one of waiting) if (one.atMs <= clock.now && waiting.delete(one)) one.callback()
      await new Promise((resolve) => setImmediate(resolve))
      const last = shown.at(-1)
      if (
        shown.length > before &&
        last &&
        last.status !== "running" &&
        shown.some(({ status }, at) => at >= before && status === "running")
      )
        return last
    }
  }
  return { store, clock, blobs, backups, ended, shown }
}

test("Once the person wants it, a backup is made at once and again every day, and says how it stands", async () => {
  const { backups, clock, ended, shown, blobs } = await world()
  assert.deepEqual(await backups.view(), { status: "never", target: "none" })
  await backups.set({ target: "server" })
  const first = await ended()
  assert.deepEqual([first.status, first.target, first.lastMs], ["fresh", "server", clock.now])
  assert.ok(shown.some(({ status, progress }) => status === "running" && progress !== undefined))
  const count = blobs.all.size
  clock.now += dayMs
  assert.equal((await ended()).lastMs, clock.now)
  assert.equal(blobs.all.size, count + 1, "one more, and the index in its place")
  clock.now += 4 * dayMs
  assert.equal((await backups.view()).status, "stale")
})

test("A backup that fails says why, keeps the date of the last good one, and is tried again", async () => {
  const { backups, clock, ended, blobs } = await world()
  await backups.set({ target: "server" })
  const good = await ended()
  blobs.refuse = true
  await backups.now()
  const failed = await ended()
  assert.deepEqual([failed.status, failed.failure?.code, failed.lastMs], ["failed", "storage_full", good.lastMs])
  blobs.refuse = false
  clock.now += 10 * 60_000
  assert.deepEqual([(await ended()).status, (await backups.view()).lastMs], ["fresh", clock.now])
})

test("The newest backup is previewed before anything is applied, then taken in", async () => {
  const { backups, ended, store, shown } = await world()
  await assert.rejects(backups.restoreNewest(), { code: "not_found" })
  assert.equal(await backups.preview(), undefined)
  await backups.set({ target: "server" })
  await ended()
  const before = await shownIn(store.reader)
  const preview = await backups.preview()
  assert.deepEqual([preview?.accountHandle, preview?.messages, preview?.chats.length], ["ann", 60, 4])
  assert.deepEqual(await shownIn(store.reader), before)
  shown.length = 0
  await backups.restoreNewest()
  assert.deepEqual(await shownIn(store.reader), before, "all of it was here")
  await new Promise(setImmediate)
  assert.ok(shown.some(({ restoring }) => restoring?.done === 60 && restoring.total === 60))
  assert.equal((await backups.view()).restoring, undefined)
  const [chat] = preview?.chats ?? []
  await backups.restoreNewest({ chats: [chat?.id ?? ""] })
})

test("Without the recovery key no backup is begun, and without a way to a bucket none goes there", async () => {
  const { backups } = await world({ hasKey: false })
  await assert.rejects(backups.set({ target: "server" }), { code: "no_recovery_key" })
  await assert.rejects(backups.write(), { code: "no_recovery_key" })
  const bucket = { endpoint: "https://s3.example", region: "eu", bucket: "mine", accessKeyId: "a", secretAccessKey: "b" } as const
  await assert.rejects(backups.set({ target: "s3", ...bucket }), { code: "not_allowed" })
  await assert.rejects(backups.now(), { code: "not_allowed" })
  assert.equal((await backups.view()).target, "none")
})

test("A file counts as a backup once it is safe, and a later server that shows an older one is told", async () => {
  const { backups, clock, ended } = await world()
  await backups.set({ target: "server" })
  await ended()
  const older = await backups.source((await backups.list())[0]?.name ?? "")
  clock.now += 1_000
  const { bytes: content, madeAtMs } = await backups.write()
  const file = await collected(content)
  await backups.made({ madeAtMs, bytes: file.length })
  assert.equal((await backups.view()).lastMs, madeAtMs)
  await assert.rejects(backups.restore(older), { code: "archive_older" })
  assert.equal((await backups.restore(older, { evenOlder: true })).status, "done")
  assert.equal((await backups.restore(sourceOf(file))).status, "done")
})
