// What an operator can do with a log it controls, against production clients: each asserts the exact code, and that nothing was believed.

import assert from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { test } from "node:test"
import { bytes, compare, equal, toHex, toUtf8 } from "@nodoor/bytes"
import { ClientError } from "@nodoor/client"
import {
  type AccountId,
  type AccountState,
  type Device,
  type DeviceId,
  type VerifiedAccountState,
  decodeVerifiedAccountState,
  ed25519SignatureScheme,
  encodeVerifiedAccountState,
  signAccountState,
  signHandleBinding,
  verifyAccountState,
  verifyEvidence,
} from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { claimDevices, decodeMessage, encodeMessage, logSearch } from "@nodoor/wire"
import { resetDelayMs } from "../in-process-log.ts"
import { OperatedWorld, type Person } from "./operated-world.ts"

const refusedAs = (code: string) => (error: unknown) => error instanceof ClientError && error.code === code

interface Ghost {
  readonly deviceId: DeviceId
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

function ghost(): Ghost {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const raw = (der: Buffer): Uint8Array => new Uint8Array(der.subarray(der.length - 32))
  return {
    deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(0xee)),
    publicKey: raw(publicKey.export({ format: "der", type: "spki" })),
    privateKey: raw(privateKey.export({ format: "der", type: "pkcs8" })),
  }
}

async function ownState({ virtual, accountId }: Person): Promise<VerifiedAccountState> {
  const [row] = await virtual.disk.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1", [accountId])
  return decodeVerifiedAccountState(serverCrypto, row?.["state"] as Uint8Array)
}

/** The next version of an account with a ghost in it; signed by whoever is given. */
function withGhost(
  before: VerifiedAccountState,
  added: Ghost,
  signers: readonly { readonly deviceId: DeviceId; readonly privateKey: Uint8Array }[],
  change: Partial<AccountState> = {},
): Uint8Array {
  const version = before.state.version + 1
  const device: Device = {
    deviceId: added.deviceId,
    deviceClass: "web",
    signatureScheme: ed25519SignatureScheme,
    signatureKey: added.publicKey,
    addedVersion: version,
  }
  const kept = change.kind === "reset" ? [] : before.state.devices
  const devices = [...kept, device].toSorted((a, b) => compare(a.deviceId, b.deviceId))
  return signAccountState(serverCrypto, {
    state: { ...before.state, version, prev: before.stateHash, kind: "update", ...change, devices },
    signers,
  })
}

async function deviceKey({ virtual }: Person): Promise<{ readonly deviceId: DeviceId; readonly privateKey: Uint8Array }> {
  const [row] = await virtual.disk.read("SELECT device_id, signature_seed FROM device")
  return { deviceId: bytes<"DeviceId">(row?.["device_id"] as Uint8Array), privateKey: row?.["signature_seed"] as Uint8Array }
}

/** A group is told of the log this often at most. */
const noteEveryMs = 600_000

/** Alice and Bob, who have a chat and have looked each other up. */
async function friends(world: OperatedWorld): Promise<{ readonly alice: Person; readonly bob: Person; readonly chatId: string }> {
  const [alice, bob] = [await world.person("alice"), await world.person("bob")]
  const chatId = await world.acquainted(alice, bob)
  await world.pass(5_000)
  return { alice, bob, chatId }
}

/** From now on this person is shown a log of their own, of the same size. */
async function split(world: OperatedWorld, { address: other }: Person): Promise<void> {
  const fork = world.fork()
  world.logOf = (address) => (address === other ? fork : world.log)
  await world.person("carol")
  await world.log.publish()
  await fork.publish()
}

test("a chat with somebody who registered a second ago begins within three seconds, and who is nowhere is proven absent", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    await world.person("bob")
    const fromMs = world.time.nowMs()
    const { accountId } = await world.run(alice.device.findContact("bob"))
    const chat = await world.run(alice.device.openChat(accountId))
    await world.run(alice.device.send(chat.id, { text: "already?" }))
    await world.until("it is sent", async () => (await alice.device.messages(chat.id)).messages[0]?.status === "sent")
    assert.ok(world.time.nowMs() - fromMs <= 3_000, `${world.time.nowMs() - fromMs} ms`)
    await assert.rejects(world.run(alice.device.findContact("nobody")), refusedAs("not_found"))
    const status = await alice.device.logStatus()
    assert.equal(status.tier, "not_independently_witnessed")
    assert.ok((status.size ?? 0) > 3 && status.checkedAtMs !== undefined && status.stopped === undefined)
    assert.equal((await alice.device.safety(accountId)).transparency.status, "ok")
    assert.deepEqual(await alice.device.alarms(), [])
  }))

test("a ghost device that no device of the account signed is refused, nothing of it is stored, and nothing is sent to chats with the account", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const added = ghost()
    world.log.insert([{ accountId: bob.accountId, version: 1, state: withGhost(await ownState(bob), added, [added]) }])
    const before = await world.beliefs(alice)
    const shown = await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.deepEqual([shown.status, await world.alarms(alice)], ["failed", ["identity_account_unsigned"]])
    assert.equal(await world.beliefs(alice), before)
    await assert.rejects(world.run(alice.device.send(chatId, { text: "no" })), refusedAs("identity_untrusted"))
    assert.equal((await alice.device.chat(chatId)).alarm?.code, "identity_account_unsigned")
    // Reading it does not undo it while the log still says so.
    const [alarm] = await alice.device.alarms()
    await assert.rejects(world.run(alice.device.acknowledgeAlarm(alarm?.id ?? "")), refusedAs("identity_untrusted"))
    await assert.rejects(world.run(alice.device.send(chatId, { text: "no" })), refusedAs("identity_untrusted"))
    const evidence = await alice.device.exportEvidence(alarm?.id ?? "")
    assert.equal(evidence.kind, "record")
    assert.equal((JSON.parse(evidence.text) as { code: string }).code, "account_unsigned")
  }))

test("a ghost through a hard reset alarms the owner, and nobody encrypts to it before a day has passed since the log showed it", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob", { older: true })]
    const chatId = await world.acquainted(alice, bob)
    const added = ghost()
    const resetAtMs = world.time.nowMs()
    const state = withGhost(await ownState(bob), added, [added], { kind: "reset", resetCount: 1, lastResetVersion: 1 })
    world.log.insert([{ accountId: bob.accountId, version: 1, state }])
    await world.pass(7_300_000)
    assert.deepEqual(await world.alarms(bob), ["own_account_replaced"])
    assert.equal((await bob.device.logStatus()).stopped?.code, "own_account_replaced")
    await assert.rejects(world.run(bob.device.send(chatId, { text: "am I heard?" })), ClientError)
    await assert.rejects(world.run(bob.device.removeOwnDevice(toHex(added.deviceId))), refusedAs("not_allowed"))
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.deepEqual(await world.alarms(alice, "notice"), ["contact_reset"])
    await world.pass(60_000)
    // The old device is in no state of the account any more: whoever noticed first took it out of the chat.
    const leaves = async (): Promise<string[]> =>
      (await alice.virtual.disk.read("SELECT account_id FROM member")).map((row) => toHex(row["account_id"] as Uint8Array))
    await world.until("it is out", async () => (await leaves()).length === 1)
    assert.deepEqual(await leaves(), [toHex(alice.accountId)])
    const [held] = await alice.virtual.disk.read("SELECT held_until_ms, held_exact FROM account_check WHERE account_id = ?", [
      bob.accountId,
    ])
    assert.equal(held?.["held_exact"], 1)
    assert.equal(held?.["held_until_ms"], resetAtMs + resetDelayMs)
    await assert.rejects(
      world.run(alice.device.createGroup({ name: "Two", accountIds: [toHex(bob.accountId)] })).then(async (chat) => {
        await world.until("the refusal is told", async () =>
          (await alice.device.alarms()).some(({ code }) => code.startsWith("change_failed")),
        )
        assert.deepEqual(
          (await alice.device.members(chat.id)).map(({ handle }) => handle),
          ["alice"],
        )
        throw new ClientError("identity_untrusted", "held")
      }),
      refusedAs("identity_untrusted"),
    )
  }))

test("a version of the own account that its owner did not make stops the device until it is removed or acknowledged", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const added = ghost()
    // Somebody got hold of Bob's key: the only way to a signed ghost.
    const state = withGhost(await ownState(bob), added, [added, await deviceKey(bob)])
    const verified = await verifiedAfter(bob, state)
    const { devices } = verified.state
    await world.run(
      world.store.appendAccountState({
        accountId: bob.accountId,
        version: 1,
        state,
        stateHash: verified.stateHash,
        verifiedState: encodeVerifiedAccountState(verified),
        devices: devices.map(({ deviceId, signatureKey }) => ({ deviceId, signatureKey })),
        erased: false,
      }),
    )
    await world.log.publish()
    await world.pass(3_700_000)
    assert.deepEqual(await world.alarms(bob), ["own_device_unknown"])
    assert.deepEqual(
      (await bob.device.devices()).map(({ unknown }) => unknown === true),
      [false, true],
    )
    await assert.rejects(world.run(bob.device.send(chatId, { text: "stopped" })), refusedAs("identity_untrusted"))
    await world.run(bob.device.acknowledgeOwnDevice(toHex(added.deviceId)))
    assert.equal((await bob.device.logStatus()).stopped, undefined)
    await world.run(bob.device.removeOwnDevice(toHex(added.deviceId)))
    assert.deepEqual(
      (await bob.device.devices()).map(({ own }) => own),
      [true],
    )
    await world.run(bob.device.send(chatId, { text: "on again" }))
    await world.until("alice has it", async () => (await alice.device.messages(chatId)).messages.length === 3)
  }))

test("a handle that the log binds to somebody else is red at once for who owns it, and only its owner's device can tell", () =>
  OperatedWorld.with(async (world) => {
    const mallory = await world.person("mallory")
    const { state, genesisHash } = await ownState(mallory)
    const { deviceId, privateKey } = await deviceKey(mallory)
    const named = { origin: state.origin, handle: "bob", accountId: state.accountId, genesisHash, deviceId }
    const binding = signHandleBinding(serverCrypto, named, privateKey)
    world.log.tamper = (row) => (row.handle?.name === "bob" ? { ...row, handle: { name: "bob", binding } } : row)
    const bob = await world.person("bob")
    await world.pass(5_000)
    assert.deepEqual(await world.alarms(bob), ["own_handle_account"])
    assert.equal((await bob.device.logStatus()).stopped?.code, "own_handle_account")
    assert.equal((await bob.virtual.disk.read("SELECT * FROM log_handle")).length, 0)
  }))

test("an invitation by somebody whom the log does not hold is refused, and a silent log only delays it", () =>
  OperatedWorld.with(async (world) => {
    const bob = await world.person("bob")
    await world.pass(5_000)
    const older = world.fork()
    const mallory = await world.person("mallory")
    await world.pass(5_000)
    // Bob is shown a log without Mallory, who writes to him all the same.
    world.logOf = (address) => (address === bob.address ? older : world.log)
    world.hand = async (path, caller, _body, honest) =>
      caller.address === bob.address && path === logSearch.path
        ? { status: 503, body: encodeMessage({ code: "unavailable", message: "later" }) }
        : await honest()
    const { accountId } = await world.run(mallory.device.findContact("bob"))
    const chat = await world.run(mallory.device.openChat(accountId))
    await world.run(mallory.device.send(chat.id, { text: "it is me" }))
    await world.until("it is sent", async () => (await mallory.device.messages(chat.id)).messages[0]?.status === "sent")
    await world.pass(30_000)
    assert.deepEqual([await world.alarms(bob), await bob.device.chats()], [[], []])
    const before = await world.beliefs(bob)
    world.hand = (_path, _caller, _body, honest) => honest()
    await world.until("it is refused", async () => (await world.alarms(bob)).length > 0)
    assert.deepEqual([await world.alarms(bob), await bob.device.chats()], [["invitation_refused_unknown_device"], []])
    const after = await world.beliefs(bob)
    assert.equal(withoutTimes(after), withoutTimes(before))
  }))

test("a newer head that a contact has seen and the server keeps back is told of after an hour, and stops nothing", () =>
  OperatedWorld.with(async (world) => {
    const { alice, bob, chatId } = await friends(world)
    const older = world.fork()
    older.frozen = true
    world.logOf = (address) => (address === alice.address ? older : world.log)
    await world.person("carol")
    await world.log.publish()
    await world.run(bob.device.checkTransparency(toHex(alice.accountId)))
    await world.pass(noteEveryMs)
    await world.run(bob.device.send(chatId, { text: "I see more" }))
    await world.until("alice has it", async () => (await alice.device.messages(chatId)).messages.length === 3)
    assert.deepEqual(await world.alarms(alice, "warn"), [])
    await world.pass(4_000_000)
    assert.deepEqual([await world.alarms(alice, "warn"), await world.alarms(alice)], [["gossip_withheld"], []])
    await world.run(alice.device.send(chatId, { text: "do you?" }))
  }))

test("two who are shown two logs of one size find out by the next message, and keep what they were shown", () =>
  OperatedWorld.with(async (world) => {
    const { alice, bob, chatId } = await friends(world)
    await split(world, bob)
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    await world.run(bob.device.checkTransparency(toHex(alice.accountId)))
    await world.pass(noteEveryMs)
    // Two notes of one size need no proof of anybody's: the server is asked for none, nor could it refuse one.
    world.hand = async (path, _caller, _body, honest) =>
      path.startsWith("/v1/kt/") ? { status: 503, body: encodeMessage({ code: "unavailable", message: "later" }) } : await honest()
    await world.run(bob.device.send(chatId, { text: "what do you see?" }))
    await world.until("alice is alarmed", async () => (await world.alarms(alice)).length > 0)
    assert.deepEqual(await world.alarms(alice), ["log_tree_fork"])
    await assert.rejects(world.run(alice.device.send(chatId, { text: "no" })), refusedAs("log_untrusted"))
    assert.equal((await alice.device.logStatus()).stopped?.code, "log_tree_fork")
    const [alarm] = await alice.device.alarms()
    assert.deepEqual([alarm?.accountId, alarm?.chatId, /bob/i.test(alarm?.text ?? "")], [undefined, undefined, false])
    const proof = await alice.device.exportEvidence(alarm?.id ?? "")
    assert.equal(proof.kind, "proof")
    assert.equal(verifyEvidence(serverCrypto, toUtf8(proof.text)).kind, "fork")
  }))

test("a fork of an older part is found by the proof that the log cannot give", () =>
  OperatedWorld.with(async (world) => {
    const { alice, bob, chatId } = await friends(world)
    await split(world, bob)
    await world.run(bob.device.checkTransparency(toHex(alice.accountId)))
    await world.person("dave")
    await world.log.publish()
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    await world.pass(noteEveryMs)
    await world.run(bob.device.send(chatId, { text: "mine is smaller" }))
    await world.until("alice is alarmed", async () => (await world.alarms(alice)).length > 0)
    assert.deepEqual(await world.alarms(alice), ["log_tree_consistency"])
    const [alarm] = await alice.device.alarms()
    const proof = await alice.device.exportEvidence(alarm?.id ?? "")
    assert.equal(proof.kind, "proof")
    assert.equal(verifyEvidence(serverCrypto, toUtf8(proof.text)).kind, "inconsistent")
  }))

test("two who are shown two logs find out when one scans the other's safety code", () =>
  OperatedWorld.with(async (world) => {
    const { alice, bob } = await friends(world)
    const { qr } = await bob.device.safety(toHex(alice.accountId))
    assert.deepEqual(await world.run(alice.device.compareSafety(toHex(bob.accountId), qr)), { matches: true, log: "same" })
    await split(world, bob)
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    await world.run(bob.device.checkTransparency(toHex(alice.accountId)))
    const forked = (await bob.device.safety(toHex(alice.accountId))).qr
    assert.deepEqual(await world.run(alice.device.compareSafety(toHex(bob.accountId), forked)), { matches: false, log: "forked" })
    assert.equal((await world.alarms(alice))[0]?.startsWith("safety_tree_"), true)
  }))

test("a log that shrank stops the device, stores nothing, and a different log of one size leaves a proof that stands by itself", () =>
  OperatedWorld.with(async (world) => {
    const { alice, bob, chatId } = await friends(world)
    const [older, fork] = [world.fork(), world.fork()]
    older.frozen = true
    await world.person("carol")
    await world.log.publish()
    await fork.publish()
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    const before = await world.beliefs(alice)

    world.logOf = (address) => (address === alice.address ? older : world.log)
    const shown = await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.deepEqual([shown.status, await world.alarms(alice)], ["failed", ["log_tree_smaller"]])
    assert.equal(await world.beliefs(alice), before)
    assert.equal((await alice.device.logStatus()).stopped?.code, "log_tree_smaller")
    await assert.rejects(world.run(alice.device.send(chatId, { text: "no" })), refusedAs("log_untrusted"))

    world.logOf = (address) => (address === alice.address ? fork : world.log)
    await world.run(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.deepEqual(await world.alarms(alice), ["log_tree_smaller", "log_tree_fork"])
    assert.equal(await world.beliefs(alice), before)
    const alarms = await alice.device.alarms()
    const proof = await alice.device.exportEvidence(alarms.find(({ code }) => code === "log_tree_fork")?.id ?? "")
    assert.equal(proof.kind, "proof")
    assert.equal(verifyEvidence(serverCrypto, toUtf8(proof.text)).kind, "fork")

    // The honest log again: the person goes on, and not before.
    const first = alarms.find(({ code }) => code === "log_tree_smaller")?.id ?? ""
    await assert.rejects(world.run(alice.device.acknowledgeAlarm(first)), refusedAs("log_untrusted"))
    world.logOf = () => world.log
    await world.run(alice.device.acknowledgeAlarm(first))
    // The other alarm still stands, and so does what it stopped.
    await assert.rejects(world.run(alice.device.send(chatId, { text: "no" })), refusedAs("log_untrusted"))
    await world.run(alice.device.acknowledgeAlarm(alarms.find(({ code }) => code === "log_tree_fork")?.id ?? ""))
    await world.run(alice.device.send(chatId, { text: "going on" }))
  }))

test("without an answer of the log conversations go on and no new key is believed; bytes that say nothing alarm nobody", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    await world.person("carol")
    for (const spoil of ["silent", "garbage"] as const) {
      world.hand = async (path, _caller, _body, honest) => {
        if (!path.startsWith("/v1/kt/")) return await honest()
        if (spoil === "garbage" && path === logSearch.path) return { status: 200, body: encodeMessage({ response: new Uint8Array(100) }) }
        return { status: 503, body: encodeMessage({ code: "unavailable", message: "later" }) }
      }
      const before = await world.beliefs(alice)
      await assert.rejects(world.run(alice.device.findContact("carol")), refusedAs("log_unavailable"))
      assert.equal((await world.run(alice.device.checkTransparency(toHex(bob.accountId)))).status, "unavailable")
      await world.run(alice.device.send(chatId, { text: spoil }))
      await world.until("bob has it", async () => {
        const { messages } = await bob.device.messages(chatId)
        return messages.some(({ content }) => content.type === "text" && content.markdown === spoil)
      })
      assert.equal(await world.beliefs(alice), before)
    }
    assert.deepEqual(await world.alarms(alice), [])
    world.hand = (_path, _caller, _body, honest) => honest()
    assert.equal((await world.run(alice.device.findContact("carol"))).handle, "carol")
  }))

test("a KeyPackage of a key that the log does not hold for that device lets nobody in", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const mallory = await world.person("mallory")
    const stolen: { keyPackage?: Uint8Array | undefined } = {}
    world.hand = async (path, _caller, _body, honest) => {
      const answer = await honest()
      if (path !== claimDevices.path || answer.status !== 200) return answer
      const { claims, refused } = decodeMessage(claimDevices.answer, answer.body, claimDevices.maxAnswerBytes)
      stolen.keyPackage ??= claims.find(({ accountId }) => equal(accountId, mallory.accountId))?.keyPackage
      const swapped = claims.map((claim) =>
        equal(claim.accountId, bob.accountId) ? { ...claim, keyPackage: stolen.keyPackage ?? claim.keyPackage } : claim,
      )
      return { status: 200, body: encodeMessage({ claims: swapped, refused }) }
    }
    const other = await world.run(alice.device.findContact("mallory"))
    await world.run(alice.device.openChat(other.accountId))
    await world.until("a package of mallory's was seen", async () => stolen.keyPackage !== undefined)
    const contact = await world.run(alice.device.findContact("bob"))
    const chat = await world.run(alice.device.openChat(contact.accountId))
    await world.run(alice.device.send(chat.id, { text: "for bob" }))
    await world.until("it is refused", async () => (await alice.device.messages(chat.id)).messages[0]?.status === "failed")
    assert.deepEqual(
      (await alice.device.alarms()).map(({ code }) => code),
      ["change_failed_identity_untrusted"],
    )
    assert.deepEqual(
      (await mallory.device.chats()).filter(({ id }) => id === chat.id),
      [],
    )
  }))

/** Beliefs without when they were last confirmed: a search that holds is stored also when it proves that somebody is not there. */
function withoutTimes(beliefs: string): string {
  return beliefs
    .replaceAll(/\["(?:checked_ms)",\d+\]/g, "")
    .replaceAll(/^log_index .*$/gm, "")
    .replaceAll(/\n+/g, "\n")
}

async function verifiedAfter(person: Person, state: Uint8Array): Promise<VerifiedAccountState> {
  const previous = await ownState(person)
  const accountId: AccountId = bytes<"AccountId">(person.accountId)
  return verifyAccountState(serverCrypto, { previous, next: state, origin: previous.state.origin, accountId })
}
