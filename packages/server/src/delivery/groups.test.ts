import assert from "node:assert/strict"
import { test } from "node:test"
import {
  block,
  claimKeyPackages,
  commit,
  createGroup,
  createSignatureInput,
  keyPackageDigest,
  lookup,
  post,
  readMailbox,
  updateAccount,
  uploadKeyPackages,
} from "@nodoor/wire"
import { sha256, sha256Of } from "../core/crypto.ts"
import {
  addToGroup,
  commitRequest,
  enterEpoch,
  newDevice,
  newGroup,
  newKeys,
  nextState,
  ownClaim,
  postRequest,
  postTo,
  random,
  type SignedIn,
  signIn,
  signUp,
  type TestGroup,
} from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { type World, newWorld } from "../fixtures/world.ts"
import { compare } from "@nodoor/bytes"

/** Two people, each with KeyPackages, in one group. */
async function twoInGroup(world: World): Promise<{ alice: SignedIn; bob: SignedIn; group: TestGroup }> {
  const { caller, origin } = world
  const [alice, bob] = [await signUp(caller, origin, "alice"), await signUp(caller, origin, "bob")]
  for (const { token } of [alice, bob]) await caller.call(uploadKeyPackages, { oneTime: [random(200)], lastResort: random(200) }, token)
  const group = await newGroup(caller, alice)
  await addToGroup(caller, group, alice, [bob])
  return { alice, bob, group }
}

const read = async ({ caller }: World, { token }: SignedIn): Promise<string[]> =>
  (await caller.call(readMailbox, { after: 0, max: 500 }, token)).records.map((record) => record.kind)

test("a post is taken with the key of its epoch or the one before, from nobody in particular", async () => {
  const world = await newWorld()
  const { caller } = world
  const { bob, group } = await twoInGroup(world)
  const body = random(300)
  const placed = await caller.call(post, postRequest(group, body))
  assert.equal(placed.order, 2)
  assert.deepEqual(await caller.call(post, postRequest(group, body)), placed, "the same body again")
  assert.deepEqual(await read(world, bob), ["welcome", "post"])

  const before = { ...group }
  const next = newKeys()
  await caller.call(commit, commitRequest(group, next))
  enterEpoch(group, next)
  assert.equal((await postTo(caller, before, random(9))).order, 4)
  const last = newKeys()
  await caller.call(commit, commitRequest(group, last))
  enterEpoch(group, last)
  assert.equal((await refuses("epoch_stale", postTo(caller, before, random(9)))).epoch, 3)
  assert.deepEqual(await caller.call(post, postRequest(before, body)), placed, "placed long ago: still the same answer")
  assert.equal((await refuses("epoch_future", postTo(caller, { ...group, epoch: 4 }, random(9)))).epoch, 3)
})

test("a forged, replayed or bent signature posts nothing", async () => {
  const world = await newWorld()
  const { caller } = world
  const { bob, group } = await twoInGroup(world)
  const request = postRequest(group, random(100))
  await refuses("invalid_signature", caller.call(post, { ...request, body: random(100) }))
  await refuses("invalid_signature", caller.call(post, { ...request, signature: random(64) }))
  await refuses("invalid_signature", caller.call(post, { ...request, ephemeral: true }))
  await refuses("invalid_signature", postTo(caller, { ...group, keys: newKeys() }, random(9)))
  await refuses("group_not_found", caller.call(post, { ...request, groupId: random(32) }))
  await refuses("bad_request", postTo(caller, group, new Uint8Array()))
  assert.deepEqual(await read(world, bob), ["welcome"])
})

test("of two commits for one epoch one wins, and the loser learns the epoch, spends no token and can win the next", async () => {
  const world = await newWorld()
  const { caller, origin } = world
  const { alice, bob, group } = await twoInGroup(world)
  const carol = await signUp(caller, origin, "carol")
  await caller.call(uploadKeyPackages, { oneTime: [random(200), random(200)], lastResort: random(200) }, carol.token)
  const claims = async (): Promise<{ mailbox: Uint8Array; token: Uint8Array }[]> =>
    (await caller.call(claimKeyPackages, { accountId: carol.account.accountId }, alice.token)).claims.map(({ deviceId, token }) => ({
      mailbox: deviceId,
      token,
    }))
  const [nextA, nextB] = [newKeys(), newKeys()]
  const adds = await claims()
  const [won, lost] = await Promise.allSettled([
    caller.call(commit, commitRequest(group, nextA, { removes: [bob.device.deviceId] })),
    caller.call(commit, commitRequest(group, nextB, { adds })),
  ])
  assert.deepEqual([won.status, lost.status], ["fulfilled", "rejected"])
  assert.equal(lost.status === "rejected" && (lost.reason as { epoch: number }).epoch, 2)
  enterEpoch(group, nextA)
  assert.equal(won.status === "fulfilled" && compare(won.value.fanout, sha256Of([alice.device.deviceId])), 0)
  await postTo(caller, group, random(9))
  await caller.call(commit, commitRequest(group, nextB, { adds }))
  enterEpoch(group, nextB)
  await postTo(caller, group, random(9))
  assert.deepEqual(await read(world, bob), ["welcome", "commit"], "the removed get the commit that removes them and nothing after it")
  assert.deepEqual(await read(world, carol), ["welcome", "post"])
  assert.deepEqual(await read(world, alice), ["commit", "commit", "post", "commit", "post"])
})

test("who was removed cannot post with the key of the epoch that the removal ended, not even an ephemeral post", async () => {
  const world = await newWorld()
  const { caller } = world
  const { alice, bob, group } = await twoInGroup(world)
  const removed = { ...group }
  const body = random(9)
  const placed = await postTo(caller, removed, body)
  const next = newKeys()
  const removal = commitRequest(group, next, { removes: [bob.device.deviceId] })
  const done = await caller.call(commit, removal)
  enterEpoch(group, next)
  assert.equal((await refuses("epoch_stale", postTo(caller, removed, random(9)))).epoch, 2)
  await refuses("epoch_stale", caller.call(post, postRequest(removed, random(9), { ephemeral: true })))
  assert.deepEqual(await caller.call(commit, removal), done, "the same commit again: the same answer")
  assert.deepEqual(await caller.call(post, postRequest(removed, body)), placed)
  await postTo(caller, group, random(9))
  assert.deepEqual(await read(world, alice), ["commit", "post", "commit", "post"])
})

test("the same commit again gets the same answer, two epochs later too", async () => {
  const world = await newWorld()
  const { caller } = world
  const { group } = await twoInGroup(world)
  const next = newKeys()
  const request = commitRequest(group, next)
  const placed = await caller.call(commit, request)
  assert.deepEqual(await caller.call(commit, request), placed)
  enterEpoch(group, next)
  for (let at = 0; at < 2; at++) {
    const keys = newKeys()
    await caller.call(commit, commitRequest(group, keys))
    enterEpoch(group, keys)
  }
  assert.deepEqual(await caller.call(commit, request), placed)
})

test("a mailbox is added with a fresh token for it, and with nothing else", async () => {
  const world = await newWorld()
  const { caller, clock } = world
  const { alice, bob, group } = await twoInGroup(world)
  const other = await newGroup(caller, alice)
  const mailbox = bob.device.deviceId
  const claim = async (): Promise<Uint8Array> =>
    (await caller.call(claimKeyPackages, { accountId: bob.account.accountId }, alice.token)).claims[0]?.token as Uint8Array
  const add = (token: Uint8Array, box = mailbox): Promise<unknown> =>
    caller.call(commit, commitRequest(other, newKeys(), { adds: [{ mailbox: box, token }] }))
  await refuses("claim_invalid", add(random(56)))
  await refuses("claim_invalid", add(new Uint8Array()))
  const token = await claim()
  const bent = token.slice()
  bent[7] = (bent[7] as number) ^ 1
  await refuses("claim_invalid", add(bent))
  await refuses("claim_invalid", add(token, alice.device.deviceId))
  await add(token)
  const third = await newGroup(caller, alice)
  await refuses("claim_invalid", caller.call(commit, commitRequest(third, newKeys(), { adds: [{ mailbox, token }] })))
  const late = await claim()
  clock.timeMs += 86_400_000
  await refuses("claim_invalid", caller.call(commit, commitRequest(third, newKeys(), { adds: [{ mailbox, token: late }] })))
  assert.equal(group.epoch, 1)
})

test("a commit's parts must fit together", async () => {
  const world = await newWorld()
  const { caller } = world
  const { alice, bob, group } = await twoInGroup(world)
  const token = await ownClaim(caller, alice)
  const add = { mailbox: alice.device.deviceId, token }
  const twice = commitRequest(group, newKeys(), { adds: [add, add] })
  await refuses("bad_request", caller.call(commit, twice))
  await refuses(
    "bad_request",
    caller.call(commit, commitRequest(group, newKeys(), { removes: [bob.device.deviceId, bob.device.deviceId] })),
  )
  const { groupInfo, ...without } = commitRequest(group, newKeys(), { adds: [add] })
  assert.ok(groupInfo !== undefined)
  await refuses("bad_request", caller.call(commit, without))
  await refuses("bad_request", caller.call(commit, { ...commitRequest(group, newKeys()), groupInfo: random(9) }))
  await refuses("bad_request", caller.call(commit, { ...commitRequest(group, newKeys()), commit: new Uint8Array() }))
  await refuses("invalid_signature", caller.call(commit, { ...commitRequest(group, newKeys()), removes: [bob.device.deviceId] }))
})

test("a group is made by who holds its key and a claim, once", async () => {
  const { caller, origin } = await newWorld()
  const alice = await signUp(caller, origin, "alice")
  const keys = newKeys()
  const unsigned = {
    groupId: random(32),
    deliveryKey: keys.publicKey,
    mailbox: alice.device.deviceId,
    token: await ownClaim(caller, alice),
  }
  const request = { ...unsigned, signature: keys.sign(createSignatureInput(unsigned)) }
  await refuses("invalid_signature", caller.call(createGroup, { ...request, groupId: random(32) }))
  await caller.call(createGroup, request)
  await caller.call(createGroup, request)
  const again = { ...unsigned, token: await ownClaim(caller, alice) }
  await refuses("group_exists", caller.call(createGroup, { ...again, signature: keys.sign(createSignatureInput(again)) }))
  const spent = { ...unsigned, groupId: random(32) }
  await refuses("claim_invalid", caller.call(createGroup, { ...spent, signature: keys.sign(createSignatureInput(spent)) }))
})

test("when one-time KeyPackages are used up the last resort is given out, and a device sees in the digest what is left", async () => {
  const { caller, origin } = await newWorld()
  const [alice, bob] = [await signUp(caller, origin, "alice"), await signUp(caller, origin, "bob")]
  const [one, last] = [random(200), random(200)]
  assert.equal((await caller.call(uploadKeyPackages, { oneTime: [one], lastResort: last }, bob.token)).oneTimeCount, 1)
  const digest = await caller.call(keyPackageDigest, {}, bob.token)
  assert.deepEqual(digest, { oneTimeCount: 1, digest: sha256Of([sha256(one), sha256(last)]) })
  const claim = async (): Promise<unknown> =>
    (await caller.call(claimKeyPackages, { accountId: bob.account.accountId }, alice.token)).claims[0]?.keyPackage
  assert.deepEqual([await claim(), await claim(), await claim()], [one, last, last])
  assert.deepEqual(await caller.call(keyPackageDigest, {}, bob.token), { oneTimeCount: 0, digest: sha256(sha256(last)) })
  await refuses(
    "too_many_key_packages",
    (async () => {
      for (let at = 0; at < 3; at++)
        await caller.call(uploadKeyPackages, { oneTime: Array.from({ length: 40 }, () => random(9)) }, bob.token)
    })(),
  )
  await refuses("bad_request", caller.call(uploadKeyPackages, { oneTime: [new Uint8Array()] }, bob.token))
  await refuses("account_not_found", caller.call(claimKeyPackages, { accountId: random(16) }, alice.token))
})

test("one account gets only its share of a device's one-time KeyPackages, then the last resort; everybody else still gets them", async () => {
  const { caller, origin, clock } = await newWorld()
  const [alice, bob, carol] = [
    await signUp(caller, origin, "alice"),
    await signUp(caller, origin, "bob"),
    await signUp(caller, origin, "carol"),
  ]
  const last = random(200)
  const oneTime = Array.from({ length: 40 }, () => random(200))
  await caller.call(uploadKeyPackages, { oneTime, lastResort: last }, bob.token)
  const claim = async (by: typeof alice): Promise<Uint8Array | undefined> =>
    (await caller.call(claimKeyPackages, { accountId: bob.account.accountId }, by.token)).claims[0]?.keyPackage
  for (let at = 0; at < 6; at++) assert.deepEqual(await claim(alice), oneTime[at])
  for (let at = 0; at < 50; at++) assert.deepEqual(await claim(alice), last)
  assert.deepEqual(await claim(carol), oneTime[6])
  clock.timeMs += 86_400_000
  const token = await signIn(caller, origin, alice.device)
  assert.deepEqual(await claim({ ...alice, token }), oneTime[7])
  assert.deepEqual(await claim({ ...alice, token }), last)
})

test("claims are counted by the package: who claims those of an account with many devices waits for them all", async () => {
  const { caller, origin } = await newWorld({ rates: { claim: { burst: 4, perSecond: 1 } } })
  const [alice, bob] = [await signUp(caller, origin, "alice"), await signUp(caller, origin, "bob")]
  const devices = [bob.device, ...Array.from({ length: 4 }, () => newDevice())]
  await caller.call(updateAccount, { state: nextState(bob.account, devices) }, bob.token)
  for (const device of devices)
    await caller.call(uploadKeyPackages, { oneTime: [], lastResort: random(200) }, await signIn(caller, origin, device))
  const { claims } = await caller.call(claimKeyPackages, { accountId: bob.account.accountId }, alice.token)
  assert.equal(claims.length, 5)
  const refused = await refuses("rate_limited", caller.call(claimKeyPackages, { accountId: bob.account.accountId }, alice.token))
  assert.equal(refused.retryAfterMs, 2000)
})

test("who is blocked gets no KeyPackages, and a blocked group's posts do not come", async () => {
  const world = await newWorld()
  const { caller } = world
  const { alice, bob, group } = await twoInGroup(world)
  await caller.call(block, { accountId: alice.account.accountId, blocked: true }, bob.token)
  await refuses("blocked", caller.call(claimKeyPackages, { accountId: bob.account.accountId }, alice.token))
  await caller.call(block, { accountId: alice.account.accountId, blocked: false }, bob.token)
  await caller.call(claimKeyPackages, { accountId: bob.account.accountId }, alice.token)
  await caller.call(block, { groupId: group.groupId, blocked: true }, bob.token)
  await postTo(caller, group, random(9))
  assert.deepEqual(await read(world, bob), ["welcome"])
  await refuses("bad_request", caller.call(block, { blocked: true }, bob.token))
})

test("posts are limited by address and by group, claims and look-ups by account, and a refusal says when to come back", async () => {
  const world = await newWorld({ rates: { memberGroup: { burst: 3, perSecond: 1 }, claim: { burst: 2, perSecond: 1 } } })
  const { caller, origin, clock } = world
  const alice = await signUp(caller, origin, "alice")
  const group = await newGroup(caller, alice)
  for (let at = 0; at < 3; at++) await postTo(caller, group, random(9))
  const refused = await refuses("rate_limited", postTo(caller, group, random(9)))
  assert.equal(refused.retryAfterMs, 1000)
  clock.timeMs += 1000
  await postTo(caller, group, random(9))
  await ownClaim(caller, alice)
  await ownClaim(caller, alice)
  await refuses("rate_limited", ownClaim(caller, alice))
})

test("who is no member cannot use up a group's rate, and people are followed by id without the limit on trying out handles", async () => {
  const world = await newWorld({ rates: { memberGroup: { burst: 3, perSecond: 0.001 }, lookup: { burst: 1, perSecond: 0.001 } } })
  const { caller } = world
  const { alice, bob, group } = await twoInGroup(world)
  for (let at = 0; at < 9; at++) await refuses("invalid_signature", postTo(caller, { ...group, keys: newKeys() }, random(9)))
  await postTo(caller, group, random(9))
  await caller.call(lookup, { handle: "bob" }, alice.token)
  await refuses("rate_limited", caller.call(lookup, { handle: "bob" }, alice.token))
  await caller.call(lookup, { accountId: bob.account.accountId }, alice.token)
})

test("a group's rate is charged for a signature that verified only: not for old epochs, whose keys outsiders or those who left may have", async () => {
  const world = await newWorld({ rates: { memberGroup: { burst: 6, perSecond: 0.001 } } })
  const { caller } = world
  const { group } = await twoInGroup(world)
  const left = { ...group }
  const body = random(9)
  const placed = await postTo(caller, group, body)
  for (let at = 0; at < 2; at++) {
    const keys = newKeys()
    await caller.call(commit, commitRequest(group, keys))
    enterEpoch(group, keys)
  }
  for (let at = 0; at < 9; at++) {
    await refuses("epoch_stale", postTo(caller, { ...left, keys: newKeys() }, random(9)))
    await refuses("epoch_stale", postTo(caller, left, random(9)))
    await refuses("epoch_stale", caller.call(post, postRequest(left, random(9), { ephemeral: true })))
    await refuses("epoch_stale", caller.call(commit, commitRequest(left, newKeys())))
  }
  assert.deepEqual(await caller.call(post, postRequest(left, body)), placed, "placed long ago: answered, and not charged")
  await postTo(caller, group, random(9))
  await postTo(caller, group, random(9))
  await refuses("rate_limited", postTo(caller, group, random(9)))
})
