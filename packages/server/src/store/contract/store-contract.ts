// What every implementation of the store must do, as tests. Run it on each: `storeContract("SQLite", open)`.

import assert from "node:assert/strict"
import { test } from "node:test"
import { compare } from "@nodoor/bytes"
import { sha256, sha256Of } from "../../core/crypto.ts"
import { random } from "../../fixtures/device.ts"
import { refuses } from "../../fixtures/refuses.ts"
import { claim, commitOf, dayMs, device, keyPackage, mailboxIn, newAccount, newGroup, nowMs, post } from "../../fixtures/store-input.ts"
import { accountContract } from "./account-contract.ts"
import { tokenContract } from "./token-contract.ts"
import type { PlacedBody, Store } from "../store.ts"

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

  withStore("account states follow each other without gaps, and a device that is left out loses KeyPackages and mailbox", async (store) => {
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
    await refuses("unauthorized", store.readMailbox({ mailbox: gone.deviceId, after: 0, maxRecords: 1, maxBytes: 1 }))
    // Groups that have not noticed yet would deliver to whoever took the id.
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
    "weeks and addresses are noted for many accounts at once; what is older changes nothing, and who is gone is passed over",
    async (store) => {
      const [alice, bob, erased] = [newAccount("alice"), newAccount("bob"), newAccount("carol")]
      for (const account of [alice, bob, erased]) await store.registerAccount(account)
      await store.changeAccount({ accountId: erased.accountId, change: "erase" })
      const monday = nowMs + 7 * dayMs
      const note = (accountId: Uint8Array, weekMs: number, ...addresses: readonly string[]) => ({ accountId, weekMs, addresses })
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
          { address: "192.0.2.1", firstSeenMs: registeredMs, lastSeenMs: monday },
          { address: "192.0.2.2", firstSeenMs: monday, lastSeenMs: monday },
        ],
      )
      assert.deepEqual((await row(erased))?.addresses, [])
    },
  )

  withStore(
    "a one-time KeyPackage is given out once, then the last resort again and again, and blocked callers get none",
    async (store) => {
      const account = newAccount("alice", { devices: [device(), device()] })
      const [first, second] = account.devices.toSorted((a, b) => compare(a.deviceId, b.deviceId)) as [
        ReturnType<typeof device>,
        ReturnType<typeof device>,
      ]
      await store.registerAccount(account)
      const [one, two, last] = [keyPackage(), keyPackage(), keyPackage()]
      const upload = { deviceId: first.deviceId, oneTime: [one, two], lastResort: last, maxOneTime: 2 }
      assert.equal(await store.uploadKeyPackages(upload), 2)
      assert.equal(await store.uploadKeyPackages(upload), 2, "the same again")
      await refuses("too_many_key_packages", store.uploadKeyPackages({ ...upload, oneTime: [keyPackage()], lastResort: keyPackage() }))
      const held = await store.keyPackageHashes({ deviceId: first.deviceId })
      assert.deepEqual(held, { oneTime: [one.hash, two.hash].toSorted(compare), lastResort: last.hash })

      const caller = { callerAccountId: random(16), callerDeviceId: random(16) }
      const claim = async (): Promise<unknown> =>
        (await store.claimKeyPackages({ accountId: account.accountId, deviceIds: undefined, ...caller })).map((c) => c.keyPackage)
      assert.deepEqual(await claim(), [one.keyPackage])
      assert.deepEqual(await claim(), [two.keyPackage])
      assert.deepEqual(await claim(), [last.keyPackage])
      assert.deepEqual(await claim(), [last.keyPackage])
      const own = await store.claimKeyPackages({
        accountId: account.accountId,
        deviceIds: [second.deviceId],
        callerAccountId: account.accountId,
        callerDeviceId: second.deviceId,
      })
      assert.deepEqual(own, [{ deviceId: second.deviceId, keyPackage: undefined }])
      const block = { accountId: account.accountId, blockedAccountId: caller.callerAccountId }
      await store.setBlock({ ...block, blocked: true })
      await refuses("blocked", claim())
      await store.setBlock({ ...block, blocked: false })
      assert.deepEqual(await claim(), [last.keyPackage])
      await refuses("account_not_found", store.claimKeyPackages({ accountId: random(16), deviceIds: undefined, ...caller }))
    },
  )

  withStore("a group is created once, with a claim that nobody used before, for a mailbox that exists", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    await store.createGroup(group)
    await store.createGroup(group)
    await refuses("group_exists", store.createGroup({ ...group, createHash: random(32), claim: claim() }))
    await refuses("claim_invalid", store.createGroup({ ...newGroup(mailbox), claim: group.claim }))
    await refuses("claim_invalid", store.createGroup(newGroup(random(16))))
    assert.deepEqual(await store.groupKeys(group), { epoch: 0, deliveryKey: group.deliveryKey, previousKey: undefined })
    assert.equal(await store.groupKeys({ groupId: random(32) }), undefined)
    assert.deepEqual(await store.groupMailboxes(group), mailbox)
  })

  withStore("posts get orders without gaps, the same body again its first place, and time never goes back", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    await store.createGroup(group)
    const bodies = [random(300), random(300), random(300)]
    const times = [nowMs + 10, nowMs + 5, nowMs + 20]
    const placed: PlacedBody[] = []
    for (const [at, body] of bodies.entries()) placed.push(await store.appendPost(post(group, body, { nowMs: times[at] as number })))
    assert.deepEqual(
      placed.map(({ order, timeMs }) => [order, timeMs]),
      [
        [1, nowMs + 10],
        [2, nowMs + 10],
        [3, nowMs + 20],
      ],
    )
    assert.deepEqual(
      placed.map(({ recipients }) => seqOf(recipients)),
      [1, 2, 3],
    )
    const again = await store.appendPost(post(group, bodies[0] as Uint8Array, { nowMs: nowMs + 99 }))
    assert.deepEqual([again.order, again.timeMs, again.recipients.length], [1, nowMs + 10, 0])
    await refuses("group_not_found", store.appendPost(post({ groupId: random(32) }, random(3))))
    assert.equal((await refuses("epoch_future", store.appendPost(post(group, random(3), { epoch: 1 })))).epoch, 0)
    const read = await store.readMailbox({ mailbox, after: 1, maxRecords: 10, maxBytes: 1_000_000 })
    assert.deepEqual(
      read.records.map((record) => record.kind !== "gap" && record.body),
      bodies.slice(1),
    )
    assert.equal(read.head, 3)
  })

  withStore(
    "one of two commits of an epoch wins, whole; the removed get it and nothing after it, the added get a Welcome",
    async (store) => {
      const [alice, bob, carol] = [await mailboxIn(store, "alice"), await mailboxIn(store, "bob"), await mailboxIn(store, "carol")]
      const group = newGroup(alice.mailbox)
      await store.createGroup(group)
      const first = commitOf(group, 0, { adds: [bob.mailbox] })
      const placed = await store.commitGroup(first)
      assert.deepEqual(placed.fanout, sha256Of([alice.mailbox, bob.mailbox].toSorted(compare)))
      const again = await store.commitGroup(first)
      assert.deepEqual([again.order, again.fanout, again.recipients.length], [placed.order, placed.fanout, 0])
      const lost = commitOf(group, 0, { adds: [carol.mailbox] })
      assert.equal((await refuses("epoch_stale", store.commitGroup(lost))).epoch, 1)
      assert.equal((await store.readMailbox({ mailbox: carol.mailbox, after: 0, maxRecords: 9, maxBytes: 9999 })).head, 0)
      // A post of the epoch before is still taken, one of two epochs before is not.
      await store.appendPost(post(group, random(9), { epoch: 0 }))

      const second = commitOf(group, 1, { adds: [carol.mailbox], removes: [bob.mailbox], claims: lost.adds.map((add) => add.claim) })
      assert.deepEqual((await store.commitGroup(second)).fanout, sha256Of([alice.mailbox, carol.mailbox].toSorted(compare)))
      await refuses("epoch_stale", store.appendPost(post(group, random(9), { epoch: 0 })))
      // Bob knows the key of epoch 1: it ends with the commit that removes him.
      assert.equal((await refuses("epoch_stale", store.appendPost(post(group, random(9), { epoch: 1 })))).epoch, 2)
      assert.equal((await store.groupKeys(group))?.previousKey, undefined)
      await store.appendPost(post(group, random(9), { epoch: 2 }))
      const kinds = async (mailbox: Uint8Array): Promise<string[]> =>
        (await store.readMailbox({ mailbox, after: 0, maxRecords: 9, maxBytes: 99_999 })).records.map((record) => record.kind)
      assert.deepEqual(await kinds(alice.mailbox), ["commit", "post", "commit", "post"])
      assert.deepEqual(await kinds(bob.mailbox), ["welcome", "post", "commit"])
      assert.deepEqual(await kinds(carol.mailbox), ["welcome", "post"])
      const [welcome] = (await store.readMailbox({ mailbox: carol.mailbox, after: 0, maxRecords: 1, maxBytes: 99_999 })).records
      assert.ok(welcome?.kind === "welcome")
      assert.deepEqual([welcome.body, welcome.groupInfo], [second.adds[0]?.secret, second.groupInfo])
      await store.commitGroup(commitOf(group, 2, {}))
      assert.deepEqual((await store.groupKeys(group))?.previousKey, second.nextDeliveryKey)
    },
  )

  withStore("a commit that spends a claim twice, or adds a mailbox that does not exist, changes nothing", async (store) => {
    const [alice, bob] = [await mailboxIn(store, "alice"), await mailboxIn(store, "bob")]
    const group = newGroup(alice.mailbox)
    await store.createGroup(group)
    await refuses("claim_invalid", store.commitGroup(commitOf(group, 0, { adds: [bob.mailbox], claims: [group.claim] })))
    await refuses("claim_invalid", store.commitGroup(commitOf(group, 0, { adds: [random(16)] })))
    await refuses("group_not_found", store.commitGroup(commitOf({ groupId: random(32) }, 0, {})))
    assert.equal((await store.groupKeys(group))?.epoch, 0)
    assert.equal((await store.readMailbox({ mailbox: alice.mailbox, after: 0, maxRecords: 9, maxBytes: 9999 })).head, 0)
    // Healing: out and in again in one commit.
    await store.commitGroup(commitOf(group, 0, { adds: [alice.mailbox], removes: [alice.mailbox] }))
    const { records } = await store.readMailbox({ mailbox: alice.mailbox, after: 0, maxRecords: 9, maxBytes: 99_999 })
    assert.deepEqual(
      records.map((record) => [record.seq, record.kind]),
      [
        [1, "commit"],
        [2, "welcome"],
      ],
    )
  })

  withStore(
    "removing who is not on the delivery list and adding who is are no errors, and the list is the same afterwards",
    async (store) => {
      const [alice, bob, carol] = [await mailboxIn(store, "alice"), await mailboxIn(store, "bob"), await mailboxIn(store, "carol")]
      const group = newGroup(alice.mailbox)
      await store.createGroup(group)
      const listOf = (...people: readonly (typeof alice)[]): Uint8Array => sha256Of(people.map(({ mailbox }) => mailbox).toSorted(compare))
      await store.commitGroup(commitOf(group, 0, { adds: [bob.mailbox] }))
      // Bob struck himself off, so that nobody could remove him any more; and put Carol on, so that nobody could add her.
      await store.commitGroup(commitOf(group, 1, { removes: [bob.mailbox] }))
      assert.deepEqual((await store.commitGroup(commitOf(group, 2, { removes: [bob.mailbox] }))).fanout, listOf(alice))
      assert.equal((await store.groupKeys(group))?.previousKey, undefined, "the key that the removed may hold ends all the same")
      assert.deepEqual((await store.commitGroup(commitOf(group, 3, { adds: [carol.mailbox] }))).fanout, listOf(alice, carol))
      assert.deepEqual((await store.commitGroup(commitOf(group, 4, { adds: [carol.mailbox] }))).fanout, listOf(alice, carol))
      const { records } = await store.readMailbox({ mailbox: carol.mailbox, after: 0, maxRecords: 9, maxBytes: 99_999 })
      assert.deepEqual(
        records.map(({ kind }) => kind),
        ["welcome", "commit", "welcome"],
      )
      assert.deepEqual([...((await store.groupMailboxes(group)) ?? [])].length, 32)
    },
  )

  withStore("a group takes 1,024 accounts and no more", async (store) => {
    const members = await Promise.all(Array.from({ length: 1025 }, (_, at) => mailboxIn(store, `member-${at}`)))
    const group = newGroup((members[0] as (typeof members)[0]).mailbox)
    await store.createGroup(group)
    const adds = members.slice(1).map(({ mailbox }) => mailbox)
    await refuses("too_many_devices", store.commitGroup(commitOf(group, 0, { adds })))
    const placed = await store.commitGroup(commitOf(group, 0, { adds: adds.slice(1) }))
    assert.equal(placed.recipients.length, 24 * 1024)
  })

  withStore("an ack erases up to its number; sequence numbers go on; a cursor before what is gone is told of the gap", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    await store.createGroup(group)
    for (let at = 0; at < 5; at++) await store.appendPost(post(group, random(100)))
    await store.ack({ mailbox, seq: 3 })
    await store.ack({ mailbox, seq: 2 })
    assert.equal((await store.readMailbox({ mailbox, after: 0, maxRecords: 1, maxBytes: 1 })).acked, 3)
    const read = (after: number, more = {}): ReturnType<Store["readMailbox"]> =>
      store.readMailbox({ mailbox, after, maxRecords: 10, maxBytes: 99_999, ...more })
    assert.deepEqual(
      (await read(3)).records.map((record) => record.seq),
      [4, 5],
    )
    assert.deepEqual(
      (await read(1)).records.map((record) => [record.kind, record.seq]),
      [
        ["gap", 3],
        ["post", 4],
        ["post", 5],
      ],
    )
    await refuses("cursor_ahead", store.ack({ mailbox, seq: 6 }))
    await refuses("cursor_ahead", read(6))
    await store.ack({ mailbox, seq: 5 })
    assert.deepEqual(await read(5), { records: [], head: 5, acked: 5 })
    assert.equal(seqOf((await store.appendPost(post(group, random(100)))).recipients), 6)
    assert.equal((await read(5, { maxRecords: 1 })).records.length, 1)
    await refuses("unauthorized", store.ack({ mailbox: random(16), seq: 0 }))
  })

  withStore("a read stops at its count and its bytes, and gives at least one record", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    await store.createGroup(group)
    for (let at = 0; at < 40; at++) await store.appendPost(post(group, random(1000)))
    const read = async (maxRecords: number, maxBytes: number): Promise<number> =>
      (await store.readMailbox({ mailbox, after: 0, maxRecords, maxBytes })).records.length
    assert.equal(await read(500, 1_000_000), 40)
    assert.equal(await read(33, 1_000_000), 33)
    assert.equal(await read(500, 5000), 4)
    assert.equal(await read(500, 1), 1)
  })

  withStore("a muted group's posts do not come, its commits do", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    await store.createGroup(group)
    await store.setMute({ mailbox, groupId: group.groupId, muted: true })
    assert.equal((await store.appendPost(post(group, random(9)))).order, 1)
    assert.deepEqual(await store.groupMailboxes(group), new Uint8Array())
    await store.commitGroup(commitOf(group, 0, {}))
    await store.setMute({ mailbox, groupId: group.groupId, muted: false })
    await store.appendPost(post(group, random(9), { epoch: 1 }))
    const { records } = await store.readMailbox({ mailbox, after: 0, maxRecords: 9, maxBytes: 9999 })
    assert.deepEqual(
      records.map((record) => [record.kind, record.seq]),
      [
        ["commit", 1],
        ["post", 2],
      ],
    )
  })

  withStore("what is past its time goes, and the device is told of the gap", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    await store.createGroup(group)
    const old = random(50)
    await store.appendPost(post(group, old))
    await store.appendPost(post(group, random(50), { nowMs: nowMs + dayMs }))
    await store.addInvites({ label: "x", only: false, codeHashes: [random(32)], uses: 1, expiresAtMs: nowMs + 1 })
    let from: Uint8Array | undefined
    let calls = 0
    do {
      from = (
        await store.sweep({
          from,
          nowMs: nowMs + dayMs,
          addressesBeforeMs: nowMs + 1,
          mailboxBeforeMs: nowMs + 1,
          introductionsBefore: 0,
          max: 1,
        })
      ).next
      calls++
    } while (from !== undefined)
    assert.ok(calls >= 1)
    const { records, head, acked } = await store.readMailbox({ mailbox, after: 0, maxRecords: 9, maxBytes: 9999 })
    assert.deepEqual(
      records.map((record) => [record.kind, record.seq]),
      [
        ["gap", 1],
        ["post", 2],
      ],
    )
    assert.deepEqual({ head, acked }, { head: 2, acked: 0 }, "what was dropped was not acknowledged")
    assert.equal(await store.findPlaced({ groupId: group.groupId, bodyHash: sha256(old) }), undefined)
    const account = await store.findAccount({ handle: "alice", accountId: undefined, afterVersion: -1, maxStates: 1 })
    assert.deepEqual((await store.accountRow({ accountId: account?.accountId as Uint8Array }))?.addresses, [])
  })

  withStore(
    "what waits is counted with its bytes, its mailboxes and the time of the oldest, and no more once it was acknowledged",
    async (store) => {
      const { mailbox } = await mailboxIn(store, "alice")
      await mailboxIn(store, "bob")
      assert.deepEqual(await store.queueDepth({}), { bodies: 0, bytes: 0, mailboxes: 0, oldestAtMs: undefined })
      const group = newGroup(mailbox)
      await store.createGroup(group)
      await store.appendPost(post(group, random(100)))
      await store.appendPost(post(group, random(23), { nowMs: nowMs + 5000 }))
      assert.deepEqual(await store.queueDepth({}), { bodies: 2, bytes: 123, mailboxes: 1, oldestAtMs: nowMs })
      await store.ack({ mailbox, seq: 1 })
      assert.deepEqual(await store.queueDepth({}), { bodies: 1, bytes: 23, mailboxes: 1, oldestAtMs: nowMs + 5000 })
    },
  )

  withStore("the first value of a setting stays until it is replaced", async (store) => {
    assert.equal(await store.notedSetting({ name: "x" }), undefined)
    assert.deepEqual(await store.setting({ name: "x", value: Uint8Array.of(1) }), Uint8Array.of(1))
    assert.deepEqual(await store.setting({ name: "x", value: Uint8Array.of(2) }), Uint8Array.of(1))
    await store.replaceSetting({ name: "x", value: Uint8Array.of(3) })
    assert.deepEqual(await store.notedSetting({ name: "x" }), Uint8Array.of(3))
  })

  withStore("operations that are called together are done in the order of the calls, and a refused one spoils no other", async (store) => {
    const { mailbox } = await mailboxIn(store, "alice")
    const group = newGroup(mailbox)
    const [created, posted, refused, second, read] = await Promise.allSettled([
      store.createGroup(group),
      store.appendPost(post(group, random(9))),
      store.appendPost(post(group, random(9), { epoch: 7 })),
      store.appendPost(post(group, random(9))),
      store.readMailbox({ mailbox, after: 0, maxRecords: 9, maxBytes: 9999 }),
    ])
    assert.deepEqual([created.status, posted.status, refused.status, second.status], ["fulfilled", "fulfilled", "rejected", "fulfilled"])
    assert.equal(second.status === "fulfilled" && second.value.order, 2)
    assert.equal(read.status === "fulfilled" && read.value.head, 2)
    assert.equal(await store.integrity({}), "ok")
    assert.equal(await store.newestTime({}), nowMs)
  })
}

function seqOf(recipients: Uint8Array): number {
  return Number(new DataView(recipients.buffer, recipients.byteOffset).getBigUint64(16))
}
