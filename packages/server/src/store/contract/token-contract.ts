// The part of the contract about tokens, claims that are paid for with them, and introductions.

import assert from "node:assert/strict"
import { random } from "../../fixtures/device.ts"
import { refuses } from "../../fixtures/refuses.ts"
import { device, keyPackage, newAccount } from "../../fixtures/store-input.ts"
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
    for (const token of [old, young]) await store.claimDevices({ token, day: 1, accounts: [] })
    await store.dropTokenKeys({ before: 8 })
    assert.equal(await store.tokenSecret({ epoch: 7 }), undefined)
    assert.deepEqual(await store.tokenSecret({ epoch: 8 }), two)
    assert.equal(await store.isTokenSpent(old), false)
    assert.equal(await store.isTokenSpent(young), true)
  })

  withStore("a device of an account in use draws once on each day; whoever is no device does not", async (store) => {
    const account = newAccount("alice")
    await store.registerAccount(account)
    const deviceId = account.devices[0]?.deviceId ?? random(16)
    const may = (day: number): Promise<boolean> => store.mayDrawTokens({ deviceId, day })
    assert.equal(await may(5), true)
    await store.noteDraw({ deviceId, day: 5 })
    assert.deepEqual([await may(5), await may(6)], [false, true])
    await refuses("unauthorized", store.mayDrawTokens({ deviceId: random(16), day: 5 }))
    await store.changeAccount({ accountId: account.accountId, change: "suspend" })
    await refuses("account_suspended", may(6))
    await store.changeAccount({ accountId: account.accountId, change: "erase" })
    await refuses("account_erased", may(6))
  })

  withStore("a claim spends its token whole or not at all, and takes one package of each device that has any", async (store) => {
    const account = newAccount("alice", { devices: [device(), device(), device()] })
    await store.registerAccount(account)
    const [one, two] = account.devices.map(({ deviceId }) => deviceId) as [Uint8Array, Uint8Array]
    const [first, second, last] = [keyPackage(), keyPackage(), keyPackage()]
    await store.uploadKeyPackages({ deviceId: one, oneTime: [first, second], lastResort: last, maxOneTime: 100 })
    await store.uploadKeyPackages({ deviceId: two, oneTime: [], lastResort: keyPackage(), maxOneTime: 100 })
    const claim = (lastResortOnly: boolean, token = { hash: random(32), keyEpoch: 1 }) =>
      store.claimDevices({ token, day: 1, accounts: [claimOf(account, { lastResortOnly })] })
    const token = { hash: random(32), keyEpoch: 1 }
    const { claims } = await claim(false, token)
    assert.deepEqual(new Set(claims.map(({ deviceId }) => Buffer.from(deviceId).toString("hex"))).size, 2)
    await refuses("token_spent", claim(false, token))
    assert.equal((await store.keyPackageHashes({ deviceId: one })).oneTime.length, 1)
    const kept = await claim(true)
    assert.deepEqual(kept.claims.find(({ deviceId }) => Buffer.compare(deviceId, one) === 0)?.keyPackage, last.keyPackage)
    assert.equal((await store.keyPackageHashes({ deviceId: one })).oneTime.length, 1)
    const only = claimOf(account, { deviceIds: [two] })
    const narrow = await store.claimDevices({ token: { hash: random(32), keyEpoch: 1 }, day: 1, accounts: [only] })
    assert.deepEqual(
      narrow.claims.map(({ deviceId }) => deviceId),
      [two],
    )
  })

  withStore("an introduction is left once at each address, for the device that the address is of, until that took it", async (store) => {
    const account = newAccount("alice", { devices: [device(), device()] })
    await store.registerAccount(account)
    const [one, two] = account.devices.map(({ deviceId }) => deviceId) as [Uint8Array, Uint8Array]
    for (const deviceId of [one, two]) await store.uploadKeyPackages({ deviceId, oneTime: [], lastResort: keyPackage(), maxOneTime: 100 })
    const { claims } = await store.claimDevices({ token: { hash: random(32), keyEpoch: 1 }, day: 20, accounts: [claimOf(account)] })
    const [id, sealed] = [random(16), random(4096)]
    const address = claims[0]?.address ?? random(32)
    const of = claims[0]?.deviceId
    const leave = (more: { sealed?: Uint8Array; overBefore?: number; address?: Uint8Array } = {}) =>
      store.addIntroduction({ address, id, sealed, overBefore: 20, ...more })
    assert.equal(await leave({ overBefore: 21 }), undefined, "an address that is over")
    assert.equal(await leave({ address: random(32) }), undefined, "an address that never was")
    assert.deepEqual(await leave(), of)
    assert.deepEqual(await leave(), of, "the same again")
    assert.equal(await leave({ sealed: random(4096) }), undefined, "another one")
    const waits = async (deviceId: Uint8Array, done: readonly Uint8Array[] = []) =>
      (await store.takeIntroductions({ deviceId, done, max: 10 })).length
    const other = Buffer.compare(of ?? one, one) === 0 ? two : one
    assert.deepEqual([await waits(of ?? one), await waits(other), await waits(other, [id])], [1, 0, 0])
    assert.deepEqual([await waits(of ?? one), await waits(of ?? one, [id])], [1, 0])
    assert.equal(await leave(), undefined, "it was taken")
    const [, last] = claims
    await leave({ address: last?.address ?? random(32) })
    const sweep = { from: undefined, nowMs: 0, addressesBeforeMs: 0, mailboxBeforeMs: 0, max: 10 }
    await store.sweep({ ...sweep, introductionsBefore: 20 })
    assert.equal(await waits(other), 1)
    await store.sweep({ ...sweep, introductionsBefore: 21 })
    assert.equal(await waits(other), 0)
  })

  withStore("what waits for a device goes with the device", async (store) => {
    const account = newAccount("alice")
    await store.registerAccount(account)
    const deviceId = account.devices[0]?.deviceId ?? random(16)
    await store.uploadKeyPackages({ deviceId, oneTime: [], lastResort: keyPackage(), maxOneTime: 100 })
    const { claims } = await store.claimDevices({ token: { hash: random(32), keyEpoch: 1 }, day: 1, accounts: [claimOf(account)] })
    await store.changeAccount({ accountId: account.accountId, change: "erase" })
    const address = claims[0]?.address ?? random(32)
    assert.equal(await store.addIntroduction({ address, id: random(16), sealed: random(4096), overBefore: 0 }), undefined)
  })
}

function claimOf(
  { accountId, devices }: NewAccount,
  more: { readonly deviceIds?: readonly Uint8Array[]; readonly lastResortOnly?: boolean } = {},
): Parameters<Store["claimDevices"]>[0]["accounts"][number] {
  return { accountId, deviceIds: undefined, lastResortOnly: false, addresses: devices.map(() => random(32)), ...more }
}
