// What every implementation of the store must do, as tests. Run it on each: `storeContract("SQLite", open)`.

import assert from "node:assert/strict"
import { test } from "node:test"
import { compare } from "@nodoor/bytes"
import { random } from "../../../fixtures/device.ts"
import { refuses } from "../../../fixtures/refuses.ts"
import { dayMs, device, keyPackage, newAccount, nowMs } from "../../../fixtures/store-input.ts"
import { accountContract } from "./account-contract.ts"
import { tokenContract } from "./token-contract.ts"
import type { Store } from "../store.ts"

/** `open` gives an empty store; each test closes its own. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  const withStore = (title: string, run: (store: Store) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const store = await open()
      try {
        await run(store)
      } finally {
        await store.close()
      }
    })
  }

  accountContract(withStore)
  tokenContract(withStore)

  withStore("the same registration again is accepted, another with its id, its handle or its device is refused", async (store) => {
    const account = newAccount("alice")
    await store.registerAccount(account)
    await store.registerAccount(account)
    await refuses("account_exists", store.registerAccount({ ...account, genesis: random(40) }))
    await refuses("handle_taken", store.registerAccount(newAccount("alice")))
    await refuses("account_state_invalid", store.registerAccount({ ...newAccount("bob"), devices: account.devices }))
    assert.equal(await store.countAccounts({}), 1)
    const row = await store.accountRow({ accountId: account.accountId })
    assert.equal(row?.name, "Holder")
    assert.equal(row?.lastSeenDay, "2027-01-15")
    assert.deepEqual(row?.addresses, [{ address: "192.0.2.1", firstSeenMs: nowMs - (nowMs % dayMs), lastSeenMs: nowMs - (nowMs % dayMs) }])
  })

  withStore("an invite lets in as many as it says, until it expires, and a refused registration uses none", async (store) => {
    const code = random(32)
    await store.addInvites({ label: "x", only: false, codeHashes: [code], uses: 2, expiresAtMs: nowMs + 1000 })
    const isGood = (at: number) => store.isInvite({ codeHash: code, nowMs: at })
    assert.deepEqual([await isGood(nowMs + 999), await isGood(nowMs + 1000)], [true, false])
    assert.equal(await store.isInvite({ codeHash: random(32), nowMs }), false)
    await store.registerAccount(newAccount("one", { inviteHash: code }))
    await refuses("handle_taken", store.registerAccount(newAccount("one", { inviteHash: code })))
    await refuses("invite_invalid", store.registerAccount(newAccount("late", { inviteHash: code, nowMs: nowMs + 1000 })))
    await store.registerAccount(newAccount("two", { inviteHash: code }))
    await refuses("invite_invalid", store.registerAccount(newAccount("three", { inviteHash: code })))
    assert.equal(await isGood(nowMs), false)
    await store.addInvites({ label: "x", only: false, codeHashes: [random(32)], uses: 1, expiresAtMs: nowMs + 1000 })
    const only = random(32)
    await store.addInvites({ label: "x", only: true, codeHashes: [only], uses: 1, expiresAtMs: nowMs + 1000 })
    await store.registerAccount(newAccount("four", { inviteHash: only }))
  })

  withStore("account states follow each other without gaps, and a device that is left out loses its KeyPackages", async (store) => {
    const account = newAccount("alice", { devices: [device(), device()] })
    const [kept, gone] = account.devices as [ReturnType<typeof device>, ReturnType<typeof device>]
    await store.registerAccount(account)
    await store.uploadKeyPackages({ deviceId: gone.deviceId, oneTime: [keyPackage()], lastResort: undefined, maxOneTime: 100 })
    const next = { accountId: account.accountId, state: random(50), stateHash: random(32), verifiedState: random(60), erased: false }
    const added = device()
    await refuses("account_state_stale", store.appendAccountState({ ...next, version: 2, devices: [kept] }))
    assert.deepEqual(await store.appendAccountState({ ...next, version: 1, devices: [kept, added] }), [gone.deviceId])
    assert.deepEqual(await store.appendAccountState({ ...next, version: 1, devices: [kept, added] }), [], "the same state again")
    await refuses("account_state_stale", store.appendAccountState({ ...next, version: 1, state: random(50), devices: [kept] }))
    assert.equal(await store.deviceKey({ deviceId: gone.deviceId }), undefined)
    assert.deepEqual(await store.keyPackageHashes({ deviceId: gone.deviceId }), { oneTime: [], lastResort: undefined })
    // Members of groups that have not noticed yet would take whoever took the id for the device.
    await refuses(
      "account_state_invalid",
      store.registerAccount(newAccount("mallory", { devices: [{ ...device(), deviceId: gone.deviceId }] })),
    )
    await refuses("account_state_invalid", store.appendAccountState({ ...next, version: 2, devices: [kept, added, gone] }))
    assert.deepEqual((await store.deviceKey(added))?.signatureKey, added.signatureKey)
    const found = await store.findAccount({ handle: "alice", accountId: undefined, afterVersion: 0, maxStates: 10 })
    assert.deepEqual(found?.states, [next.state])
    assert.deepEqual(await store.verifiedState({ accountId: account.accountId }), next.verifiedState)
    await refuses("account_not_found", store.appendAccountState({ ...next, accountId: random(16), version: 1, devices: [] }))
  })

  withStore("the feed gives every account state once, in the order it was stored, and the handle with the first", async (store) => {
    const [alice, bob] = [newAccount("alice"), newAccount("bob")]
    assert.deepEqual(await store.accountFeed({ after: 0, max: 10 }), { rows: [], newest: 0, tokenKeys: [] })
    await store.registerAccount(alice)
    await store.registerAccount(bob)
    const next = { accountId: alice.accountId, version: 1, state: random(50), stateHash: random(32), verifiedState: random(60) }
    await store.appendAccountState({ ...next, devices: alice.devices, erased: false })
    await store.appendAccountState({ ...next, devices: alice.devices, erased: false })
    const { rows, newest } = await store.accountFeed({ after: 0, max: 10 })
    assert.deepEqual(
      rows.map((row) => [row.accountId, row.version, row.state, row.handle?.name, row.handle?.binding]),
      [
        [alice.accountId, 0, alice.genesis, "alice", alice.handleBinding],
        [bob.accountId, 0, bob.genesis, "bob", bob.handleBinding],
        [alice.accountId, 1, next.state, undefined, undefined],
      ],
    )
    assert.equal(newest, rows.at(-1)?.order)
    assert.deepEqual(await store.accountFeed({ after: rows[0]?.order ?? 0, max: 1 }), { rows: rows.slice(1, 2), newest, tokenKeys: [] })
  })

  withStore("a tombstone takes name, e-mail address and IP addresses with it", async (store) => {
    const account = newAccount("alice", { email: "a@example.org" })
    await store.registerAccount(account)
    const last = { accountId: account.accountId, version: 1, state: random(9), stateHash: random(32), verifiedState: random(9) }
    await store.appendAccountState({ ...last, devices: [], erased: true })
    const row = await store.accountRow({ accountId: account.accountId })
    assert.deepEqual([row?.name, row?.email, row?.addresses, row?.deviceCount], ["", undefined, [], 0])
    await refuses("handle_taken", store.registerAccount(newAccount("alice")))
  })

  withStore(
    "periods and addresses are noted for many accounts at once; what is older changes nothing, and who is gone is passed over",
    async (store) => {
      const [alice, bob, erased] = [newAccount("alice"), newAccount("bob"), newAccount("carol")]
      for (const account of [alice, bob, erased]) await store.registerAccount(account)
      await store.changeAccount({ accountId: erased.accountId, change: "erase" })
      const monday = nowMs + 7 * dayMs
      const note = (accountId: Uint8Array, periodMs: number, ...addresses: readonly string[]) =>
        ({ accountId, periodMs, addresses, addressesMs: periodMs + 3 * dayMs }) as const
      const seen = [
        note(alice.accountId, monday, "192.0.2.2", "192.0.2.1"),
        note(bob.accountId, monday),
        note(erased.accountId, monday, "192.0.2.3"),
      ]
      await store.noteSeen({ seen: [...seen, note(random(16), monday)] })
      await store.noteSeen({ seen: [note(alice.accountId, nowMs, "192.0.2.2")] })
      const row = async ({ accountId }: typeof alice) => await store.accountRow({ accountId })
      assert.deepEqual([(await row(alice))?.lastSeenDay, (await row(bob))?.lastSeenDay], ["2027-01-22", "2027-01-22"])
      const registeredMs = nowMs - (nowMs % dayMs)
      assert.deepEqual(
        (await row(alice))?.addresses.toSorted((a, b) => (a.address < b.address ? -1 : 1)),
        [
          { address: "192.0.2.1", firstSeenMs: registeredMs, lastSeenMs: monday + 3 * dayMs },
          { address: "192.0.2.2", firstSeenMs: monday + 3 * dayMs, lastSeenMs: monday + 3 * dayMs },
        ],
      )
      assert.deepEqual((await row(erased))?.addresses, [])
    },
  )

  withStore("KeyPackages are kept once each and counted, and a new last resort takes the place of the one before", async (store) => {
    const account = newAccount("alice")
    await store.registerAccount(account)
    const { deviceId } = account.devices[0] as ReturnType<typeof device>
    const [one, two, last] = [keyPackage(), keyPackage(), keyPackage()]
    const upload = { deviceId, oneTime: [one, two], lastResort: last, maxOneTime: 2 }
    assert.equal(await store.uploadKeyPackages(upload), 2)
    assert.equal(await store.uploadKeyPackages(upload), 2, "the same again")
    await refuses("too_many_key_packages", store.uploadKeyPackages({ ...upload, oneTime: [keyPackage()], lastResort: keyPackage() }))
    const held = await store.keyPackageHashes({ deviceId })
    assert.deepEqual(held, { oneTime: [one.hash, two.hash].toSorted(compare), lastResort: last.hash })
    const three = keyPackage()
    assert.equal(await store.uploadKeyPackages({ ...upload, oneTime: [three], replace: true }), 1, "the ones before are gone")
    assert.deepEqual((await store.keyPackageHashes({ deviceId })).oneTime, [three.hash])
  })

  withStore("what is past its time goes", async (store) => {
    const account = newAccount("alice")
    await store.registerAccount(account)
    const codeHash = random(32)
    await store.addInvites({ label: "x", only: false, codeHashes: [codeHash], uses: 1, expiresAtMs: nowMs + 1 })
    await store.sweep({ nowMs: nowMs + dayMs, addressesBeforeMs: nowMs + 1 })
    assert.deepEqual((await store.accountRow({ accountId: account.accountId }))?.addresses, [])
    assert.equal(await store.isInvite({ codeHash, nowMs }), false)
  })

  withStore("the first value of a setting stays until it is replaced", async (store) => {
    assert.equal(await store.notedSetting({ name: "x" }), undefined)
    assert.deepEqual(await store.setting({ name: "x", value: Uint8Array.of(1) }), Uint8Array.of(1))
    assert.deepEqual(await store.setting({ name: "x", value: Uint8Array.of(2) }), Uint8Array.of(1))
    await store.replaceSetting({ name: "x", value: Uint8Array.of(3) })
    assert.deepEqual(await store.notedSetting({ name: "x" }), Uint8Array.of(3))
  })

  withStore("operations that are called together are done in the order of the calls, and a refused one spoils no other", async (store) => {
    const [alice, bob] = [newAccount("alice"), newAccount("bob")]
    const [first, refused, second, found] = await Promise.allSettled([
      store.registerAccount(alice),
      store.registerAccount(newAccount("alice")),
      store.registerAccount(bob),
      store.findAccount({ handle: "bob", accountId: undefined, afterVersion: -1, maxStates: 1 }),
    ])
    assert.deepEqual([first.status, refused.status, second.status], ["fulfilled", "rejected", "fulfilled"])
    assert.deepEqual(found.status === "fulfilled" && found.value?.accountId, bob.accountId)
    assert.equal(await store.integrity({}), "ok")
    assert.equal(await store.newestTime({}), nowMs - (nowMs % dayMs))
  })
}
