import assert from "node:assert/strict"
import { test } from "node:test"
import { type TokenKey, WireError, decodeTokenKey, drawTokens, limits, tokenKeyEpoch, tokenKeys } from "@nodoor/wire"
import { sha256 } from "../core/crypto.ts"
import { random, signIn, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { testTokenKeys } from "../fixtures/token-keys.ts"
import { blindToken, drawnTokens, tokenWith } from "../fixtures/tokens.ts"
import { type World, newWorld, startMs } from "../fixtures/world.ts"
import { checkToken } from "../token/token-check.ts"
import { newTokenKey, tokenSigner } from "./token-signer.ts"

const dayMs = 86_400_000
const terms = { origin: "chat.example", use: "claim" } as const

async function keysOf({ caller }: World): Promise<readonly TokenKey[]> {
  return (await caller.call(tokenKeys, {})).keys
}

test("a device draws a batch that the server signs without seeing it, and each token is good for its use, its server and its key", async () => {
  const world = await newWorld()
  const alice = await signUp(world.caller, world.origin, "alice")
  const tokens = await drawnTokens(world.caller, alice.token, { ...terms, count: limits.tokensPerDay })
  const { keys } = await world.caller.call(tokenKeys, {})
  for (const token of tokens) assert.equal(checkToken(token, { ...terms, keys })?.keyEpoch, tokenKeyEpoch(startMs))
  const [token] = tokens as [Uint8Array]
  assert.equal(checkToken(token, { ...terms, use: "pass", keys }), undefined, "for the other half")
  assert.equal(checkToken(token, { ...terms, origin: "other.example", keys }), undefined, "of another server")
  assert.equal(checkToken(token, { ...terms, keys: [] }), undefined, "of a key that is over")
  assert.equal(checkToken(token.subarray(0, -1), { ...terms, keys }), undefined, "cut short")
  assert.equal(checkToken(new Uint8Array([...token, 0]), { ...terms, keys }), undefined, "too long")
  for (const at of [0, 1, 2, 40, 70, 100, 353]) {
    const forged = token.slice()
    forged[at] = (forged[at] as number) ^ 1
    assert.equal(checkToken(forged, { ...terms, keys }), undefined, `a bit of byte ${at}`)
  }
  const other = await newTokenKey()
  assert.equal(checkToken(tokenWith(other, terms), { ...terms, keys }), undefined, "signed by another key")
  assert.ok(checkToken(tokenWith(other, terms), { ...terms, keys: [{ epoch: 1, key: tokenSigner(other).key }] }))
})

test("a device draws once a day; the same batch again is answered again, and another is refused until the next UTC day", async () => {
  const world = await newWorld()
  const { caller, clock } = world
  const alice = await signUp(caller, world.origin, "alice")
  const bob = await signUp(caller, world.origin, "bob")
  const [{ epoch, key }] = (await keysOf(world)) as [TokenKey]
  const batch = { epoch, blinded: [1, 2, 3].map(() => blindToken(key, terms).blinded) }
  const first = await caller.call(drawTokens, batch, alice.token)
  assert.deepEqual(await caller.call(drawTokens, batch, alice.token), first)
  const another = { epoch, blinded: [blindToken(key, terms).blinded] }
  await assert.rejects(caller.call(drawTokens, another, alice.token), (error) => {
    assert.ok(error instanceof WireError && error.code === "rate_limited")
    assert.equal(error.retryAfterMs, dayMs / 2, "at midnight")
    return true
  })
  await caller.call(drawTokens, another, bob.token)
  for (let times = 0; times < 3; times++) await caller.call(drawTokens, batch, alice.token)
  await refuses("rate_limited", caller.call(drawTokens, batch, alice.token))
  clock.timeMs += dayMs / 2
  await caller.call(drawTokens, another, await signIn(caller, world.origin, alice.device))
})

test("a blinded message that is no number below the modulus, an empty batch, one too large and one for another key are refused", async () => {
  const world = await newWorld()
  const { caller } = world
  const alice = await signUp(caller, world.origin, "alice")
  const [{ epoch, key }] = (await keysOf(world)) as [TokenKey]
  const good = blindToken(key, terms).blinded
  const draw = (blinded: readonly Uint8Array[], of = epoch): Promise<unknown> =>
    caller.call(drawTokens, { epoch: of, blinded }, alice.token)
  await refuses("bad_request", draw([good, decodeTokenKey(key)]))
  await refuses("bad_request", draw([new Uint8Array(256).fill(255)]))
  await refuses("bad_request", draw([good.subarray(1)]))
  await refuses("bad_request", draw([]))
  await refuses("too_large", draw(Array.from({ length: 65 }, () => good)))
  await assert.rejects(
    draw([good], epoch - 1),
    (error) => error instanceof WireError && error.code === "epoch_stale" && error.epoch === epoch,
  )
  await refuses("epoch_stale", draw([good], epoch + 1))
  await draw([good])
})

test("nobody without a session draws, and neither does a suspended account", async () => {
  const world = await newWorld()
  const alice = await signUp(world.caller, world.origin, "alice")
  const [{ epoch, key }] = (await keysOf(world)) as [TokenKey]
  const batch = { epoch, blinded: [blindToken(key, terms).blinded] }
  await refuses("unauthorized", world.caller.call(drawTokens, batch))
  await world.delivery.changeAccount({ accountId: alice.account.accountId, change: "suspend" })
  await refuses("unauthorized", world.caller.call(drawTokens, batch, alice.token))
  await refuses("account_suspended", signIn(world.caller, world.origin, alice.device))
  await world.delivery.changeAccount({ accountId: alice.account.accountId, change: "resume" })
  const token = await signIn(world.caller, world.origin, alice.device)
  await world.store.changeAccount({ accountId: alice.account.accountId, change: "suspend" })
  await refuses("account_suspended", world.caller.call(drawTokens, batch, token))
})

test("keys are made one epoch ahead, are good in their epoch and the next, and are erased after it with what was spent", async () => {
  const world = await newWorld()
  const { clock, store } = world
  const epoch = tokenKeyEpoch(startMs)
  const stored = async (): Promise<number[]> => (await store.tokenKeys({})).map((row) => row.epoch)
  const given = async (): Promise<number[]> => (await keysOf(world)).map((key) => key.epoch)
  assert.deepEqual(await stored(), [epoch, epoch + 1])
  assert.deepEqual(await given(), [epoch])
  clock.timeMs += 3 * dayMs
  assert.deepEqual(await given(), [epoch, epoch + 1])
  clock.timeMs += 3 * dayMs
  await world.delivery.sweep()
  assert.deepEqual(await stored(), [epoch + 1, epoch + 2, epoch + 3])
  assert.deepEqual(await given(), [epoch + 1, epoch + 2])
  assert.equal(await store.tokenSecret({ epoch }), undefined)
})

test("a key that the log does not hold, or holds another one for, is given to nobody and signs nothing", async () => {
  const shown = new Map<number, Uint8Array>()
  const world = await newWorld({ loggedTokenKey: async (epoch) => shown.get(epoch) })
  const { caller, store } = world
  const alice = await signUp(caller, world.origin, "alice")
  const [own] = await store.tokenKeys({})
  assert.ok(own)
  const batch = { epoch: own.epoch, blinded: [blindToken(own.key, terms).blinded] }
  assert.deepEqual(await keysOf(world), [])
  await refuses("unavailable", caller.call(drawTokens, batch, alice.token))
  shown.set(own.epoch, random(32))
  assert.deepEqual(await keysOf(world), [])
  await refuses("unavailable", caller.call(drawTokens, batch, alice.token))
  assert.ok(world.logged.some((line) => line.includes("token_key_not_logged")))
  shown.set(own.epoch, sha256(own.key))
  assert.deepEqual(await keysOf(world), [own])
  await caller.call(drawTokens, batch, alice.token)
})

test("a new key is of 2,048 bits, signs what is below its modulus, and its public half has one spelling", async () => {
  const fresh = tokenSigner(await newTokenKey())
  assert.equal(decodeTokenKey(fresh.key).length, 256)
  const known = tokenSigner(await testTokenKeys()())
  assert.notDeepEqual(known.key, fresh.key)
  for (const wrong of [fresh.key.subarray(1), new Uint8Array([...fresh.key, 0])]) assert.throws(() => decodeTokenKey(wrong))
  for (const at of [20, 75, 81, 336, 341]) {
    const changed = fresh.key.slice()
    changed[at] = 0
    assert.throws(() => decodeTokenKey(changed), `byte ${at}`)
  }
})
