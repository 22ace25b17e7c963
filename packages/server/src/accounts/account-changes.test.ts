import assert from "node:assert/strict"
import { test } from "node:test"
import { claimDevices, lookup, ownRecord, register, serverInfo, uploadKeyPackages } from "@nodoor/wire"
import { type SignedIn, newAccount, random, signIn, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { testTokenKeys } from "../fixtures/token-keys.ts"
import { tokenWith } from "../fixtures/tokens.ts"
import { type World, type WorldOptions, newWorld } from "../fixtures/world.ts"

async function arranged(options: WorldOptions = {}): Promise<{ world: World; alice: SignedIn; bob: SignedIn }> {
  const world = await newWorld(options)
  const [alice, bob] = [await signUp(world.caller, world.origin, "alice"), await signUp(world.caller, world.origin, "bob")]
  await world.caller.call(uploadKeyPackages, { oneTime: [random(50)], lastResort: random(50) }, bob.token)
  return { world, alice, bob }
}

/** For how many devices of an account a stranger gets keys. */
async function claimed({ caller, origin }: World, { account }: SignedIn): Promise<number> {
  const token = tokenWith(await testTokenKeys()(), { origin, use: "claim" })
  return (await caller.call(claimDevices, { token, accounts: [{ accountId: account.accountId }] })).claims.length
}

test("nothing of a suspended account can be used, others go on checking it, and all of it goes on when it is resumed", async () => {
  const { world, bob } = await arranged()
  const { accountId } = bob.account
  const changed = await world.delivery.changeAccount({ accountId, change: "suspend" })
  assert.deepEqual([changed.state, changed.handle, changed.deviceCount], ["suspended", "bob", 1])
  await refuses("unauthorized", world.caller.call(ownRecord, {}, bob.token))
  await refuses("account_suspended", signIn(world.caller, world.origin, bob.device))
  assert.equal(await claimed(world, bob), 0)
  assert.equal((await world.caller.call(lookup, { handle: "bob" })).states.length, 1)

  await world.delivery.changeAccount({ accountId, change: "resume" })
  const token = await signIn(world.caller, world.origin, bob.device)
  assert.equal((await world.caller.call(ownRecord, {}, token)).handle, "bob")
  assert.equal(await claimed(world, bob), 1)
})

test("what another process suspends or erases ends here at the next look, and nobody else's session does", async () => {
  const { world, alice, bob } = await arranged()
  const carol = await signUp(world.caller, world.origin, "carol")
  await world.store.changeAccount({ accountId: alice.account.accountId, change: "suspend" })
  await world.store.changeAccount({ accountId: bob.account.accountId, change: "erase" })
  await world.delivery.noticeAccountChanges()
  for (const { token } of [alice, bob]) await refuses("unauthorized", world.caller.call(ownRecord, {}, token))
  await refuses("account_suspended", signIn(world.caller, world.origin, alice.device))
  await world.delivery.noticeAccountChanges()
  assert.equal((await world.caller.call(ownRecord, {}, carol.token)).handle, "carol")
})

test("an erased account's device is told so when it signs in; others find its chain, and cannot let it in", async () => {
  const { world, bob } = await arranged()
  const { accountId } = bob.account
  assert.equal((await world.delivery.changeAccount({ accountId, change: "erase" })).state, "erased")
  await refuses("unauthorized", world.caller.call(ownRecord, {}, bob.token))
  await refuses("account_erased", signIn(world.caller, world.origin, bob.device))
  assert.equal(await claimed(world, bob), 0)
  assert.equal((await world.caller.call(lookup, { handle: "bob" })).states.length, 1)
  await refuses("handle_taken", world.caller.call(register, newAccount(world.origin, "bob").request))
  await refuses("account_erased", world.delivery.changeAccount({ accountId, change: "resume" }))
  await refuses("account_not_found", world.delivery.changeAccount({ accountId: random(16), change: "erase" }))
})

test("a server with as many accounts as it may have takes no more", async () => {
  const { world, alice } = await arranged({ delivery: { accountsMax: 2 } })
  await refuses("server_full", signUp(world.caller, world.origin, "carol"))
  await world.delivery.changeAccount({ accountId: alice.account.accountId, change: "erase" })
  await signUp(world.caller, world.origin, "carol")
})

test("the server says after how long an account that nobody uses is erased", async () => {
  const said = async (options: WorldOptions): Promise<number> => (await (await newWorld(options)).caller.call(serverInfo, {})).inactiveDays
  assert.deepEqual([await said({}), await said({ delivery: { inactiveDays: 90 } })], [0, 90])
})
