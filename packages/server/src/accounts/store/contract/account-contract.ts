// The part of the contract about accounts as whoever runs the server handles them: listed, suspended, erased, bounded; and invites.

import assert from "node:assert/strict"
import { random } from "../../../fixtures/device.ts"
import { refuses } from "../../../fixtures/refuses.ts"
import { dayMs, device, keyPackage, deviceIn, newAccount, nowMs } from "../../../fixtures/store-input.ts"
import type { NewAccount, Store } from "../store.ts"

/** `withStore` runs a test on an empty store. */
export function accountContract(withStore: (title: string, run: (store: Store) => Promise<void>) => void): void {
  withStore("accounts are listed by handle, page by page, by how their handles begin, and without names", async (store) => {
    for (const handle of ["carol", "al_ice", "alice", "bob", "al"]) await store.registerAccount(newAccount(handle))
    const page = async (more: { after?: string; prefix?: string; max?: number }): Promise<readonly [string[], boolean]> => {
      const { accounts, more: rest } = await store.accountsPage({ after: more.after, prefix: more.prefix, max: more.max ?? 50 })
      return [accounts.map(({ handle }) => handle), rest]
    }
    assert.deepEqual(await page({}), [["al", "al_ice", "alice", "bob", "carol"], false])
    assert.deepEqual(await page({ max: 2 }), [["al", "al_ice"], true])
    assert.deepEqual(await page({ max: 2, after: "al_ice" }), [["alice", "bob"], true])
    assert.deepEqual(await page({ prefix: "al" }), [["al", "al_ice", "alice"], false])
    assert.deepEqual(await page({ prefix: "al", after: "al", max: 2 }), [["al_ice", "alice"], false])
    assert.deepEqual(await page({ prefix: "%" }), [[], false])
    const [first] = (await store.accountsPage({ after: undefined, prefix: "alice", max: 1 })).accounts
    const row = await store.findAccount({ handle: "alice", accountId: undefined, afterVersion: 0, maxStates: 1 })
    assert.deepEqual(first, {
      accountId: row?.accountId,
      handle: "alice",
      createdAtMs: nowMs - (nowMs % dayMs),
      lastSeenDay: "2027-01-15",
      deviceCount: 1,
      state: "active",
    })
  })

  withStore("a suspended account signs in nowhere, nobody gets its KeyPackages, and resuming it brings everything back", async (store) => {
    const { account, deviceId } = await deviceIn(store, "alice")
    await store.uploadKeyPackages({ deviceId, oneTime: [keyPackage()], lastResort: undefined, maxOneTime: 9 })
    const suspended = async (): Promise<boolean | undefined> => (await store.deviceKey({ deviceId }))?.suspended
    assert.equal(await suspended(), false)
    const { accountId } = account
    const claim = () => claimed(store, accountId)
    assert.equal(await store.accountChanges({}), 0)
    await refuses("account_not_found", store.changeAccount({ accountId: random(16), change: "suspend" }))
    for (const again of [false, true]) {
      const { account: after, refused } = await store.changeAccount({ accountId, change: "suspend" })
      assert.deepEqual([after.state, refused, await store.accountChanges({})], ["suspended", [deviceId], 1], `again: ${again}`)
    }
    assert.equal(await suspended(), true)
    assert.deepEqual((await claim()).refused, [{ accountId, code: "account_unavailable" }])
    const next = { accountId, version: 1, state: random(9), stateHash: random(32), verifiedState: random(9) }
    await refuses("account_suspended", store.appendAccountState({ ...next, devices: account.devices, erased: false }))
    assert.deepEqual(await store.refusedDevices({ deviceIds: [random(16), deviceId] }), [{ deviceId, code: "account_suspended" }])
    assert.deepEqual(await store.accountCounts({}), { active: 0, suspended: 1, erased: 0 })
    assert.equal((await store.accountRow({ accountId }))?.name, "Holder")
    for (const again of [false, true]) {
      const { account: after, refused } = await store.changeAccount({ accountId, change: "resume" })
      assert.deepEqual([after.state, refused, await store.accountChanges({})], ["active", [], 2], `again: ${again}`)
    }
    assert.equal(await suspended(), false)
    assert.equal((await claim()).claims.length, 1)
  })

  withStore("an erased account leaves its handle and its signed chain, and its devices are told so", async (store) => {
    const { account, deviceId } = await deviceIn(store, "alice")
    const { accountId } = account
    await store.uploadKeyPackages({ deviceId, oneTime: [keyPackage()], lastResort: keyPackage(), maxOneTime: 9 })
    assert.deepEqual((await store.changeAccount({ accountId, change: "erase" })).refused, [deviceId])
    const { account: after, refused } = await store.changeAccount({ accountId, change: "erase" })
    assert.deepEqual([after.state, after.deviceCount, refused], ["erased", 0, []])
    for (const change of ["suspend", "resume"] as const) await refuses("account_erased", store.changeAccount({ accountId, change }))
    const row = await store.accountRow({ accountId })
    assert.deepEqual([row?.name, row?.email, row?.addresses, row?.deviceCount], ["", undefined, [], 0])
    await refuses("account_erased", store.deviceKey({ deviceId }))
    await refuses("handle_taken", store.registerAccount(newAccount("alice")))
    await refuses("account_state_invalid", store.registerAccount(newAccount("mallory", { devices: account.devices })))
    assert.deepEqual((await claimed(store, accountId)).refused, [{ accountId, code: "account_unavailable" }])
    const next = { accountId, version: 1, state: random(9), stateHash: random(32), verifiedState: random(9) }
    await refuses("account_erased", store.appendAccountState({ ...next, devices: [device()], erased: false }))
    const found = await store.findAccount({ handle: "alice", accountId: undefined, afterVersion: -1, maxStates: 9 })
    assert.deepEqual(found?.states, [account.genesis])
    assert.deepEqual((await store.accountFeed({ after: 0, max: 9 })).rows.length, 1)
    assert.deepEqual(await store.refusedDevices({ deviceIds: [deviceId] }), [{ deviceId, code: "account_erased" }])
    assert.deepEqual(await store.accountCounts({}), { active: 0, suspended: 0, erased: 1 })
  })

  withStore("registration ends at the number of accounts that there may be, and erased ones make room", async (store) => {
    const one = newAccount("one", { accountsMax: 2 })
    await store.registerAccount(one)
    await store.registerAccount(newAccount("two", { accountsMax: 2 }))
    await refuses("server_full", store.registerAccount(newAccount("three", { accountsMax: 2 })))
    await store.registerAccount(one)
    await store.changeAccount({ accountId: one.accountId, change: "suspend" })
    await refuses("server_full", store.registerAccount(newAccount("three", { accountsMax: 2 })))
    await store.changeAccount({ accountId: one.accountId, change: "erase" })
    await store.registerAccount(newAccount("three", { accountsMax: 2 }))
    await store.registerAccount(newAccount("four", { accountsMax: 0 }))
  })

  withStore(
    "unused accounts go only after days on which the server saw that they are, and not those that are used, present or suspended",
    async (store) => {
      const people = ["dead", "back", "here", "held"].map((handle) => newAccount(handle))
      for (const account of people) await store.registerAccount(account)
      const [dead, back, here, held] = people as [NewAccount, NewAccount, NewAccount, NewAccount]
      const deviceIdOf = (account: NewAccount): Uint8Array => (account.devices[0] as ReturnType<typeof device>).deviceId
      await store.changeAccount({ accountId: held.accountId, change: "suspend" })
      const dayAfter = (days: number): string => new Date(nowMs + days * dayMs).toISOString().slice(0, 10)
      /** Registered on day 0, so unused for as many days; noticed after 23 and erased after 30. */
      const onDay = async (day: number, max = 1): Promise<readonly Uint8Array[]> => {
        const gone: Uint8Array[] = []
        for (let more = true; more;) {
          const input = { today: dayAfter(day), noticeBefore: dayAfter(day - 23), eraseBefore: dayAfter(day - 30), noticedDays: 7, max }
          const answer = await store.eraseUnused({ ...input, present: [here.accountId] })
          assert.equal(answer.erased, answer.refused.length)
          gone.push(...answer.refused)
          more = answer.more
        }
        return gone
      }
      assert.deepEqual(await onDay(4000), [], "a clock that jumped erases nobody")
      assert.deepEqual(await onDay(1), [], "and when it is right again, its notices are forgotten")
      for (let day = 24; day <= 30; day++) assert.deepEqual(await onDay(day), [], `day ${day}`)
      await store.noteSeen({ seen: [{ accountId: back.accountId, periodMs: nowMs + 30 * dayMs, addresses: [], addressesMs: nowMs }] })
      for (let again = 0; again < 9; again++) assert.deepEqual(await onDay(30), [], "the same day counts once")
      assert.deepEqual(await onDay(31), [deviceIdOf(dead)])
      assert.deepEqual(await onDay(60), [])
      assert.deepEqual(await store.accountCounts({}), { active: 2, suspended: 1, erased: 1 })
      await store.changeAccount({ accountId: held.accountId, change: "resume" })
      assert.deepEqual(await onDay(61), [], "a resumed one has its days to come back")
      for (let day = 62; day < 68; day++) assert.deepEqual((await onDay(day)).length, day === 67 ? 1 : 0, `day ${day}`)
    },
  )

  withStore("invites that can still be used are listed, and revoked by how their hash begins", async (store) => {
    const [first, second, past] = [random(32), random(32), random(32)]
    const add = (label: string, codeHash: Uint8Array, expiresAtMs: number): Promise<void> =>
      store.addInvites({ label, only: false, codeHashes: [codeHash], uses: 3, expiresAtMs })
    await add("b", second, nowMs + 2)
    await add("a", first, nowMs + 1)
    await add("c", past, nowMs)
    assert.deepEqual(await store.listInvites({ nowMs, max: 9 }), [
      { codeHash: first, label: "a", usesLeft: 3, expiresAtMs: nowMs + 1 },
      { codeHash: second, label: "b", usesLeft: 3, expiresAtMs: nowMs + 2 },
    ])
    assert.equal((await store.listInvites({ nowMs, max: 1 })).length, 1)
    assert.equal(await store.revokeInvite({ hashPrefix: first.subarray(0, 8) }), 1)
    assert.equal(await store.revokeInvite({ hashPrefix: first.subarray(0, 8) }), 0)
    await refuses("invite_invalid", store.registerAccount(newAccount("one", { inviteHash: first })))
    await store.registerAccount(newAccount("one", { inviteHash: second }))
  })
}

function claimed(store: Store, accountId: Uint8Array): ReturnType<Store["claimDevices"]> {
  const token = { hash: random(32), keyEpoch: 1 }
  return store.claimDevices({ token, accounts: [{ accountId, deviceIds: undefined, lastResortOnly: false }] })
}
