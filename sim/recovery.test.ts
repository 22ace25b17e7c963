// An account is brought back by its 24 words, by its owner and by nobody else (docs/protocol.md, "Recovery").

import assert from "node:assert/strict"
import { test } from "node:test"
import { decodeCbor, fromHex, toHex } from "@nodoor/bytes"
import { type RecoveryView, ClientError } from "@nodoor/client"
import {
  type AccountState,
  type DeviceId,
  type VerifiedAccountState,
  decodeSignedAccountState,
  decodeVerifiedAccountState,
  signAccountState,
} from "@nodoor/keylog"
import { generateSigner } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import { serverCrypto } from "@nodoor/server"
import { decodeMessage, encodeMessage, logSearch, logUpdate, recoverAccount } from "@nodoor/wire"
import { OperatedWorld, type Person } from "./transparency/operated-world.ts"

const lookedMs = 3_700_000

async function own({ virtual, accountId }: Person): Promise<VerifiedAccountState> {
  const sql = "SELECT state FROM account_state WHERE account_id = ? ORDER BY version DESC LIMIT 1"
  const [row] = await virtual.disk.read(sql, [accountId])
  return decodeVerifiedAccountState(serverCrypto, row?.["state"] as Uint8Array)
}

async function seedOf({ virtual }: Person): Promise<Uint8Array> {
  const [row] = await virtual.disk.read("SELECT recovery_seed FROM device", [])
  return row?.["recovery_seed"] as Uint8Array
}

const newKey = () => generateSigner({ crypto: nodeProvider, timeMs: 0 }, { suite: 0x004f, identity: new Uint8Array() })

/** The next version of an account as somebody makes it who may lack what it needs. */
function made(
  { state: before, stateHash }: VerifiedAccountState,
  { recoveryPrivateKey, ...changes }: Partial<AccountState> & { readonly recoveryPrivateKey?: Uint8Array | undefined },
): Uint8Array {
  const { publicKey, privateKey } = newKey()
  const deviceId = nodeProvider.random(16) as DeviceId
  const version = before.version + 1
  const state: AccountState = {
    ...before,
    version,
    prev: stateHash,
    kind: "reset",
    resetCount: before.resetCount + 1,
    lastResetVersion: version,
    devices: [{ deviceId, deviceClass: "web", signatureScheme: 0x0807, signatureKey: publicKey, addedVersion: version }],
    ...changes,
  }
  return signAccountState(serverCrypto, { state, signers: [{ deviceId, privateKey }], recoveryPrivateKey })
}

/** Says what a server answers to a state that somebody without a session sends. */
async function sent(world: OperatedWorld, state: Uint8Array): Promise<string> {
  const { status, body } = await world.run(world.ask(recoverAccount.path, encodeMessage({ state }), "192.0.2.66"))
  return status === 200 ? "taken" : (decodeCbor(body, { maxBytes: 4_096 }) as { readonly code: string }).code
}

test("with the words and nothing else the account is back, its old devices are out, and a contact writes to it at once", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    await world.acquainted(alice, bob)
    const words = await world.run(alice.device.recoveryWords())
    assert.equal(words.length, 24)
    alice.virtual.reachable = false
    const back = await world.recovered(alice, words, "carol")
    const account = await back.device.account()
    assert.deepEqual([account.accountId, account.handle], [toHex(alice.accountId), "alice"])
    const state = await own(back)
    assert.deepEqual([state.kind, state.state.version, state.state.devices.length], ["recovery reset", 1, 1])
    // The words stay good, and whoever typed them is not asked to write them down.
    assert.deepEqual(await world.run(back.device.recoveryWords()), words)
    assert.deepEqual(await back.device.recovery(), { status: "confirmed", remind: false, passkey: false } satisfies RecoveryView)
    assert.equal((await back.device.devices()).find(({ own }) => own)?.name, "Browser of alice")
    // Bob is told, nothing is held, and they write to each other again.
    await world.run(bob.device.checkTransparency(toHex(alice.accountId)))
    assert.deepEqual(await world.alarms(bob, "red"), [])
    const { accountId } = await world.run(back.device.findContact("bob"))
    const chat = await world.run(back.device.openChat(accountId))
    await world.run(back.device.send(chat.id, { text: "it is me again" }))
    await world.until("Bob has it", async () => {
      for (const { id } of await bob.device.chats())
        if ((await bob.device.messages(id)).messages.some(({ content }) => JSON.stringify(content).includes("it is me again"))) return true
      return false
    })
    // The old device is out, and says so.
    alice.virtual.reachable = true
    await world.pass(lookedMs)
    assert.deepEqual(await world.alarms(alice), ["own_account_replaced"])
    await assert.rejects(world.run(alice.device.send((await alice.device.chats())[0]?.id ?? "", { text: "still here?" })), ClientError)
    // The contact takes the old leaf out.
    await world.until("the old device's leaf is gone", async () => {
      const [row] = await bob.virtual.disk.read("SELECT COUNT(*) AS n FROM member WHERE account_id = ? AND device_id != ?", [
        alice.accountId,
        state.state.devices[0]?.deviceId ?? new Uint8Array(),
      ])
      return row?.["n"] === 0
    })
  }))

test("mistyped words, other words, another handle and an account that is gone are told apart; nothing is stored or sent", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const [mine, others] = [await world.run(alice.device.recoveryWords()), await world.run(bob.device.recoveryWords())]
    await world.log.publish()
    let sendings = 0
    world.hand = async (path, _caller, _body, honest) => {
      if (path === recoverAccount.path) sendings++
      return await honest()
    }
    for (const [handle, words, code, text] of [
      ["alice", mine.slice(1), "invalid_input", /24 words, and these are 23/],
      ["alice", mine.with(4, "abandn"), "invalid_input", /Word 5 .* abandon/],
      ["alice", others, "recovery_words_wrong", /not the words of @alice/],
      ["bob", mine, "recovery_words_wrong", /not the words of @bob/],
      ["carol", mine, "not_found", /no account @carol/],
      ["Not A Handle", mine, "invalid_input", /./],
    ] as const) {
      const virtual = world.recovering(handle, words, `x${code.length}${words.length}${handle.length}`)
      await assert.rejects(world.run(virtual.start()), (error) => {
        assert.ok(error instanceof ClientError)
        assert.deepEqual([error.code, text.test(error.message)], [code, true], error.message)
        return true
      })
      assert.deepEqual(await virtual.disk.read("SELECT * FROM device", []), [])
      assert.deepEqual(await virtual.disk.read("SELECT * FROM key_log", []), [])
    }
    await world.run(bob.device.deleteAccount())
    const gone = world.recovering("bob", others, "gone")
    await assert.rejects(world.run(gone.start()), { code: "recovery_impossible", message: /was deleted/ })
    assert.equal(sendings, 0)
    assert.deepEqual((await own(alice)).state.version, 0)
  }))

test("a server takes a reset from a stranger only with the recovery key's signature, for that account, on its newest version", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const [first, other] = [await own(alice), await own(bob)]
    const [key, anothers] = [await seedOf(alice), await seedOf(bob)]
    const unsigned = made(first, {})
    const signedByAnother = made(first, { recoveryPrivateKey: anothers })
    const ofAnotherAccount = made(other, { recoveryPrivateKey: key })
    const update = made(first, { kind: "update", resetCount: 0, lastResetVersion: 0 })
    const skipping = made(first, { recoveryPrivateKey: key, version: 2, lastResetVersion: 2 })
    const uncounted = made(first, { recoveryPrivateKey: key, resetCount: 0 })
    for (const state of [unsigned, signedByAnother, ofAnotherAccount, update, skipping, uncounted, new Uint8Array(9)])
      assert.equal(await sent(world, state), "account_state_invalid")
    const stranger = { ...first, state: { ...first.state, accountId: nodeProvider.random(16) as typeof first.state.accountId } }
    assert.equal(await sent(world, made(stranger, { recoveryPrivateKey: key })), "account_not_found")
    for (const person of [alice, bob]) assert.equal((await own(person)).state.version, 0)
    // The honest twin, again and again, and then a replay onto a later version.
    const right = made(first, { recoveryPrivateKey: key })
    for (let times = 0; times < 2; times++) assert.equal(await sent(world, right), "taken")
    assert.equal(await sent(world, made(first, { recoveryPrivateKey: key })), "account_state_stale")
    assert.equal(await sent(world, unsigned), "account_state_stale")
  }))

test("an account from before recovery keys is started over by nobody who has no device of it", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice", { older: true })
    assert.equal(await sent(world, made(await own(alice), {})), "account_state_invalid")
    const words = await world.run((await world.person("bob")).device.recoveryWords())
    await world.log.publish()
    await assert.rejects(world.run(world.recovering("alice", words, "carol").start()), { code: "recovery_impossible" })
  }))

test("a device that dies while it recovers, before or after the server has the reset, goes on with the very same one", async () => {
  for (const moment of ["before", "after", "shown"] as const)
    await OperatedWorld.with(async (world) => {
      const alice = await world.person("alice")
      const words = await world.run(alice.device.recoveryWords())
      const states = new Set<string>()
      const virtual = world.recovering("alice", words, "carol")
      let deaths = 0
      world.hand = async (path, _caller, body, honest) => {
        const isRecovery = path === recoverAccount.path
        if (isRecovery) states.add(toHex(decodeMessage(recoverAccount.request, body, recoverAccount.maxRequestBytes).state))
        const dies = deaths === 0 && (moment === "shown" ? path === logUpdate.path : isRecovery)
        if (dies && moment === "before") {
          deaths++
          virtual.kill()
          return await new Promise<never>(() => {})
        }
        const answer = await honest()
        if (dies) {
          deaths++
          virtual.kill()
        }
        return answer
      }
      void virtual.start()
      await world.until("it is back", async () => (await virtual.device?.connection())?.status === "online")
      assert.deepEqual([states.size, deaths], [1, 1], moment)
      const { device } = virtual
      assert.ok(device)
      assert.equal((await own({ ...alice, device, virtual })).state.version, 1)
      assert.deepEqual(await world.alarms({ ...alice, device, virtual }), [])
    })
})

test("when the account changes at the same moment, the reset is made anew on top of that version", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const words = await world.run(alice.device.recoveryWords())
    const first = await own(alice)
    let raced = false
    const sendings: number[] = []
    world.hand = async (path, _caller, body, honest) => {
      if (path !== recoverAccount.path) return await honest()
      const { state } = decodeMessage(recoverAccount.request, body, recoverAccount.maxRequestBytes)
      sendings.push(decodeSignedAccountState(state).state.version)
      if (!raced) {
        raced = true
        const other = made(first, { recoveryPrivateKey: await seedOf(alice) })
        await world.ask(recoverAccount.path, encodeMessage({ state: other }), "192.0.2.1")
      }
      return await honest()
    }
    const back = await world.recovered(alice, words, "carol")
    assert.deepEqual([sendings[0], sendings.at(-1)], [1, 2])
    assert.deepEqual((await own(back)).state.resetCount, 2)
  }))

test("a server that shows another account, another answer or another version than the log's ends the attempt, and nobody's account changes", async () => {
  for (const lie of ["another account", "a changed answer", "another version"] as const)
    await OperatedWorld.with(async (world) => {
      const [alice, bob] = [await world.person("alice"), await world.person("bob")]
      await world.log.publish()
      const words = await world.run(alice.device.recoveryWords())
      const answers: { readonly status: number; readonly body: Uint8Array }[] = []
      world.hand = async (path, _caller, _body, honest) => {
        const answer = await honest()
        if (path === logSearch.path) answers.push(answer)
        return answer
      }
      // What the log says about Bob.
      await assert.rejects(world.run(world.recovering("bob", words, "dave").start()), { code: "recovery_words_wrong" })
      const [ofBob] = answers
      assert.ok(ofBob)
      world.hand = async (path, _caller, _body, honest) => {
        const answer = await honest()
        if (path === logSearch.path && lie === "another account") return ofBob
        if (path === logSearch.path && lie === "a changed answer")
          return { ...answer, body: answer.body.with(answer.body.length >> 1, (answer.body[answer.body.length >> 1] ?? 0) ^ 1) }
        return path === logUpdate.path && lie === "another version" ? ofBob : answer
      }
      const virtual = world.recovering("alice", words, "carol")
      await assert.rejects(world.run(virtual.start()), { code: "log_untrusted" }, lie)
      const [row] = await virtual.disk.read("SELECT status FROM device", [])
      assert.equal(row?.["status"], lie === "another version" ? "recovering" : undefined)
      assert.equal((await own(bob)).state.version, 0)
      // Told the truth, the same device gets on.
      world.hand = (_path, _caller, _body, honest) => honest()
      await world.run(virtual.start())
      await world.until("it is back", async () => (await virtual.device?.connection())?.status === "online")
    })
})

test("a device that recovers waits for the very reset that it sent: the account as it was before is not enough", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    await world.log.publish()
    const words = await world.run(alice.device.recoveryWords())
    world.hand = async (path, _caller, body, honest) => {
      if (path !== logUpdate.path) return await honest()
      // A search, proven and true, from before the log has the reset.
      const { request } = decodeMessage(logUpdate.request, body, logUpdate.maxRequestBytes)
      return await world.ask(logSearch.path, encodeMessage({ request }), "192.0.2.3")
    }
    const virtual = world.recovering("alice", words, "carol")
    await assert.rejects(world.run(virtual.start()), { code: "identity_untrusted" })
    const [row] = await virtual.disk.read("SELECT status FROM device", [])
    assert.equal(row?.["status"], "recovering")
  }))

test("a person is asked to write the words down after their first message, and no more once they have proven it, on no device", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const heard: RecoveryView[] = []
    alice.device.subscribe((event) => event.type === "recovery" && heard.push(event.recovery))
    assert.deepEqual(await alice.device.recovery(), { status: "unconfirmed", remind: false, passkey: false })
    const chatId = await world.acquainted(alice, bob)
    assert.deepEqual(await alice.device.recovery(), { status: "unconfirmed", remind: true, passkey: false })
    await world.run(alice.device.send(chatId, { text: "another" }))
    assert.deepEqual(heard, [{ status: "unconfirmed", remind: true, passkey: false }])
    const words = await world.run(alice.device.recoveryWords())
    const at = (place: number, word = words[place] ?? "") => ({ at: place, word })
    for (const wrong of [
      [at(0), at(1)],
      [at(0), at(0), at(0)],
      [at(0), at(1), at(2, words[3] === words[2] ? "zoo" : (words[3] ?? ""))],
      [at(0), at(1), at(24, "abandon")],
      [at(0), at(1), at(0.5, "abandon")],
      [],
    ])
      await assert.rejects(world.run(alice.device.confirmRecovery(wrong)), { code: "invalid_input" })
    assert.equal((await alice.device.recovery()).status, "unconfirmed")
    await world.run(alice.device.confirmRecovery([at(3), at(11, ` ${(words[11] ?? "").toUpperCase()} `), at(23)]))
    assert.deepEqual(await alice.device.recovery(), { status: "confirmed", remind: false, passkey: false })
    assert.deepEqual(heard.at(-1), { status: "confirmed", remind: false, passkey: false })
    const check = (typed: readonly string[]) => world.run(alice.device.checkRecoveryWords(typed))
    assert.deepEqual(await check(words), { status: "right" })
    assert.deepEqual(await check(await world.run(bob.device.recoveryWords())), { status: "other_account" })
    assert.deepEqual(await check(words.slice(2)), { status: "wrong_count", count: 22 })
  }))

test("a passkey counts when it has opened the key a second time, and one that gives something else does not", () =>
  OperatedWorld.with(async (world) => {
    const alice = await world.person("alice")
    const hex = (byte: number, count = 32): string => byte.toString(16).padStart(2, "0").repeat(count)
    const passkey = { id: hex(7, 40), salt: hex(8), secret: hex(9) }
    const view = async (): Promise<boolean> => (await alice.device.recovery()).passkey
    await assert.rejects(world.run(alice.device.confirmRecoveryPasskey(hex(9))), { code: "not_found" })
    await world.run(alice.device.addRecoveryPasskey(passkey))
    assert.equal(await view(), false, "not before it was read back")
    for (const secret of [hex(10), hex(9, 31), ""])
      await assert.rejects(world.run(alice.device.confirmRecoveryPasskey(secret)), { code: "invalid_input" })
    assert.equal(await view(), false)
    await world.run(alice.device.confirmRecoveryPasskey(hex(9)))
    assert.equal(await view(), true)
    await world.run(alice.device.removeRecoveryPasskey())
    assert.equal(await view(), false)
    for (const wrong of [
      { ...passkey, secret: hex(9, 16) },
      { ...passkey, id: "" },
      { ...passkey, salt: "" },
    ])
      await assert.rejects(world.run(alice.device.addRecoveryPasskey(wrong)), { code: "invalid_input" })
    const stored = JSON.stringify(await alice.virtual.disk.read("SELECT * FROM sync_entry WHERE key LIKE 'recovery/%'", []))
    assert.ok(!stored.includes([...(await seedOf(alice))].join(",")))
  }))

test("after everything was deleted, the words bring back the account, its messages and its chats", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    await world.run(alice.device.setBackup({ target: "server" }))
    await world.until("a backup is there", async () => (await alice.device.backup()).status === "fresh")
    const words = await world.run(alice.device.recoveryWords())
    await world.run(world.letsGo())
    alice.virtual.reachable = false
    await alice.device.close()
    const back = await world.recovered(alice, words, "carol")
    const preview = await world.run(back.device.previewBackup())
    assert.equal(preview?.messages, 2)
    assert.deepEqual(await back.device.chats(), [], "nothing is applied before the person says so")
    await world.run(back.device.restoreBackup())
    const restoredMs = world.time.nowMs()
    assert.equal((await back.device.messages(chatId)).messages.length, 2)
    await world.until("it is in the chat again", async () => (await back.device.chat(chatId)).state === "active")
    assert.ok(world.time.nowMs() - restoredMs < 5_000, `it took ${world.time.nowMs() - restoredMs} ms`)
    await world.run(back.device.send(chatId, { text: "here I am" }))
    const isThere = async ({ device }: Person, text: string): Promise<boolean> =>
      (await device.messages(chatId)).messages.some(({ content }) => JSON.stringify(content).includes(text))
    await world.until("Bob has it in the same chat", () => isThere(bob, "here I am"))
    await world.run(bob.device.send(chatId, { text: "welcome back" }))
    await world.until("and answers there", () => isThere(back, "welcome back"))
    assert.deepEqual(await world.alarms(back), [])
    assert.deepEqual(await world.alarms(bob), [])
  }))

test("a device that restores a backup while the account has another one takes nobody's place over", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob] = [await world.person("alice"), await world.person("bob")]
    const chatId = await world.acquainted(alice, bob)
    const { deviceId } = await alice.device.account()
    await world.run(alice.device.setBackup({ target: "server" }))
    await world.until("a backup is there", async () => (await alice.device.backup()).status === "fresh")
    const second = await world.linked(alice, "carol")
    // Before the first device has added it to the chat.
    alice.virtual.reachable = false
    await world.run(second.device.restoreBackup())
    await world.pass(30_000)
    const leaves = await bob.virtual.disk.read("SELECT 1 AS one FROM member WHERE device_id = ?", [fromHex(deviceId)])
    assert.ok(leaves.length > 0, "the first device is in the chat still")
    assert.deepEqual(await second.virtual.disk.read("SELECT * FROM healing", []), [])
    alice.virtual.reachable = true
    await world.run(alice.device.send(chatId, { text: "I am here as well" }))
    await world.until("Bob has it", async () => (await bob.device.messages(chatId)).messages.length === 3)
  }))

test("a group whose members notice the reset before the backup is brought back has the account again, in the same chat", () =>
  OperatedWorld.with(async (world) => {
    const [alice, bob, carol] = [await world.person("alice"), await world.person("bob"), await world.person("carol")]
    await world.acquainted(alice, bob)
    const accountIds = [toHex(alice.accountId), toHex(carol.accountId)]
    const group = await world.run(bob.device.createGroup({ name: "Team", accountIds }))
    const isThere = async ({ device }: Person, text: string): Promise<boolean> =>
      (await device.messages(group.id)).messages.some(({ content }) => JSON.stringify(content).includes(text))
    await world.run(bob.device.send(group.id, { text: "before" }))
    await world.until(
      "alice has it",
      async () => (await alice.device.chats()).some(({ id }) => id === group.id) && (await isThere(alice, "before")),
    )
    await world.run(alice.device.setBackup({ target: "server" }))
    await world.until("a backup is there", async () => (await alice.device.backup()).status === "fresh")
    const words = await world.run(alice.device.recoveryWords())
    alice.virtual.reachable = false
    await alice.device.close()
    const back = await world.recovered(alice, words, "dave")
    await world.pass(lookedMs)
    const leavesOf = async (): Promise<number> =>
      (await bob.virtual.disk.read("SELECT 1 FROM member WHERE group_id = ? AND account_id = ?", [fromHex(group.id), alice.accountId]))
        .length
    await world.until("the new device is in", async () => (await leavesOf()) === 1)
    await world.run(back.device.restoreBackup())
    await world.run(bob.device.send(group.id, { text: "after" }))
    await world.until("it has both", async () => (await isThere(back, "before")) && (await isThere(back, "after")))
    await world.run(back.device.send(group.id, { text: "and I" }))
    await world.until("all have it", async () => (await isThere(bob, "and I")) && (await isThere(carol, "and I")))
    for (const one of [bob, carol, back]) assert.deepEqual(await world.alarms(one), [])
  }))
