import assert from "node:assert/strict"
import { test } from "node:test"
import { type SessionRequest, lookup, ownRecord, session, sessionChallenge, sessionSignatureInput, updateAccount } from "@nodoor/wire"
import { newDevice, nextState, random, signIn, signUp, takeState, unvouchedState } from "../fixtures/device.ts"
import { refuses } from "../fixtures/refuses.ts"
import { newWorld } from "../fixtures/world.ts"

test("a challenge opens one session, of the device it was given to, within a minute, with a signature for this origin", async () => {
  const { caller, origin, clock } = await newWorld()
  const { device } = await signUp(caller, origin, "alice")
  const { deviceId, keys } = device
  const answer = async (more: { origin?: string; deviceId?: Uint8Array } = {}): Promise<SessionRequest> => {
    const { challenge } = await caller.call(sessionChallenge, { deviceId })
    return {
      deviceId: more.deviceId ?? deviceId,
      challenge,
      signature: keys.sign(sessionSignatureInput({ origin: more.origin ?? origin, challenge, deviceId })),
    }
  }
  const request = await answer()
  const { token, expiresAtMs } = await caller.call(session, request)
  assert.equal(expiresAtMs, clock.timeMs + 3_600_000)
  await refuses("challenge_expired", caller.call(session, request))
  await refuses("invalid_signature", caller.call(session, await answer({ origin: "evil.example" })))
  await refuses("challenge_expired", caller.call(session, await answer({ deviceId: random(16) })))
  const late = await answer()
  clock.timeMs += 60_000
  await refuses("challenge_expired", caller.call(session, late))
  const stranger = newDevice()
  const { challenge } = await caller.call(sessionChallenge, { deviceId: stranger.deviceId })
  const signature = stranger.keys.sign(sessionSignatureInput({ origin, challenge, deviceId: stranger.deviceId }))
  await refuses("unauthorized", caller.call(session, { deviceId: stranger.deviceId, challenge, signature }))
  await refuses("challenge_expired", caller.call(session, { ...request, challenge: random(32) }))

  await caller.call(ownRecord, {}, token)
  clock.timeMs = expiresAtMs
  await refuses("unauthorized", caller.call(ownRecord, {}, token))
})

test("what asks for a session is refused without one, with another's token, and with one that is too short", async () => {
  const { caller } = await newWorld()
  await refuses("unauthorized", caller.call(ownRecord, {}))
  await refuses("unauthorized", caller.call(ownRecord, {}, random(32)))
  await refuses("unauthorized", caller.call(ownRecord, {}, random(31)))
})

test("an account adds a device and revokes one: the new one signs in, the revoked one's sessions are over at once", async () => {
  const { caller, origin } = await newWorld()
  const alice = await signUp(caller, origin, "alice")
  const laptop = newDevice()
  const added = nextState(alice.account, [alice.device, laptop])
  assert.equal((await caller.call(updateAccount, { state: added }, alice.token)).version, 1)
  assert.equal((await caller.call(updateAccount, { state: added }, alice.token)).version, 1, "the same again")
  takeState(alice.account, added, [alice.device, laptop])
  const token = await signIn(caller, origin, laptop)
  const rival = nextState({ ...alice.account, state: alice.account.state }, [alice.device, laptop])
  const removed = nextState(alice.account, [alice.device])
  await caller.call(updateAccount, { state: removed }, alice.token)
  await refuses("account_state_stale", caller.call(updateAccount, { state: rival }, alice.token))
  await refuses("unauthorized", caller.call(ownRecord, {}, token))
  await refuses("unauthorized", signIn(caller, origin, laptop))
  const found = await caller.call(lookup, { handle: "alice" }, alice.token)
  assert.equal(found.states.length, 3)
  assert.equal((await caller.call(lookup, { accountId: alice.account.accountId, knownVersion: 1 }, alice.token)).states.length, 1)
  await refuses("account_not_found", caller.call(lookup, { handle: "nobody" }, alice.token))
})

test("a state without a signature of the version before, one of another account, and one with more than 20 devices is refused", async () => {
  const { caller, origin } = await newWorld()
  const alice = await signUp(caller, origin, "alice")
  const bob = await signUp(caller, origin, "bob")
  const ghost = newDevice()
  const forged = unvouchedState(alice.account, [alice.device, ghost], ghost)
  assert.match(
    (await refuses("account_state_invalid", caller.call(updateAccount, { state: forged }, alice.token))).message,
    /account_unsigned/,
  )
  const own = nextState(alice.account, [alice.device, newDevice()])
  assert.match((await refuses("account_state_invalid", caller.call(updateAccount, { state: own }, bob.token))).message, /wrong_account/)
  const twenty = [alice.device, ...Array.from({ length: 19 }, newDevice)]
  const full = nextState(alice.account, twenty)
  await caller.call(updateAccount, { state: full }, alice.token)
  takeState(alice.account, full, twenty)
  const more = nextState(alice.account, [...twenty, newDevice()])
  assert.match((await refuses("account_state_invalid", caller.call(updateAccount, { state: more }, alice.token))).message, /20 devices/)
})
