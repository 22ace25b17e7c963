import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { random } from "../../../fixtures/device.ts"
import { keyPackage, newAccount } from "../../../fixtures/store-input.ts"
import type { Store } from "../store.ts"
import { openInProcessStore } from "./in-process.ts"

function claim(store: Store, accountId: Uint8Array): ReturnType<Store["claimDevices"]> {
  const token = { hash: random(32), keyEpoch: 1 }
  return store.claimDevices({ token, accounts: [{ accountId, deviceIds: undefined, lastResortOnly: false }] })
}

test("no file ever holds a KeyPackage that is given out once; after a restart the last resort is given until the device brings new ones", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-packages-"))
  const path = join(directory, "db")
  const files = (): Buffer => Buffer.concat([path, `${path}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file)))
  const store = openInProcessStore(path)
  const account = newAccount("alice")
  const deviceId = account.devices[0]?.deviceId ?? random(16)
  await store.registerAccount(account)
  const [one, two, last] = [keyPackage(), keyPackage(), keyPackage()]
  await store.uploadKeyPackages({ deviceId, oneTime: [one, two], lastResort: last, maxOneTime: 9 })
  const before = files()
  assert.ok(before.includes(last.keyPackage) && !before.includes(one.keyPackage) && !before.includes(one.hash))
  const packages = async (from: Store): Promise<(Uint8Array | undefined)[]> =>
    (await claim(from, account.accountId)).claims.map((c) => c.keyPackage)
  assert.deepEqual(await packages(store), [one.keyPackage], "the oldest first")
  await store.close()
  const again = openInProcessStore(path)
  assert.deepEqual(await again.keyPackageHashes({ deviceId }), { oneTime: [], lastResort: last.hash })
  assert.deepEqual(await packages(again), [last.keyPackage])
  await again.uploadKeyPackages({ deviceId, oneTime: [two], lastResort: undefined, maxOneTime: 9 })
  assert.deepEqual(await packages(again), [two.keyPackage])
  await again.close()
  rmSync(directory, { recursive: true })
})

test("KeyPackages take a bounded part of the memory: the oldest of all devices go, the newest and the last resorts stay", async () => {
  const store = openInProcessStore(":memory:")
  const account = newAccount("alice")
  const deviceId = account.devices[0]?.deviceId ?? random(16)
  await store.registerAccount(account)
  const more = Array.from({ length: 600 }, () => ({ hash: random(32), keyPackage: random(3000) }))
  const last = keyPackage()
  for (let at = 0; at < more.length; at += 50)
    await store.uploadKeyPackages({
      deviceId,
      oneTime: more.slice(at, at + 50),
      lastResort: last,
      maxOneTime: 1000,
      memoryMaxBytes: 1024 * 1024,
    })
  const { oneTime, lastResort } = await store.keyPackageHashes({ deviceId })
  assert.ok(oneTime.length >= 50 && oneTime.length < 350, `${oneTime.length} are left`)
  assert.ok(oneTime.some((hash) => Buffer.compare(hash, more.at(-1)?.hash ?? random(32)) === 0))
  assert.ok(!oneTime.some((hash) => Buffer.compare(hash, more[0]?.hash ?? random(32)) === 0))
  assert.deepEqual(lastResort, last.hash)
  await store.close()
})
