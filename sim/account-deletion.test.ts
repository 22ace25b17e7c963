// A person ends their own account: what happens on their devices, on those of others, and in the log, whatever crashes on the way.

import assert from "node:assert/strict"
import { generateKeyPairSync } from "node:crypto"
import { test } from "node:test"
import { bytes, compare, equal, toHex } from "@nodoor/bytes"
import { ClientError, type Device } from "@nodoor/client"
import {
  type Device as AccountDevice,
  type DeviceId,
  type LabelAnswer,
  type VerifiedAccountState,
  accountLabel,
  decodeSearchResponse,
  decodeSignedAccountState,
  decodeVerifiedAccountState,
  ed25519SignatureScheme,
  encodeSearchResponse,
  encodeVerifiedAccountState,
  handleLabel,
  signAccountState,
  verifyAccountState,
} from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { decodeMessage, encodeMessage, logSearch } from "@nodoor/wire"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"
import { origin } from "./virtual-server.ts"

const refusedAs = (code: string) => (error: unknown) => error instanceof ClientError && error.code === code
/** Every device has looked at the log, and what follows from it is done. */
const lookedMs = 2 * 3_700_000

interface Key {
  readonly deviceId: DeviceId
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

function newKey(): Key {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519")
  const raw = (der: Buffer): Uint8Array => new Uint8Array(der.subarray(der.length - 32))
  return {
    deviceId: bytes<"DeviceId">(new Uint8Array(16).fill(0xdd)),
    publicKey: raw(publicKey.export({ format: "der", type: "spki" })),
    privateKey: raw(privateKey.export({ format: "der", type: "pkcs8" })),
  }
}

async function ownKey({ virtual }: Person): Promise<Pick<Key, "deviceId" | "privateKey">> {
  const [row] = await virtual.disk.read("SELECT device_id, signature_seed FROM device")
  return { deviceId: bytes<"DeviceId">(row?.["device_id"] as Uint8Array), privateKey: row?.["signature_seed"] as Uint8Array }
}

async function known({ virtual, accountId }: Person): Promise<VerifiedAccountState> {
  const [row] = await virtual.disk.read("SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1", [accountId])
  return decodeVerifiedAccountState(serverCrypto, row?.["state"] as Uint8Array)
}

/** The next version, signed by those devices and put into the log as the server would. */
async function append(
  world: OperatedWorld,
  person: Person,
  change: {
    readonly before: VerifiedAccountState
    readonly added?: Key
    readonly signers: readonly Pick<Key, "deviceId" | "privateKey">[]
  },
): Promise<VerifiedAccountState> {
  const { before, added, signers } = change
  const version = before.state.version + 1
  const device: AccountDevice | undefined = added && {
    deviceId: added.deviceId,
    deviceClass: "desktop",
    signatureScheme: ed25519SignatureScheme,
    signatureKey: added.publicKey,
    addedVersion: version,
  }
  const state = signAccountState(serverCrypto, {
    state: {
      ...before.state,
      version,
      prev: before.stateHash,
      kind: device ? "update" : "tombstone",
      recoveryKey: device ? before.state.recoveryKey : undefined,
      devices: device ? [...before.state.devices, device].toSorted((a, b) => compare(a.deviceId, b.deviceId)) : [],
    },
    signers,
  })
  const { origin, accountId } = before.state
  const verified = verifyAccountState(serverCrypto, { previous: before, next: state, origin, accountId })
  await world.run(
    world.store.appendAccountState({
      accountId: person.accountId,
      version,
      state,
      stateHash: verified.stateHash,
      verifiedState: encodeVerifiedAccountState(verified),
      devices: verified.state.devices.map(({ deviceId, signatureKey }) => ({ deviceId, signatureKey })),
      erased: verified.kind === "tombstone",
    }),
  )
  await world.log.publish()
  return verified
}

async function eventsOf(device: Device, chatId: string): Promise<readonly string[]> {
  const { messages } = await device.messages(chatId)
  return messages.flatMap(({ content }) => (content.type === "event" ? [content.event.kind] : []))
}

async function textsOf(device: Device, chatId: string): Promise<readonly string[]> {
  const { messages } = await device.messages(chatId)
  return messages.flatMap(({ content }) => (content.type === "text" ? [content.markdown] : []))
}

/** Nothing that could send, receive or sign is left on the device. */
async function assertEnded({ virtual }: Person, device: Device): Promise<void> {
  const connection = await device.connection()
  assert.deepEqual([connection.status, connection.status === "refused" && connection.code], ["refused", "account_deleted"])
  for (const table of ["mls_record", "key_package", "outbox", "own_body", "waiting_record", "own_seat", "token", "pass"])
    assert.equal((await virtual.disk.read(`SELECT * FROM ${table}`)).length, 0, table)
  const [row] = await virtual.disk.read("SELECT length(signature_seed) AS n, status FROM device")
  assert.deepEqual([row?.["n"], row?.["status"]], [0, "ended"])
  assert.deepEqual(await device.devices(), [])
  assert.equal(await device.settled(0), true)
}

test("who deletes their account sends nothing any more and reads on, also after a restart; contacts are told, groups go on, nobody is halted", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const dm = await world.acquainted(alice, bob)
    const carolId = (await world.run(alice.device.findContact("carol"))).accountId
    const group = await world.run(alice.device.createGroup({ name: "Team", accountIds: [toHex(bob.accountId), carolId] }))
    for (const { device } of [bob, carol]) {
      await world.until("the group arrived", async () => (await device.chats()).some(({ id }) => id === group.id))
      await world.run(device.acceptRequest(group.id))
    }
    await world.run(bob.device.send(group.id, { text: "before" }))
    await world.until("alice has it", async () => (await textsOf(alice.device, group.id)).includes("before"))

    await world.run(alice.device.deleteAccount())
    await assertEnded(alice, alice.device)
    await assert.rejects(alice.device.send(dm, { text: "no" }), refusedAs("account_deleted"))
    await assert.rejects(alice.device.openChat(carolId), refusedAs("account_deleted"))
    await assert.rejects(alice.device.serverRecord(), refusedAs("account_deleted"))
    await world.run(alice.device.deleteAccount())
    assert.equal((await alice.device.exportOwnData()).serverRecord, undefined)
    alice.virtual.kill()
    await world.until("alice's program runs again", async () => alice.virtual.device !== undefined)
    const again = alice.virtual.device as Device
    await assertEnded(alice, again)
    assert.deepEqual(await textsOf(again, dm), ["hello", "hello too"])
    assert.deepEqual([(await again.chat(dm)).state, (await again.chat(group.id)).state], ["left", "left"])

    await world.pass(lookedMs)
    for (const { device } of [bob, carol]) {
      assert.deepEqual(await device.alarms(), [])
      assert.equal((await eventsOf(device, group.id)).filter((kind) => kind === "account_deleted").length, 1)
      assert.ok(!(await eventsOf(device, group.id)).some((kind) => kind === "removed" || kind === "left" || kind === "refused_commit"))
      assert.deepEqual((await device.members(group.id)).map(({ handle }) => handle).toSorted(), ["bob", "carol"])
    }
    const roles = (await bob.device.members(group.id)).map(({ role }) => role)
    assert.ok(roles.includes("admin"), "somebody follows the admin who is gone")
    await world.run(bob.device.send(group.id, { text: "we go on" }))
    await world.until("carol has it", async () => (await textsOf(carol.device, group.id)).includes("we go on"))
    const chat = await bob.device.chat(dm)
    assert.deepEqual([chat.state, chat.peer?.ended, chat.peer?.deviceCount], ["left", "proven", 0])
    assert.ok((await eventsOf(bob.device, dm)).includes("account_deleted"))
    await assert.rejects(bob.device.send(dm, { text: "anybody?" }), refusedAs("not_writable"))
    assert.equal((await world.run(bob.device.openChat(toHex(alice.accountId)))).id, dm)
    await assert.rejects(world.run(carol.device.openChat(toHex(alice.accountId))), refusedAs("not_found"))
    await assert.rejects(world.run(carol.device.addMembers(group.id, [toHex(alice.accountId)])), ClientError)
    await assert.rejects(world.run(carol.device.findContact("alice")), refusedAs("not_found"))
  }))

test("a message that waited for somebody who deleted their account fails and says why, and one on its way does no harm", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const dm = await world.acquainted(alice, bob)
    await world.run(alice.device.deleteAccount())
    await world.run(bob.device.send(dm, { text: "on its way" }))
    await world.until("the server took it", async () => (await bob.device.messages(dm)).messages.at(-1)?.status === "sent")
    bob.virtual.reachable = false
    await world.pass(100_000)
    await world.run(bob.device.send(dm, { text: "too late" }))
    bob.virtual.reachable = true
    await world.pass(lookedMs)
    assert.deepEqual(await bob.device.alarms(), [])
    const last = (await bob.device.messages(dm)).messages.filter(({ content }) => content.type === "text").at(-1)
    assert.ok(last?.status === "failed" || last?.status === "sent")
    assert.equal((await bob.device.chat(dm)).state, "left")
  }))

test("who is let into a group that still holds a leaf of a deleted account joins, the leaf goes, and a member who was away catches up", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob, dave] = [await world.person("alice"), await world.person("bob"), await world.person("dave")]
    const carol = await world.person("carol")
    for (const handle of ["alice", "dave", "carol"]) await world.run(bob.device.findContact(handle))
    const ids = [toHex(alice.accountId), toHex(dave.accountId)]
    const group = await world.run(bob.device.createGroup({ name: "Team", accountIds: ids }))
    for (const { device } of [alice, dave]) {
      await world.until("the group arrived", async () => (await device.chats()).some(({ id }) => id === group.id))
      await world.run(device.acceptRequest(group.id))
    }
    await world.run(bob.device.setRole(group.id, toHex(alice.accountId), "admin"))
    await world.until("alice is an admin", async () => (await alice.device.chat(group.id)).ownRole === "admin")
    await world.pass(10_000)
    dave.virtual.reachable = false
    await world.run(alice.device.rename(group.id, "Alice's last name for it"))
    await world.until("it is known", async () => (await bob.device.chat(group.id)).title === "Alice's last name for it")
    await world.run(alice.device.deleteAccount())
    await world.run(bob.device.addMembers(group.id, [toHex(carol.accountId)]))
    await world.until("carol is in", async () => (await carol.device.chats()).some(({ id }) => id === group.id))
    await world.run(carol.device.acceptRequest(group.id))
    await world.pass(lookedMs)
    dave.virtual.reachable = true
    await world.pass(lookedMs)
    for (const { device, handle } of [bob, carol, dave]) {
      assert.deepEqual((await device.members(group.id)).map((member) => member.handle).toSorted(), ["bob", "carol", "dave"], handle)
      assert.deepEqual((await device.chat(group.id)).state, "active", handle)
      assert.deepEqual(
        (await device.alarms()).map(({ code }) => code),
        [],
        handle,
      )
    }
    await world.run(dave.device.send(group.id, { text: "hello carol" }))
    await world.until("carol has it", async () => (await textsOf(carol.device, group.id)).includes("hello carol"))
  }))

for (const when of ["before", "after"] as const) {
  for (const stage of ["at once", "once it is signed"] as const) {
    test(`a crash ${when} a write ${stage} ends in one tombstone or in none, and the next try in the same`, () =>
      OperatedWorld.with(async (world) => {
        const [alice, bob] = [await world.person("alice"), await world.person("bob")]
        const dm = await world.acquainted(alice, bob)
        if (stage === "at once") alice.virtual.crash(when)
        void alice.device.deleteAccount().catch(() => undefined)
        const signed = async (): Promise<Uint8Array | undefined> =>
          (await alice.virtual.disk.read("SELECT state FROM account_end"))[0]?.["state"] as Uint8Array | undefined
        let first: Uint8Array | undefined
        if (stage !== "at once") {
          await world.until("it is signed", async () => (first = await signed()) !== undefined)
          alice.virtual.crash(when)
        }
        await world.until("the program died", async () => alice.virtual.device === undefined)
        await world.until("and runs again", async () => alice.virtual.device !== undefined)
        const device = alice.virtual.device as Device
        if (stage === "at once" && (await signed()) === undefined) await world.run(device.deleteAccount())
        await world.until("the account ended", async () => (await device.connection()).status === "refused")
        await world.pass(10_000)
        await assertEnded(alice, device)
        const states = (await world.run(world.store.accountFeed({ after: 0, max: 100 }))).rows.filter(({ accountId }) =>
          equal(accountId, alice.accountId),
        )
        const ends = states.filter(({ state }) => decodeSignedAccountState(state).state.kind === "tombstone")
        assert.equal(ends.length, 1)
        if (first) assert.ok(equal(ends[0]?.state ?? new Uint8Array(), first), "the very one that was signed")
        assert.deepEqual(await textsOf(device, dm), ["hello", "hello too"])
      }))
  }
}

test("when the answer is lost the log, asked as anybody may, shows the end, and the device does not sign another", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    world.hand = async (path, _caller, _body, honest) => {
      const answer = await honest()
      return path === "/v1/kt/update" ? await new Promise<never>(() => {}) : answer
    }
    await world.run(alice.device.deleteAccount().catch(() => undefined))
    await world.until("it is over", async () => {
      const connection = await alice.device.connection()
      return connection.status === "refused" && connection.code === "account_deleted"
    })
    await assertEnded(alice, alice.device)
    assert.equal(world.log.keeper.latestVersion({ label: accountLabel((await known(alice)).state.accountId) }), 1)
    assert.deepEqual(await alice.device.alarms(), [])
  }))

test("a server that takes the end of an account and keeps it out of the log is not believed: the device goes on asking", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    world.hand = async (path, _caller, _body, honest) => (path === "/v1/kt/update" ? await new Promise<never>(() => {}) : await honest())
    await assert.rejects(world.run(alice.device.deleteAccount()), ClientError)
    assert.equal((await alice.device.connection()).status, "online")
    await world.pass(60_000)
    assert.equal((await alice.device.connection()).status, "online")
    world.hand = (_path, _caller, _body, honest) => honest()
    await world.until("the server gave way", async () => (await alice.device.connection()).status === "refused")
    await world.pass(10_000)
    await assertEnded(alice, alice.device)
  }))

test("the account's other device ends the same way when one of its own ended the account, with a notice and no alarm", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const dm = await world.acquainted(alice, bob)
    const sibling = newKey()
    const two = await append(world, alice, { before: await known(alice), added: sibling, signers: [sibling, await ownKey(alice)] })
    await world.pass(lookedMs)
    await world.run(alice.device.acknowledgeOwnDevice(toHex(sibling.deviceId)))
    assert.equal((await alice.device.devices()).length, 2)
    await append(world, alice, { before: two, signers: [sibling] })
    await world.pass(lookedMs)
    await assertEnded(alice, alice.device)
    assert.deepEqual([await world.alarms(alice, "notice"), (await alice.device.logStatus()).stopped], [["own_account_deleted"], undefined])
    const [notice] = await alice.device.alarms()
    assert.match(notice?.text ?? "", /deleted from a computer/)
    assert.deepEqual(await textsOf(alice.device, dm), ["hello", "hello too"])
    assert.deepEqual(await world.alarms(bob), [])
  }))

test("a device that the server does not know any more asks the log why until it shows the end, also when that comes later", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const sibling = newKey()
    const two = await append(world, alice, { before: await known(alice), added: sibling, signers: [sibling, await ownKey(alice)] })
    await world.pass(lookedMs)
    await world.run(alice.device.acknowledgeOwnDevice(toHex(sibling.deviceId)))
    const { publish } = world.log
    world.log.publish = async () => {}
    await append(world, alice, { before: two, signers: [sibling] })
    alice.virtual.kill()
    await world.until("it runs again", async () => alice.virtual.device !== undefined)
    const device = alice.virtual.device as Device
    await world.until("it is refused", async () => (await device.connection()).status === "refused")
    await world.pass(5_000)
    const before = await device.connection()
    assert.equal(before.status === "refused" && before.code, "unauthorized")
    world.log.publish = publish
    await world.run(world.log.publish())
    await world.pass(120_000)
    await assertEnded(alice, device)
  }))

test("an account that a device nobody knows has ended is a red alarm on its owner's device, and over once that was read", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const thief = newKey()
    const two = await append(world, alice, { before: await known(alice), added: thief, signers: [thief, await ownKey(alice)] })
    await append(world, alice, { before: two, signers: [thief] })
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_account_ended"])
    assert.equal((await alice.device.logStatus()).stopped?.code, "own_account_ended")
    const alarm = (await alice.device.alarms()).find(({ code }) => code === "own_account_ended")
    assert.equal((await alice.device.exportEvidence(alarm?.id ?? "")).kind, "record")
    await world.run(alice.device.acknowledgeAlarm(alarm?.id ?? ""))
    await assertEnded(alice, alice.device)
  }))

test("an end that no device of the account signed is believed by nobody", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    await world.acquainted(alice, bob)
    const before = await known(alice)
    const forged = signAccountState(serverCrypto, {
      state: { ...before.state, version: 1, prev: before.stateHash, kind: "tombstone", recoveryKey: undefined, devices: [] },
      signers: [{ ...newKey(), deviceId: (await ownKey(alice)).deviceId }],
    })
    world.log.insert([{ accountId: alice.accountId, version: 1, state: forged }])
    const beliefs = await world.beliefs(bob)
    assert.equal((await world.run(bob.device.checkTransparency(toHex(alice.accountId)))).status, "failed")
    assert.equal(await world.beliefs(bob), beliefs)
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_account_bad_signature"])
    assert.deepEqual(await world.alarms(bob), ["identity_account_bad_signature"])
    assert.notEqual((await alice.device.connection()).status, "refused")
  }))

const dayMs = 86_400_000

/** What the server does two days after an account ended. */
async function erase(world: OperatedWorld, person: Person): Promise<void> {
  const { accountId } = (await known(person)).state
  await world.run(world.store.eraseChain({ accountId }))
  world.log.keeper.eraseEnded({ account: accountLabel(accountId), handle: handleLabel(person.handle) })
}

test("who was away until the states of a deleted account were erased learns that it ended and no more; all agree on the leaves, nobody is halted", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    const dm = await world.acquainted(alice, bob)
    const ids = [toHex(alice.accountId), toHex(bob.accountId)]
    await world.run(carol.device.findContact("alice"))
    await world.run(carol.device.findContact("bob"))
    const group = await world.run(carol.device.createGroup({ name: "Team", accountIds: ids }))
    for (const { device } of [alice, bob]) {
      await world.until("the group arrived", async () => (await device.chats()).some(({ id }) => id === group.id))
      await world.run(device.acceptRequest(group.id))
    }
    await world.pass(10_000)
    bob.virtual.reachable = false
    const sibling = newKey()
    await append(world, alice, { before: await known(alice), added: sibling, signers: [sibling, await ownKey(alice)] })
    await world.pass(lookedMs)
    await world.run(alice.device.acknowledgeOwnDevice(toHex(sibling.deviceId)))
    await world.pass(lookedMs)
    await world.run(alice.device.deleteAccount())
    await world.pass(dayMs)
    assert.deepEqual((await carol.device.members(group.id)).map(({ handle }) => handle).toSorted(), ["bob", "carol"])
    await erase(world, alice)
    bob.virtual.reachable = true
    await world.pass(lookedMs)
    for (const person of [bob, carol]) assert.deepEqual(await world.alarms(person), [], person.handle)
    assert.deepEqual((await bob.device.members(group.id)).map(({ handle }) => handle).toSorted(), ["bob", "carol"])
    await world.run(bob.device.send(group.id, { text: "back" }))
    await world.until("carol has it", async () => (await textsOf(carol.device, group.id)).includes("back"))
    assert.deepEqual([(await bob.device.chat(dm)).state, (await bob.device.chat(dm)).peer?.ended], ["left", "unproven"])
    assert.ok((await world.alarms(bob, "notice")).includes("contact_ended"))
    await assert.rejects(bob.device.send(dm, { text: "anybody?" }), refusedAs("not_writable"))
    const dave = await world.person("dave")
    await assert.rejects(world.run(dave.device.findContact("alice")), refusedAs("not_found"))
    // What was erased cannot be followed by anything: not by a reset, and not for who only saw that it ended.
    const ghost = newKey()
    const { state } = await known(alice)
    const device: AccountDevice = {
      deviceId: ghost.deviceId,
      deviceClass: "web",
      signatureScheme: ed25519SignatureScheme,
      signatureKey: ghost.publicKey,
      addedVersion: 3,
    }
    const again = { ...state, version: 3, kind: "reset" as const, resetCount: 1, lastResetVersion: 3, devices: [device] }
    const reset = signAccountState(serverCrypto, { state: again, signers: [ghost] })
    world.log.insert([{ accountId: alice.accountId, version: 3, state: reset }])
    const beliefs = await world.beliefs(bob)
    assert.equal((await world.run(bob.device.checkTransparency(toHex(alice.accountId)))).status, "failed")
    assert.equal(await world.beliefs(bob), beliefs)
    assert.ok((await world.alarms(bob)).includes("identity_account_after_tombstone"))
  }))

test("a server that shows a living account as erased alarms its owner, and to others nobody can be reached there: no key changes", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const dm = await world.acquainted(alice, bob)
    const before = await known(alice)
    const nobody = { ...newKey(), deviceId: (await ownKey(alice)).deviceId }
    const update = signAccountState(serverCrypto, {
      state: { ...before.state, version: 1, prev: before.stateHash, kind: "update" },
      signers: [nobody],
    })
    const end = signAccountState(serverCrypto, {
      state: { ...before.state, version: 2, prev: before.stateHash, kind: "tombstone", recoveryKey: undefined, devices: [] },
      signers: [nobody],
    })
    world.log.insert([{ accountId: alice.accountId, version: 1, state: update }])
    world.log.insert([{ accountId: alice.accountId, version: 2, state: end }])
    world.log.keeper.eraseEnded({ account: accountLabel(before.state.accountId), handle: handleLabel("alice") })
    const states = async (): Promise<number> =>
      (await bob.virtual.disk.read("SELECT version FROM account_state WHERE account_id = ?", [alice.accountId])).length
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_account_ended"])
    await assert.rejects(alice.device.send(dm, { text: "am I heard?" }), ClientError)
    assert.equal(await states(), 1, "nothing new is known of alice")
    assert.deepEqual([await world.alarms(bob), await world.alarms(bob, "notice")], [[], ["contact_ended"]])
    assert.equal((await bob.device.chat(dm)).peer?.ended, "unproven")
    assert.equal((await bob.device.contact(toHex(alice.accountId))).identityChange, undefined)
  }))

test("a server that shows only the own handle as erased is red for who owns it; to a stranger nobody is there", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    world.hand = async (path, _caller, _body, honest) => {
      const answer = await honest()
      if (path !== "/v1/kt/search" || answer.status !== 200) return answer
      const { response } = decodeMessage(logSearch.answer, answer.body, logSearch.maxAnswerBytes)
      const decoded = decodeSearchResponse(response)
      const answers = decoded.answers.flatMap((one): LabelAnswer[] => {
        if (one.status !== "present" || one.states.length > 0) return [one]
        const isHandle = one.value.length < 200 && one.version === 0 && one.value[0] === origin.length
        return isHandle ? [{ status: "erased", version: one.version, tombstone: undefined, vrfProofs: one.vrfProofs }] : [one]
      })
      const changed = encodeSearchResponse({ ...decoded, answers })
      return { status: 200, body: encodeMessage({ response: changed }) }
    }
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_handle_account"])
    await assert.rejects(world.run(bob.device.findContact("alice")), ClientError)
    assert.equal((await bob.device.contacts()).length, 0)
  }))
