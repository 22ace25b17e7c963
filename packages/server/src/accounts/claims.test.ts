import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import {
  claimDevices,
  introduce,
  introductionAddressBytes,
  introductionBytes,
  limits,
  takeIntroductions,
  uploadKeyPackages,
} from "@nodoor/wire"
import { sha256 } from "../core/crypto.ts"
import { type SignedIn, random, signIn, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { testTokenKeys } from "../fixtures/token-keys.ts"
import { drawnTokens, tokenWith } from "../fixtures/tokens.ts"
import { type World, newWorld } from "../fixtures/world.ts"
import { createIntroductionAddresses } from "./introduction-address.ts"

const dayMs = 86_400_000
const terms = { origin: "chat.example", use: "claim" } as const

/** Tokens as many as a test needs, made with the server's own key. */
async function purse(): Promise<() => Uint8Array> {
  const key = await testTokenKeys()()
  return () => tokenWith(key, terms)
}

async function withPackages({ caller, origin }: World, handle: string, oneTime: number): Promise<SignedIn> {
  const signedIn = await signUp(caller, origin, handle)
  const packages = Array.from({ length: oneTime }, () => random(200))
  await caller.call(uploadKeyPackages, { oneTime: packages, lastResort: random(200) }, signedIn.token)
  return signedIn
}

const idOf = ({ account }: SignedIn): { readonly accountId: Uint8Array } => ({ accountId: account.accountId })

test("a claim needs a token and no session, and gives a package and an address of each device; a token is good once", async () => {
  const world = await newWorld()
  const { caller } = world
  const [alice, bob] = [await withPackages(world, "alice", 2), await withPackages(world, "bob", 2)]
  const [token, other] = (await drawnTokens(caller, alice.token, { ...terms, count: 2 })) as [Uint8Array, Uint8Array]
  const { claims, refused } = await caller.call(claimDevices, { token, accounts: [idOf(alice), idOf(bob)] })
  assert.deepEqual(refused, [])
  assert.deepEqual(
    claims.map(({ deviceId }) => deviceId),
    [alice.device.deviceId, bob.device.deviceId],
  )
  assert.ok(claims.every(({ address }) => address.length === introductionAddressBytes))
  await refuses("token_spent", caller.call(claimDevices, { token, accounts: [idOf(bob)] }))
  const again = await caller.call(claimDevices, { token: other, accounts: [{ ...idOf(bob), deviceIds: [bob.device.deviceId] }] })
  assert.notDeepEqual(again.claims[0]?.keyPackage, claims[1]?.keyPackage)
  assert.notDeepEqual(again.claims[0]?.address, claims[1]?.address)
})

test("a token that is forged, cut short, for the other half or of a key that is over buys nothing, and no package is used up", async () => {
  const world = await newWorld()
  const { caller, clock, store } = world
  const bob = await withPackages(world, "bob", 1)
  const key = await testTokenKeys()()
  const claim = (token: Uint8Array): Promise<unknown> => caller.call(claimDevices, { token, accounts: [idOf(bob)] })
  const good = tokenWith(key, terms)
  const forged = good.slice()
  forged[200] = (forged[200] as number) ^ 1
  await refuses("token_invalid", claim(forged))
  await refuses("bad_request", claim(good.subarray(1)))
  await refuses("token_invalid", claim(tokenWith(key, { ...terms, use: "pass" })))
  await refuses("token_invalid", claim(tokenWith(key, { ...terms, origin: "other.example" })))
  clock.timeMs += 6 * dayMs
  await refuses("token_invalid", claim(good))
  assert.equal((await store.keyPackageHashes({ deviceId: bob.device.deviceId })).oneTime.length, 1)
})

test("a token of the key before is good for as long as that key is, and then it is forgotten that it was spent", async () => {
  const world = await newWorld()
  const { caller, clock, store } = world
  const bob = await withPackages(world, "bob", 3)
  const next = await purse()
  clock.timeMs += 3 * dayMs
  const token = next()
  await caller.call(claimDevices, { token, accounts: [idOf(bob)] })
  await refuses("token_spent", caller.call(claimDevices, { token, accounts: [idOf(bob)] }))
  clock.timeMs += 3 * dayMs
  await world.delivery.sweep()
  await refuses("token_invalid", caller.call(claimDevices, { token, accounts: [idOf(bob)] }))
  assert.equal(await store.isTokenSpent({ hash: random(32) }), false)
})

test("accounts that are unknown, suspended or erased are refused by name and stop nothing; none, one twice or 33 are refused whole", async () => {
  const world = await newWorld()
  const { caller } = world
  const token = await purse()
  const [bob, carol, dave] = [
    await withPackages(world, "bob", 1),
    await withPackages(world, "carol", 1),
    await withPackages(world, "dave", 1),
  ]
  await world.delivery.changeAccount({ ...idOf(carol), change: "suspend" })
  await world.delivery.changeAccount({ ...idOf(dave), change: "erase" })
  const unknown = { accountId: random(16) }
  const answer = await caller.call(claimDevices, { token: token(), accounts: [idOf(carol), idOf(bob), unknown, idOf(dave)] })
  assert.deepEqual(
    answer.claims.map(({ accountId }) => accountId),
    [bob.account.accountId],
  )
  assert.deepEqual(answer.refused, [
    { ...idOf(carol), code: "account_unavailable" },
    { ...unknown, code: "account_not_found" },
    { ...idOf(dave), code: "account_unavailable" },
  ])
  const many = Array.from({ length: limits.accountsPerClaim + 1 }, () => ({ accountId: random(16) }))
  for (const accounts of [[], [idOf(bob), idOf(bob)], many])
    await refuses("bad_request", caller.call(claimDevices, { token: token(), accounts }))
  assert.equal((await caller.call(claimDevices, { token: token(), accounts: many.slice(1) })).refused.length, limits.accountsPerClaim)
})

test("whoever asks, an account's one-time packages are given out slowly, then the last resort; a replayed token uses up nothing", async () => {
  const world = await newWorld({ rates: { claimedFrom: { burst: 3, perSecond: 1 / 600 } } })
  const { caller, store, clock } = world
  const bob = await withPackages(world, "bob", 10)
  const token = await purse()
  const held = async (): Promise<number> => (await store.keyPackageHashes({ deviceId: bob.device.deviceId })).oneTime.length
  const one = token()
  await caller.call(claimDevices, { token: one, accounts: [idOf(bob)] })
  for (let times = 0; times < 5; times++) await refuses("token_spent", caller.call(claimDevices, { token: one, accounts: [idOf(bob)] }))
  for (let times = 0; times < 4; times++) await caller.call(claimDevices, { token: token(), accounts: [idOf(bob)] })
  assert.equal(await held(), 7)
  clock.timeMs += 600_000
  await caller.call(claimDevices, { token: token(), accounts: [idOf(bob)] })
  assert.equal(await held(), 6)
})

async function addressOf({ caller }: World, whom: SignedIn, token: Uint8Array): Promise<Uint8Array> {
  const { claims } = await caller.call(claimDevices, { token, accounts: [idOf(whom)] })
  assert.ok(claims[0])
  return claims[0].address
}

test("an introduction waits for its device alone until that has taken it; the same again is fine before and after", async () => {
  const world = await newWorld()
  const { caller } = world
  const token = await purse()
  const [bob, carol] = [await withPackages(world, "bob", 2), await withPackages(world, "carol", 2)]
  const sealed = random(introductionBytes)
  const letter = { address: await addressOf(world, bob, token()), sealed }
  const send = (): Promise<{ readonly unknown: readonly Uint8Array[] }> => caller.call(introduce, { introductions: [letter] })
  assert.deepEqual((await send()).unknown, [])
  assert.deepEqual((await send()).unknown, [])
  const take = (who: SignedIn, done: readonly Uint8Array[] = []) => caller.call(takeIntroductions, { waitMs: 0, done }, who.token)
  assert.deepEqual((await take(carol)).introductions, [])
  const [taken] = (await take(bob)).introductions
  assert.deepEqual(taken?.sealed, sealed)
  assert.ok(taken)
  await take(carol, [taken.id])
  assert.equal((await take(bob)).introductions.length, 1, "nobody else ends it")
  assert.deepEqual((await take(bob, [taken.id])).introductions, [])
  assert.deepEqual((await send()).unknown, [], "the sender's answer was lost")
  assert.deepEqual((await take(bob)).introductions, [], "and it does not come twice")
  const other = { ...letter, sealed: random(introductionBytes) }
  assert.deepEqual((await caller.call(introduce, { introductions: [other] })).unknown, [letter.address], "nor does another after it")
  await refuses("unauthorized", caller.call(takeIntroductions, { waitMs: 0, done: [] }))
})

test("an introduction of another size is refused; one to an unknown, a used or an old address is left nowhere", async () => {
  const world = await newWorld()
  const { caller, clock } = world
  const token = await purse()
  const bob = await withPackages(world, "bob", 4)
  const address = await addressOf(world, bob, token())
  const send = (introductions: readonly { readonly address: Uint8Array; readonly sealed: Uint8Array }[]) =>
    caller.call(introduce, { introductions })
  for (const sizeBytes of [0, introductionBytes - 1, introductionBytes + 1])
    await refuses("bad_request", send([{ address, sealed: random(sizeBytes) }]))
  const letter = { address, sealed: random(introductionBytes) }
  const stranger = { address: random(introductionAddressBytes), sealed: random(introductionBytes) }
  assert.deepEqual((await send([stranger, letter])).unknown, [stranger.address])
  assert.deepEqual((await send([{ address, sealed: random(introductionBytes) }])).unknown, [address], "used by another letter")
  const late = await addressOf(world, bob, token())
  clock.timeMs += 15 * dayMs
  assert.deepEqual((await send([{ address: late, sealed: random(introductionBytes) }])).unknown, [late])
  await world.delivery.sweep()
  const again = await signIn(caller, world.origin, bob.device)
  assert.deepEqual((await caller.call(takeIntroductions, { waitMs: 0, done: [] }, again)).introductions, [], "what waited too long is gone")
})

test("a device that waits is answered when an introduction comes, when another request of it waits, and when its time is over", async () => {
  const world = await newWorld()
  const { caller } = world
  const token = await purse()
  const bob = await withPackages(world, "bob", 4)
  const wait = (waitMs: number) => caller.call(takeIntroductions, { waitMs, done: [] }, bob.token)
  const [replaced, waiting] = [wait(20_000), wait(20_000)]
  assert.deepEqual((await replaced).introductions, [])
  const letter = { address: await addressOf(world, bob, token()), sealed: random(introductionBytes) }
  await caller.call(introduce, { introductions: [letter] })
  const { introductions } = await waiting
  assert.deepEqual(introductions[0]?.sealed, letter.sealed)
  await caller.call(takeIntroductions, { waitMs: 0, done: introductions.map(({ id }) => id) }, bob.token)
  assert.deepEqual((await wait(5)).introductions, [])
  const suspended = wait(20_000)
  await new Promise((resolve) => setImmediate(resolve))
  await world.delivery.changeAccount({ ...idOf(bob), change: "suspend" })
  assert.deepEqual((await suspended).introductions, [])
})

test("an address opens here and nowhere else, no two are alike, and nothing of it is stored", async () => {
  const key = random(32)
  const [own, other] = [createIntroductionAddresses(key, random), createIntroductionAddresses(random(32), random)]
  const deviceId = random(16)
  const address = own.issue(deviceId, 20_000)
  assert.deepEqual(own.open(address), { deviceId, day: 20_000 })
  assert.equal(other.open(address), undefined)
  assert.equal(new Set(Array.from({ length: 100 }, () => Buffer.from(own.issue(deviceId, 20_000)).toString("hex"))).size, 100)
  for (let at = 0; at < address.length; at++) assert.equal(own.open(address.with(at, (address[at] as number) ^ 1)), undefined)
  for (const wrong of [address.subarray(1), new Uint8Array(32), random(32)]) assert.equal(own.open(wrong), undefined)
})

test("what waits for a device is on no disk, and is left again by whoever left it when the server was started anew", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nodoor-introductions-"))
  const path = join(directory, "accounts.db")
  const world = await newWorld({ path })
  const token = await purse()
  const bob = await withPackages(world, "bob", 2)
  const letter = { address: await addressOf(world, bob, token()), sealed: random(introductionBytes) }
  await world.caller.call(introduce, { introductions: [letter] })
  for (const bytes of [letter.sealed.subarray(0, 32), letter.address, sha256(letter.address)])
    for (const file of [path, `${path}-wal`]) assert.ok(!readFileSync(file).includes(bytes))
  await world.store.close()
  const again = await newWorld({ path })
  const signedIn = await signIn(again.caller, again.origin, bob.device)
  const look = () => again.caller.call(takeIntroductions, { waitMs: 0, done: [] }, signedIn)
  assert.deepEqual((await look()).introductions, [])
  assert.deepEqual((await again.caller.call(introduce, { introductions: [letter] })).unknown, [])
  assert.deepEqual((await look()).introductions[0]?.sealed, letter.sealed)
  await again.store.close()
  rmSync(directory, { recursive: true })
})

test("what waits for a device goes when its account is erased, also by another process", async () => {
  const world = await newWorld()
  const token = await purse()
  const [bob, carol] = [await withPackages(world, "bob", 2), await withPackages(world, "carol", 2)]
  const [toBob, toCarol] = [await addressOf(world, bob, token()), await addressOf(world, carol, token())]
  const leave = (address: Uint8Array) => world.caller.call(introduce, { introductions: [{ address, sealed: random(introductionBytes) }] })
  await leave(toBob)
  await leave(toCarol)
  await world.delivery.changeAccount({ ...idOf(bob), change: "erase" })
  await world.store.changeAccount({ ...idOf(carol), change: "erase" })
  await world.delivery.noticeAccountChanges()
  for (const address of [toBob, toCarol])
    assert.deepEqual((await leave(address)).unknown, [address], "nothing waits there, and nobody is there")
})
