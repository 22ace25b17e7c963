import assert from "node:assert/strict"
import { test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import { checkInvite, emailCode, ownRecord, register, serverInfo } from "@nodoor/wire"
import { sha256 } from "../core/crypto.ts"
import { bindHandle, newAccount, newDevice, signIn, signState, signUp } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { newWorld, startMs } from "../fixtures/world.ts"

test("an open server takes anybody, a closed one nobody, and an invited one who has a code that is good", async () => {
  const open = await newWorld()
  await signUp(open.caller, open.origin, "alice")
  assert.equal((await open.caller.call(serverInfo, {})).registration, "open")

  const closed = await newWorld({ delivery: { registration: "closed" } })
  await refuses("registration_closed", signUp(closed.caller, closed.origin, "alice"))

  const invited = await newWorld({ delivery: { registration: "invite" } })
  await invited.store.addInvites({ label: "t", only: false, codeHashes: [sha256(toUtf8("code"))], uses: 1, expiresAtMs: startMs + 1 })
  await refuses("invite_required", signUp(invited.caller, invited.origin, "alice"))
  await refuses("invite_invalid", signUp(invited.caller, invited.origin, "alice", { invite: "other" }))
  await refuses("invite_invalid", invited.caller.call(checkInvite, { invite: "other" }))
  await invited.caller.call(checkInvite, { invite: "code" })
  await invited.caller.call(checkInvite, { invite: "code" })
  const { account, request } = newAccount(invited.origin, "alice", { invite: "code" })
  await invited.caller.call(register, request)
  await invited.caller.call(register, request)
  await signIn(invited.caller, invited.origin, account.devices[0] as (typeof account.devices)[0])
  await refuses("invite_invalid", signUp(invited.caller, invited.origin, "bob", { invite: "code" }))
  await refuses("invite_invalid", invited.caller.call(checkInvite, { invite: "code" }))
})

test("a name of the account holder of which nothing can be seen is refused, and nothing is stored", async () => {
  const { caller, origin, store } = await newWorld()
  for (const name of ["", "  ", "\u200b\u0301", "\u202e"]) {
    await refuses("bad_request", caller.call(register, { ...newAccount(origin, "alice").request, name }))
    assert.equal(await store.findAccount({ handle: "alice", accountId: undefined, afterVersion: -1, maxStates: 1 }), undefined)
  }
  await caller.call(register, { ...newAccount(origin, "alice").request, name: "王小明" })
})

test("a name is as long as people count it, in any alphabet, and one longer by a letter or by its bytes is refused", async () => {
  const { caller, origin } = await newWorld()
  for (const [at, letter] of ["a", "ก", "字", "👍🏽"].entries()) {
    const { request } = newAccount(origin, `person${at}`)
    await refuses("bad_request", caller.call(register, { ...request, name: letter.repeat(65) }))
    await caller.call(register, { ...request, name: letter.repeat(64) })
  }
  await refuses("bad_request", caller.call(register, { ...newAccount(origin, "signs").request, name: `a${"\u0301".repeat(500)}` }))
})

test("a code is sent to addresses that people have, in one spelling, and to nothing that is none", async () => {
  const { caller, mails } = await newWorld()
  for (const email of ["pat.o'neill@example.org", "a@xn--bcher-kva.example", "a@example.xn--p1ai", "a@bücher.example"])
    await caller.call(emailCode, { email })
  assert.deepEqual(
    mails.map(({ to }) => to),
    ["pat.o'neill@example.org", "a@xn--bcher-kva.example", "a@example.xn--p1ai", "a@xn--bcher-kva.example"],
  )
  for (const email of ["anna", "anna@localhost", "anna@192.0.2.1", "<anna@example.org>", "a@example.org,b@example.org"])
    await refuses("bad_request", caller.call(emailCode, { email }))
  assert.equal(mails.length, 4)
})

test("a handle, and an account id, is taken once", async () => {
  const { caller, origin } = await newWorld()
  const { request } = newAccount(origin, "alice")
  await caller.call(register, request)
  await refuses("handle_taken", signUp(caller, origin, "alice"))
  const other = newAccount(origin, "bob")
  await caller.call(register, other.request)
  await refuses(
    "account_exists",
    caller.call(register, { ...other.request, handle: "carol", handleBinding: bindHandle(other.account, "carol") }),
  )
})

test("a genesis that breaks a rule of the account chain is refused with the rule in the message, and nothing is stored", async () => {
  const { caller, origin, store } = await newWorld()
  const { account, request } = newAccount(origin, "alice")
  const flipped = request.genesis.slice()
  flipped[flipped.length - 3] = (flipped[flipped.length - 3] as number) ^ 1
  assert.match(
    (await refuses("account_state_invalid", caller.call(register, { ...request, genesis: flipped }))).message,
    /account_bad_signature/,
  )
  const elsewhere = newAccount("evil.example", "alice").request
  assert.match((await refuses("account_state_invalid", caller.call(register, elsewhere))).message, /wrong_origin/)
  assert.match(
    (await refuses("account_state_invalid", caller.call(register, { ...request, handle: "mallory" }))).message,
    /handle_mismatch/,
  )
  assert.match(
    (await refuses("account_state_invalid", caller.call(register, { ...request, genesis: new Uint8Array(9) }))).message,
    /truncated/,
  )
  const unsigned = signState(account.state.state, [newDevice()])
  assert.match(
    (await refuses("account_state_invalid", caller.call(register, { ...request, genesis: unsigned }))).message,
    /account_stray_signature/,
  )
  assert.equal(await store.countAccounts({}), 0)
})

test("an e-mail address is taken with a code that was sent to it, not tried too often, not too old, and used by one account", async () => {
  const world = await newWorld({ delivery: { email: { mode: "required", domains: ["example.org"] } } })
  const { caller, origin, mails, clock } = world
  const email = "alice@example.org"
  await refuses("email_required", signUp(caller, origin, "alice"))
  await refuses("email_domain_refused", caller.call(emailCode, { email: "alice@elsewhere.example" }))
  await refuses("email_domain_refused", signUp(caller, origin, "alice", { email: "alice@elsewhere.example", emailCode: "12345678" }))
  await refuses("email_code_invalid", signUp(caller, origin, "alice", { email, emailCode: "12345678" }))
  await caller.call(emailCode, { email })
  const [sent] = mails
  assert.match(sent?.code ?? "", /^\d{8}$/)
  await refuses("email_code_invalid", signUp(caller, origin, "alice", { email }))
  const { request } = newAccount(origin, "alice", { email, emailCode: sent?.code as string })
  await caller.call(register, request)
  await caller.call(register, request)
  await refuses("email_code_invalid", signUp(caller, origin, "bob", { email, emailCode: sent?.code as string }))

  await caller.call(emailCode, { email: "bob@example.org" })
  const code = mails[1]?.code as string
  const wrong = code === "00000000" ? "00000001" : "00000000"
  for (let at = 0; at < 5; at++)
    await refuses("email_code_invalid", signUp(caller, origin, "bob", { email: "bob@example.org", emailCode: wrong }))
  await refuses("email_code_invalid", signUp(caller, origin, "bob", { email: "bob@example.org", emailCode: code }))

  await caller.call(emailCode, { email: "carol@example.org" })
  clock.timeMs += 900_000
  await refuses("email_code_invalid", signUp(caller, origin, "carol", { email: "carol@example.org", emailCode: mails[2]?.code as string }))
})

test("a server that asks for no e-mail address takes none", async () => {
  const { caller, origin } = await newWorld({ delivery: { email: { mode: "none", domains: [] } } })
  await refuses("bad_request", caller.call(emailCode, { email: "a@example.org" }))
  await refuses("bad_request", signUp(caller, origin, "alice", { email: "a@example.org", emailCode: "12345678" }))
})

test("codes are sent to one address a few times only, and a mail server that is away is said so", async () => {
  const { caller, clock } = await newWorld()
  for (let at = 0; at < 3; at++) await caller.call(emailCode, { email: "a@example.org" })
  assert.ok(((await refuses("rate_limited", caller.call(emailCode, { email: "A@example.org" }))).retryAfterMs ?? 0) > 0)
  clock.timeMs += 3_600_000
  await caller.call(emailCode, { email: "a@example.org" })
})

test("a device is shown everything the server holds about its account, and with ip_days 0 no address is ever stored", async () => {
  for (const ipDays of [7, 0]) {
    const world = await newWorld({ delivery: { ipDays } })
    const alice = await signUp(world.caller, world.origin, "alice")
    const record = await world.caller.call(ownRecord, {}, alice.token)
    assert.deepEqual(record, {
      accountId: alice.account.accountId,
      handle: "alice",
      name: "Holder of alice",
      createdAtMs: startMs - 43_200_000,
      lastSeenDay: "2026-12-01",
      deviceCount: 1,
      addresses: ipDays === 0 ? [] : [{ address: "127.0.0.1", firstSeenMs: startMs - 43_200_000, lastSeenMs: startMs - 43_200_000 }],
    })
    world.clock.timeMs += 7 * 86_400_000 + 1
    await world.delivery.sweep()
    const later = await signIn(world.caller, world.origin, alice.device)
    assert.equal((await world.caller.call(ownRecord, {}, later)).addresses.length, ipDays === 0 ? 0 : 1)
  }
})
