// Recovery keys: every account has one, so that nobody but its owner can start it over (docs/transparency.md, A16).

import assert from "node:assert/strict"
import { test } from "node:test"
import { fromHex, toHex } from "@nodoor/bytes"
import {
  type DeviceId,
  type VerifiedAccountState,
  decodeVerifiedAccountState,
  encodeVerifiedAccountState,
  signAccountState,
  verifyAccountState,
} from "@nodoor/keylog"
import { generateSigner } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { serverCrypto } from "@nodoor/server"
import { logUpdate } from "@nodoor/wire"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"

/** After this a device has looked at its own account again. */
const lookedMs = 3_700_000

async function own({ virtual, accountId }: Person): Promise<VerifiedAccountState> {
  const sql = "SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1"
  const [row] = await virtual.disk.read(sql, [accountId])
  return decodeVerifiedAccountState(serverCrypto, row?.["state"] as Uint8Array)
}

/** What a reset to one new device is, signed with what the owner's export holds. */
function resetWith(
  before: VerifiedAccountState,
  recoveryPrivateKey: Uint8Array | undefined,
  recoveryKey = before.state.recoveryKey,
): VerifiedAccountState {
  const { publicKey, privateKey } = generateSigner({ crypto: nodeProvider, timeMs: 0 }, { suite: 0x004f, identity: new Uint8Array() })
  const deviceId = nodeProvider.random(16) as DeviceId
  const version = before.state.version + 1
  const state = {
    ...before.state,
    version,
    prev: before.stateHash,
    kind: "reset" as const,
    resetCount: before.state.resetCount + 1,
    lastResetVersion: version,
    recoveryKey,
    devices: [
      { deviceId, deviceClass: "desktop" as const, signatureScheme: 0x0807 as const, signatureKey: publicKey, addedVersion: version },
    ],
  }
  const next = signAccountState(serverCrypto, { state, signers: [{ deviceId, privateKey }], recoveryPrivateKey })
  const { origin, accountId } = before.state
  return verifyAccountState(serverCrypto, { previous: before, next, origin, accountId })
}

async function restart(world: OperatedWorld, person: Person): Promise<Person> {
  person.virtual.kill()
  await world.until("it runs again", async () => (await person.virtual.device?.connection())?.status === "online")
  const { device } = person.virtual
  assert.ok(device)
  return { ...person, device }
}

async function exportedKey({ device }: Person): Promise<string> {
  return (await device.exportOwnData()).recoveryKey ?? "none"
}

test("a new account has a recovery key from its first state, and what its owner exports is what a reset needs", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const first = await own(alice)
    const key = await world.run(exportedKey(alice))
    assert.match(key, /^[0-9a-f]{64}$/)
    assert.equal(resetWith(first, fromHex(key)).kind, "recovery reset")
    assert.throws(() => resetWith(first, undefined), /account_recovery_unsigned/)
    // After a restart too, and nothing of it is the server's.
    assert.equal(await world.run(exportedKey(await restart(world, alice))), key)
    assert.equal(first.state.version, 0)
    const stored = await world.run(
      world.store.findAccount({ handle: undefined, accountId: alice.accountId, afterVersion: -1, maxStates: 10 }),
    )
    for (const state of stored?.states ?? []) assert.ok(!toHex(state).includes(key))
  }))

test("an account from before recovery keys gets one when its device looks again, and nobody is alarmed", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice", { older: true }), await world.person("bob")]
    await world.acquainted(alice, bob)
    assert.equal((await own(alice)).state.recoveryKey, undefined)
    assert.equal(resetWith(await own(alice), undefined).kind, "hard reset")
    alice.virtual.older = false
    const updated = await restart(world, alice)
    await world.pass(lookedMs)
    const key = await world.run(exportedKey(updated))
    const now = await own(updated)
    assert.deepEqual([now.state.version, now.kind], [1, "update"])
    assert.equal(resetWith(now, fromHex(key)).kind, "recovery reset")
    assert.throws(() => resetWith(now, undefined), /account_recovery_unsigned/)
    assert.equal((await world.run(bob.device.checkTransparency(toHex(alice.accountId)))).status, "ok")
    for (const person of [updated, bob])
      for (const level of ["red", "warn", "notice", "info"] as const) assert.deepEqual(await world.alarms(person, level), [])
  }))

test("the update that gives the key is known as the device's own when its answer was lost, and there is one", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice", { older: true })
    alice.virtual.older = false
    let updates = 0
    world.hand = async (path, _caller, _body, honest) => {
      const answer = await honest()
      if (path === logUpdate.path && updates++ === 0) alice.virtual.kill()
      return answer
    }
    const updated = await restart(world, alice)
    await world.until("the update was sent", async () => updates > 0)
    await world.until("it runs again", async () => (await updated.virtual.device?.connection())?.status === "online")
    await world.pass(lookedMs)
    const { device } = updated.virtual
    assert.ok(device)
    assert.deepEqual(await world.alarms({ ...updated, device }), [])
    const now = await own(updated)
    assert.equal(now.state.version, 1)
    assert.equal(resetWith(now, fromHex(await world.run(exportedKey({ ...updated, device })))).kind, "recovery reset")
    assert.equal(updates, 1)
  }))

test("another version than the one that was prepared is no version of the device's own", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice", { older: true })
    const read = async () => (await alice.virtual.disk.read("SELECT signature_seed, recovery_update FROM device", []))[0]
    await world.until("one is prepared", async () => (await read())?.["recovery_update"] instanceof Uint8Array)
    const row = await read()
    const before = await own(alice)
    const [device] = before.state.devices
    assert.ok(device)
    // Somebody has the device's key, and gives the account a recovery key of theirs.
    const thief = generateSigner({ crypto: nodeProvider, timeMs: 0 }, { suite: 0x004f, identity: new Uint8Array() })
    const state = { ...before.state, version: 1, prev: before.stateHash, kind: "update" as const, recoveryKey: thief.publicKey }
    const signers = [{ deviceId: device.deviceId, privateKey: row?.["signature_seed"] as Uint8Array }]
    const next = signAccountState(serverCrypto, { state, signers })
    const { origin, accountId } = before.state
    const verified = verifyAccountState(serverCrypto, { previous: before, next, origin, accountId })
    const append = {
      accountId: alice.accountId,
      version: 1,
      state: next,
      stateHash: verified.stateHash,
      verifiedState: encodeVerifiedAccountState(verified),
      devices: [device],
      erased: false,
    }
    await world.run(world.store.appendAccountState(append))
    await world.log.publish()
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_device_unknown"])
    assert.equal(await world.run(exportedKey(alice)), "none")
    // No device to remove: whoever says that it was theirs goes on.
    const [alarm] = await alice.device.alarms()
    assert.match(alarm?.text ?? "", /changed by one of its devices/)
    await world.run(alice.device.acknowledgeAlarm(alarm?.id ?? ""))
    assert.equal((await alice.device.logStatus()).stopped, undefined)
    assert.deepEqual((await own(alice)).state.recoveryKey, thief.publicKey)
  }))

test("a key that the account has no more is not exported: it starts nothing over", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    await world.log.publish()
    const key = fromHex(await world.run(exportedKey(alice)))
    const another = generateSigner({ crypto: nodeProvider, timeMs: 0 }, { suite: 0x004f, identity: new Uint8Array() })
    const reset = resetWith(await own(alice), key, another.publicKey)
    world.log.insert([{ accountId: alice.accountId, version: 1, state: reset.signed }])
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_account_replaced"])
    assert.equal(await world.run(exportedKey(alice)), "none")
    // The seed is still on the disk: what speaks against it is the log, not a hole.
    const [row] = await alice.virtual.disk.read("SELECT recovery_seed FROM device", [])
    assert.equal(toHex(row?.["recovery_seed"] as Uint8Array), toHex(key))
  }))

test("of an account without a key that was verified, a hard reset holds its new devices until the person says yes, however long it takes", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
    const chatId = await world.acquainted(alice, bob)
    await world.run(alice.device.setVerified(toHex(bob.accountId), true))
    const before = await own(bob)
    const reset = resetWith(before, undefined)
    world.log.insert([{ accountId: bob.accountId, version: 1, state: reset.signed }])
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.deepEqual(await world.alarms(alice), ["contact_reset_verified"])
    await world.pass(3 * 86_400_000)
    const { identityChange, verified } = await alice.device.contact(toHex(bob.accountId))
    assert.deepEqual([identityChange?.wasVerified, verified], [true, false])
    await assert.rejects(world.run(alice.device.send(chatId, { text: "is it you?" })), /verified/)
    const queued = async () =>
      (await alice.virtual.disk.read("SELECT payload FROM outbox WHERE kind = 'commit'", [])).filter(
        (row) => toHex(row["payload"] as Uint8Array).includes("63616464"), // CBOR text "add"
      ).length
    assert.equal(await queued(), 0, "nobody is let in")
    // Reading the alarm is no yes; comparing again is.
    const [alarm] = await alice.device.alarms()
    await world.run(alice.device.acknowledgeAlarm(alarm?.id ?? ""))
    await world.pass(86_400_000)
    assert.equal(await queued(), 0, "nobody is let in by an alarm that was read")
    await world.run(alice.device.setVerified(toHex(bob.accountId), true))
    await world.until("the new device is to be let in", async () => (await queued()) > 0)
  }))
