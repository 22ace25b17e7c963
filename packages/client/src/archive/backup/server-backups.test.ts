import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { WireError } from "@nodoor/wire"
import { askForBlob, deliveryWorld, passOf, random } from "@nodoor/server/fixtures"
import type { BlobAnswer, BlobRequest, Blobs } from "../../core/ports.ts"
import { ServerBlobs } from "../../sending/blobs.ts"
import { collected, crypto, emptyStore, filledStore, idOf, shownIn } from "../fixtures/archived-store.ts"
import { importArchive } from "../import-archive.ts"
import { verifyArchive } from "../preview-archive.ts"
import { writeArchive } from "../write-archive.ts"
import { ServerBackups } from "./server-backups.ts"

const seed = idOf("recovery")
const key = { kind: "recovery", seed } as const

/** The production service, and the device's way to it. */
async function world(hook: (request: BlobRequest, honest: () => Promise<BlobAnswer>) => Promise<BlobAnswer> = (_, honest) => honest()) {
  const delivery = await deliveryWorld({})
  const asked: BlobRequest[] = []
  const blobs: Blobs = new ServerBlobs({
    network: {
      blob: (_url, request) => {
        asked.push(request)
        return hook(request, () => askForBlob(delivery.half.blob, "192.0.2.1", request))
      },
    },
    passes: {
      take: async () => ({
        type: "open",
        with: "pass",
        data: await passOf(delivery.store, "post", Math.floor(delivery.clock.nowMs() / 3_600_000)),
      }),
      opened: () => {},
      refused: () => {},
    },
    random,
    timers: {
      after: (_delayMs, callback) => {
        setImmediate(callback)
        return () => {}
      },
    },
    postUrl: () => "https://post.example",
    readUrl: () => "https://read.example",
  })
  return { blobs, asked, backups: new ServerBackups({ blobs, crypto, random, recoverySeed: seed }) }
}

test("A backup on the server is found with the recovery key alone, and a device restored from it shows what there was", async () => {
  const { blobs, backups } = await world()
  assert.deepEqual(await backups.list(), [])
  const old = await filledStore({ messages: 300 })
  const made = await writeArchive(old, { for: "backup", recoverySeed: seed })
  const bytes = await backups.write(made)
  // Another device, with nothing but the words.
  const found = new ServerBackups({ blobs, crypto, random, recoverySeed: seed })
  const [kept] = await found.list()
  assert.deepEqual(kept, { name: toHex(made.archiveId), madeAtMs: made.madeAtMs, bytes })
  const fresh = await emptyStore()
  await importArchive({ ...fresh, sync: async () => undefined }, { source: await found.source(kept?.name ?? ""), key })
  assert.deepEqual(await shownIn(fresh.reader), await shownIn(old.reader))
  const stranger = new ServerBackups({ blobs, crypto, random, recoverySeed: idOf("somebody") })
  assert.deepEqual(await stranger.list(), [])
})

test("The two newest are kept, in pieces of one size, and what is older is erased", async () => {
  const { asked, backups } = await world()
  const sizes = [9_000_000, 100_000, 200_000]
  for (const [n, size] of sizes.entries()) {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(size).fill(n)
    }
    await backups.write({ archiveId: idOf(`archive ${n}`, 16), madeAtMs: 1_000 + n, bytes: bytes() })
  }
  const kept = await backups.list()
  assert.deepEqual(
    kept.map(({ madeAtMs }) => madeAtMs),
    [1_002, 1_001],
  )
  const source = await backups.source(kept[0]?.name ?? "")
  assert.deepEqual(await collected(source.read(199_000)), new Uint8Array(1_000).fill(2))
  assert.equal(asked.filter(({ method }) => method === "DELETE").length, 3, "three pieces of the oldest")
  await assert.rejects(backups.source(toHex(idOf("archive 0", 16))), { code: "not_found" })
})

test("A backup that is interrupted leaves the one before it where it is", async () => {
  let refusing = false
  const { backups } = await world(async (request, honest) => {
    if (refusing && request.method === "PATCH") throw new WireError("storage_full")
    return await honest()
  })
  const old = await filledStore({ messages: 20 })
  await backups.write(await writeArchive(old, { for: "backup", recoverySeed: seed }))
  const before = await backups.list()
  refusing = true
  await assert.rejects(backups.write(await writeArchive(old, { for: "backup", recoverySeed: seed })))
  assert.deepEqual(await backups.list(), before)
})

test("A server that swaps the index or a piece is noticed", async () => {
  let change: "nothing" | "index" | "pieces" = "nothing"
  const { backups } = await world(async (request, honest) => {
    const answer = await honest()
    if (request.method !== "GET" || change === "nothing" || answer.body.length === 0) return answer
    const isIndex = answer.body.length < 2_000
    if ((change === "index") !== isIndex) return answer
    return { ...answer, body: answer.body.with(100, (answer.body[100] ?? 0) ^ 1) }
  })
  await backups.write(await writeArchive(await filledStore({ messages: 20 }), { for: "backup", recoverySeed: seed }))
  const [kept] = await backups.list()
  const source = await backups.source(kept?.name ?? "")
  assert.equal((await verifyArchive(crypto, source, key)).messages, 20)
  change = "pieces"
  await assert.rejects(verifyArchive(crypto, source, key), { name: "ClientError" })
  change = "index"
  await assert.rejects(backups.list(), { code: "archive_damaged" })
})
