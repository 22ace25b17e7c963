// The part of the contract about tokens, and claims that are paid for with them.

import assert from "node:assert/strict"
import { random } from "../../../fixtures/device.ts"
import { refuses } from "../../../fixtures/refuses.ts"
import { device, keyPackage, newAccount } from "../../../fixtures/store-input.ts"
import type { NewAccount, Store } from "../store.ts"

/** `withStore` runs a test on an empty store. */
export function tokenContract(withStore: (title: string, run: (store: Store) => Promise<void>) => void): void {
  withStore("the first key of an epoch stays, and the keys of earlier epochs go with what was spent of them", async (store) => {
    const [one, two] = [random(40), random(40)]
    await store.addTokenKey({ epoch: 7, privateKey: one, key: random(10) })
    await store.addTokenKey({ epoch: 7, privateKey: random(40), key: random(10) })
    await store.addTokenKey({ epoch: 8, privateKey: two, key: random(10) })
    assert.deepEqual(await store.tokenSecret({ epoch: 7 }), one)
    assert.deepEqual(
      (await store.tokenKeys({})).map(({ epoch }) => epoch),
      [7, 8],
    )
    assert.deepEqual((await store.accountFeed({ after: 0, max: 1 })).tokenKeys, await store.tokenKeys({}))
    const [old, young] = [
      { hash: random(32), keyEpoch: 7 },
      { hash: random(32), keyEpoch: 8 },
    ]
    for (const token of [old, young]) await store.claimDevices({ token, accounts: [] })
    await store.dropTokenKeys({ before: 8 })
    assert.equal(await store.tokenSecret({ epoch: 7 }), undefined)
    assert.deepEqual(await store.tokenSecret({ epoch: 8 }), two)
    assert.equal(await store.isTokenSpent(old), false)
    assert.equal(await store.isTokenSpent(young), true)
  })

  withStore("a claim spends its token whole or not at all, and takes one package of each device that has any", async (store) => {
    const account = newAccount("alice", { devices: [device(), device(), device()] })
    await store.registerAccount(account)
    const [one, two] = account.devices.map(({ deviceId }) => deviceId) as [Uint8Array, Uint8Array]
    const [first, second, last] = [keyPackage(), keyPackage(), keyPackage()]
    await store.uploadKeyPackages({ deviceId: one, oneTime: [first, second], lastResort: last, maxOneTime: 100 })
    await store.uploadKeyPackages({ deviceId: two, oneTime: [], lastResort: keyPackage(), maxOneTime: 100 })
    const claim = (lastResortOnly: boolean, token = { hash: random(32), keyEpoch: 1 }) =>
      store.claimDevices({ token, accounts: [claimOf(account, { lastResortOnly })] })
    const token = { hash: random(32), keyEpoch: 1 }
    const { claims } = await claim(false, token)
    assert.deepEqual(new Set(claims.map(({ deviceId }) => Buffer.from(deviceId).toString("hex"))).size, 2)
    await refuses("token_spent", claim(false, token))
    assert.equal((await store.keyPackageHashes({ deviceId: one })).oneTime.length, 1)
    const kept = await claim(true)
    assert.deepEqual(kept.claims.find(({ deviceId }) => Buffer.compare(deviceId, one) === 0)?.keyPackage, last.keyPackage)
    assert.equal((await store.keyPackageHashes({ deviceId: one })).oneTime.length, 1)
    const only = claimOf(account, { deviceIds: [two] })
    const narrow = await store.claimDevices({ token: { hash: random(32), keyEpoch: 1 }, accounts: [only] })
    assert.deepEqual(
      narrow.claims.map(({ deviceId }) => deviceId),
      [two],
    )
  })
}

function claimOf(
  { accountId }: NewAccount,
  more: { readonly deviceIds?: readonly Uint8Array[]; readonly lastResortOnly?: boolean } = {},
): Parameters<Store["claimDevices"]>[0]["accounts"][number] {
  return { accountId, deviceIds: undefined, lastResortOnly: false, ...more }
}
