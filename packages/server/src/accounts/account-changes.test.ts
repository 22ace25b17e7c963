import assert from "node:assert/strict"
import { test } from "node:test"
import { claimKeyPackages, limits, lookup, ownRecord, readMailbox, register, serverInfo, uploadKeyPackages } from "@nodoor/wire"
import { type SignedIn, addToGroup, newAccount, newGroup, postTo, random, signIn, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { type TestStream, connectDelivery } from "../fixtures/stream.ts"
import { type World, type WorldOptions, newWorld } from "../fixtures/world.ts"

async function arranged(options: WorldOptions = {}): Promise<{ world: World; alice: SignedIn; bob: SignedIn }> {
  const world = await newWorld(options)
  const [alice, bob] = [await signUp(world.caller, world.origin, "alice"), await signUp(world.caller, world.origin, "bob")]
  await world.caller.call(uploadKeyPackages, { oneTime: [random(50)], lastResort: random(50) }, bob.token)
  return { world, alice, bob }
}

async function opened({ delivery }: World, { token }: SignedIn): Promise<TestStream> {
  const stream = connectDelivery(delivery)
  stream.send({ type: "open", token, after: 0 })
  await stream.frame("opened")
  return stream
}

const closedWith = async (stream: TestStream): Promise<string> => (await stream.frame("closed")).code

test("a suspended account's connection ends with the reason, nothing of it can be used, and all of it goes on when it is resumed", async () => {
  const { world, alice, bob } = await arranged()
  const group = await newGroup(world.caller, alice)
  await addToGroup(world.caller, group, alice, [bob])
  const { accountId } = bob.account
  const stream = await opened(world, bob)
  const changed = await world.delivery.changeAccount({ accountId, change: "suspend" })
  assert.deepEqual([changed.state, changed.handle, changed.deviceCount], ["suspended", "bob", 1])
  assert.equal(await closedWith(stream), "account_suspended")
  await stream.ended
  await refuses("unauthorized", world.caller.call(ownRecord, {}, bob.token))
  await refuses("unauthorized", world.caller.call(readMailbox, { after: 0, max: 9 }, bob.token))
  await refuses("account_suspended", signIn(world.caller, world.origin, bob.device))
  const late = connectDelivery(world.delivery)
  late.send({ type: "open", token: bob.token, after: 0 })
  assert.equal(await closedWith(late), "unauthorized")
  await refuses("account_unavailable", world.caller.call(claimKeyPackages, { accountId }, alice.token))
  assert.equal(
    (await world.caller.call(lookup, { handle: "bob" }, alice.token)).states.length,
    1,
    "who knows the account can go on checking it",
  )
  await postTo(world.caller, group, random(9))

  await world.delivery.changeAccount({ accountId, change: "resume" })
  const token = await signIn(world.caller, world.origin, bob.device)
  const again = await opened(world, { ...bob, token })
  assert.deepEqual(
    (await again.received(2)).map(({ kind }) => kind),
    ["welcome", "post"],
  )
  assert.equal((await world.caller.call(claimKeyPackages, { accountId }, alice.token)).claims.length, 1)
})

test("what another process suspends or erases ends here at the next look, and nobody else's connection does", async () => {
  const { world, alice, bob } = await arranged()
  const carol = await signUp(world.caller, world.origin, "carol")
  const [first, second, third] = [await opened(world, alice), await opened(world, bob), await opened(world, carol)]
  await world.store.changeAccount({ accountId: alice.account.accountId, change: "suspend" })
  await world.store.changeAccount({ accountId: bob.account.accountId, change: "erase" })
  await world.delivery.noticeAccountChanges()
  assert.deepEqual([await closedWith(first), await closedWith(second)], ["account_suspended", "account_erased"])
  for (const { token } of [alice, bob]) await refuses("unauthorized", world.caller.call(ownRecord, {}, token))
  await refuses("account_suspended", signIn(world.caller, world.origin, alice.device))
  await world.delivery.noticeAccountChanges()
  third.send({ type: "ping" })
  await third.frame("pong")
  assert.equal((await world.caller.call(ownRecord, {}, carol.token)).handle, "carol")
})

test("a connection that is being opened while its account is suspended does not stay", async () => {
  const { world, bob } = await arranged()
  const stream = connectDelivery(world.delivery)
  stream.send({ type: "open", token: bob.token, after: 0 })
  await world.delivery.changeAccount({ accountId: bob.account.accountId, change: "suspend" })
  assert.ok(["account_suspended", "unauthorized"].includes(await closedWith(stream)))
  assert.equal(world.delivery.devicesConnected(), 0)
})

test("an erased account's device is told so when it signs in; others find its chain, and cannot let it in", async () => {
  const { world, alice, bob } = await arranged()
  const { accountId } = bob.account
  const stream = await opened(world, bob)
  assert.equal((await world.delivery.changeAccount({ accountId, change: "erase" })).state, "erased")
  assert.equal(await closedWith(stream), "account_erased")
  await refuses("unauthorized", world.caller.call(ownRecord, {}, bob.token))
  await refuses("account_erased", signIn(world.caller, world.origin, bob.device))
  await refuses("account_unavailable", world.caller.call(claimKeyPackages, { accountId }, alice.token))
  assert.equal((await world.caller.call(lookup, { handle: "bob" }, alice.token)).states.length, 1)
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

test("a mailbox keeps within its bound by losing its oldest, and the device is told of the gap", async () => {
  const { world, alice } = await arranged({ delivery: { mailboxMaxBytes: 2000 } })
  const group = await newGroup(world.caller, alice)
  for (let at = 0; at < 5; at++) await postTo(world.caller, group, random(900))
  const stream = await opened(world, alice)
  const records = await stream.received(3)
  assert.deepEqual(
    records.map(({ kind, seq }) => [kind, seq]),
    [
      ["gap", 3],
      ["post", 4],
      ["post", 5],
    ],
  )
  assert.ok(limits.commitBundleBytes < 16_000_000, "the least bound that an operator can set holds any one record")
})

test("the server says after how long an account that nobody uses is erased", async () => {
  const said = async (options: WorldOptions): Promise<number> => (await (await newWorld(options)).caller.call(serverInfo, {})).inactiveDays
  assert.deepEqual([await said({}), await said({ delivery: { inactiveDays: 90 } })], [0, 90])
})
