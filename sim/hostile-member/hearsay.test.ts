// What a member may say of the server: what it saw of a chat's history and of the key log (docs/protocol.md, "One history for all";
// docs/transparency.md, "Gossip"). The log speaks for itself; of a history every member has nothing but its word.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, bytes, fromHex, toHex } from "@nodoor/bytes"
import { logSearch } from "@nodoor/wire"
import {
  decodeSafetyCode,
  encodeSafetyCode,
  formatCheckpoint,
  formatNote,
  noteKey,
  noteKeyTypes,
  parseCheckpoint,
  parseNote,
  signCheckpoint,
} from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { nodeProvider } from "@nodoor/mls/node"
import type { Person } from "../../drill/drill-world.ts"
import { origin } from "../../drill/adversary/adversary-server.ts"
import { markdown } from "./forged-content.ts"
import { HostileMember, alarms, withHostileMember, words } from "./hostile-member.ts"

const minuteMs = 60_000
const hourMs = 3_600_000
const logOrigin = `${origin}/kt/1`

test("A member with changed code tells what it likes about the key log, and only what the log signed is heard", async (t) => {
  await withHostileMember(async (scene) => {
    const { world, alice, bob, mallory, chatId } = scene
    const gossip = (note: CborValue): Promise<string> => mallory.say(markdown("hi"), { extensions: { "nodoor/log-note": note } })
    const genuine = await noteOf(alice)

    await t.test(
      "an invented checkpoint is dropped and counted: nobody is blamed, nothing is asked of the log, nobody is silenced",
      async () => {
        const size = parseCheckpoint(parseNote(genuine).text).size
        const before = await dropped(alice)
        let asked = 0
        world.adversary.on(logSearch, async ({ address }, honest) => {
          if (address === alice.address) asked++
          return await honest()
        })
        const own = nodeProvider.suite(0x004f).signatureKeyPair(nodeProvider.random)
        const named = noteKey(serverCrypto, { name: logOrigin, type: noteKeyTypes.ed25519, publicKey: own.publicKey })
        const head = { size: size + 1_000, root: nodeProvider.random(32) }
        const { signatures } = parseNote(genuine)
        const larger = formatCheckpoint({ ...head, origin: logOrigin })
        const same = formatCheckpoint({ origin: logOrigin, size, root: nodeProvider.random(32) })
        const invented = [
          signCheckpoint(serverCrypto, { head, key: named, privateKey: own.privateKey }),
          formatNote({ text: larger, signatures }),
          formatNote({ text: same, signatures }),
          formatNote({ text: formatCheckpoint({ ...head, origin: "other.example/kt/1" }), signatures }),
          new Uint8Array(),
          new Uint8Array(2_000),
          nodeProvider.random(48),
        ]
        for (const note of invented) assert.equal(await words(alice, chatId, await gossip(note)), "hi")
        for (const note of ["text", [1, 2], 7]) assert.equal(await words(alice, chatId, await gossip(note)), "hi")
        await world.rest(5_000)
        assert.equal((await dropped(alice)) - before, invented.length + 3)
        assert.deepEqual([await waiting(alice), asked, alarms(world, alice), alarms(world, bob)], [0, 0, [], []])
        await world.do(alice.device.send(chatId, { text: "anybody there?" }))
        await world.rest(5_000)
        assert.deepEqual((await alice.device.messages(chatId)).messages.at(-1)?.status, "sent")
      },
    )

    await t.test("a payload of the form before, 48 bytes under another name, is a message like any other", async () => {
      const before = await dropped(alice)
      const id = await mallory.say(markdown("old"), { extensions: { "nodoor/head": nodeProvider.random(48) } })
      assert.deepEqual([await words(alice, chatId, id), await waiting(alice), (await dropped(alice)) - before], ["old", 0, 0])
    })

    await t.test(
      "one device has one claim waiting and twenty signatures checked in an hour, and what others pass on is heard all the same",
      async () => {
        await world.rest(2 * hourMs)
        const before = await dropped(alice)
        // A log that grows for Mallory and not for Alice: every one of its notes is real, and must be proven.
        const old = world.adversary.fork("old")
        old.frozen = true
        world.adversary.logFor = (address) => (address === alice.address ? old : world.adversary.log)
        const notes: Uint8Array[] = []
        for (let i = 0; i < 30; i++) {
          world.adversary.log.grow(world.time.nowMs() + i)
          notes.push(world.adversary.log.note())
        }
        for (const note of notes) await gossip(note)
        assert.deepEqual([await waiting(alice, mallory.person), (await dropped(alice)) - before], [1, 10])
        await world.rest(11 * minuteMs)
        await world.do(bob.device.checkTransparency(toHex(alice.accountId)))
        await world.do(bob.device.send(chatId, { text: "look" }))
        await world.rest(5_000)
        assert.deepEqual([await waiting(alice, mallory.person), await waiting(alice, bob)], [1, 1])
        // The honest twin: what was kept back for an hour is told, of the server and of nobody else.
        await world.rest(2 * hourMs)
        assert.deepEqual(alarms(world, alice), ["gossip_withheld"])
        const told = (await alice.device.alarms()).find(({ code }) => code === "gossip_withheld")
        assert.deepEqual([told?.accountId, told?.chatId, /mallory|bob/i.test(told?.text ?? "")], [undefined, undefined, false])
        world.adversary.logFor = () => world.adversary.log
        await world.rest(2 * hourMs)
        assert.equal(await waiting(alice), 0)
      },
    )
  })
})

test("A note of the log's own goes along with the first message after the head changed, and once in ten minutes at most", () =>
  withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
    const carried = async (text: string): Promise<boolean> => {
      const before = world.adversary.heard.length
      await world.say(alice, chatId, text)
      const bodies = world.adversary.heard.slice(before).flatMap((one) => (one.type === "post" ? [one.body] : []))
      const plain = mallory.insider.read(await mallory.insider.group(mallory.groupId), bodies)
      return plain.some((one) => Buffer.from(one).includes(text) && Buffer.from(one).includes("nodoor/log-note"))
    }
    await world.rest(11 * minuteMs)
    world.adversary.log.grow(world.time.nowMs())
    await world.do(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.equal(await carried("first"), true)
    assert.equal(await carried("second"), false)
    world.adversary.log.grow(world.time.nowMs())
    await world.do(alice.device.checkTransparency(toHex(bob.accountId)))
    assert.equal(await carried("a moment later"), false)
    await world.rest(11 * minuteMs)
    assert.equal(await carried("ten minutes later"), true)
    await world.rest(11 * minuteMs)
    assert.equal(await carried("nothing new"), false)
  }))

test("What a stranger whose request was not accepted says of the log is not taken in, and what it says of the history alarms nobody", () =>
  withHostileMember(async ({ world, alice, bob }) => {
    const stranger = await world.person("stranger")
    const contact = await world.do(stranger.device.findContact("alice"))
    const chat = await world.do(stranger.device.openChat(contact.accountId))
    await world.do(stranger.device.send(chat.id, { text: "hello" }))
    await world.rest(5_000)
    const hostile = await HostileMember.seize(world, stranger, chat.id)
    const old = world.adversary.fork("old")
    old.frozen = true
    world.adversary.logFor = (address) => (address === alice.address ? old : world.adversary.log)
    world.adversary.log.grow(world.time.nowMs())
    const extensions = (): Readonly<Record<string, CborValue>> => ({
      "nodoor/log-note": world.adversary.log.note(),
      "nodoor/seen": [1, nodeProvider.random(32)],
    })
    const before = await dropped(alice)
    for (const order of [1, 2, 50])
      await hostile.say(markdown("psst"), { extensions: { ...extensions(), "nodoor/seen": [order, nodeProvider.random(32)] } })
    assert.deepEqual([await waiting(alice), await dropped(alice), alarms(world, alice)], [0, before, []])
    // The honest twin: once accepted, the same is heard.
    await world.do(alice.device.acceptRequest(chat.id))
    await hostile.say(markdown("psst"), { extensions: extensions() })
    assert.deepEqual([await waiting(alice), alarms(world, alice), alarms(world, bob)], [1, ["history_fork"], []])
  }))

test("A member that claims another history is named with its claim, once, and absorbs no other alarm", () =>
  withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
    await world.say(bob, chatId, "so far so good")
    const claim = (order: number): Promise<string> =>
      mallory.say(markdown("hm"), { extensions: { "nodoor/seen": [order, nodeProvider.random(32)] } })
    for (let i = 0; i < 3; i++) await claim(1)
    const told = async (person: Person): Promise<(string | undefined)[]> =>
      (await person.device.alarms()).filter(({ code }) => code === "history_fork").map(({ accountId }) => accountId)
    const lines = async (): Promise<unknown[]> =>
      (await alice.device.messages(chatId, { limit: 100 })).messages.flatMap(({ content }) =>
        content.type === "event" && content.event.kind === "history_mismatch" ? [content.event.by] : [],
      )
    const account = toHex(mallory.accountId)
    assert.deepEqual([await told(alice), await told(bob), await lines()], [[account], [account], [account]])
    const [alarm] = await alice.device.alarms()
    assert.match(alarm?.text ?? "", /mallory/i)
    // A claim about what has not arrived yet is compared when it has.
    await world.do(alice.device.acknowledgeAlarm(alarm?.id ?? ""))
    await claim(((await lastOrder(alice, chatId)) ?? 0) + 2)
    await world.say(bob, chatId, "that one")
    assert.deepEqual(await told(alice), [account, account])
    // The server now really shows Alice another history than Bob: his word is heard beside the invention that is still open.
    alice.shown.tamper = (record) => {
      if (record.type !== "post") return [record]
      alice.shown.tamper = (one) => [one]
      const body = record.body.slice()
      body[body.length - 1] = (body.at(-1) ?? 0) ^ 1
      return [{ ...record, body }]
    }
    await world.say(bob, chatId, "swapped on the way")
    await world.say(bob, chatId, "and this one counts on it")
    assert.deepEqual(new Set(await told(alice)), new Set([account, toHex(bob.accountId)]))
  }))

test("No stop keeps a removal back: neither a log that was forked nor a safety code that does not match", async (t) => {
  const isIn = async (person: Person, chatId: string, member: Uint8Array): Promise<boolean> =>
    (await person.device.members(chatId)).some(({ accountId }) => accountId === toHex(member))

  await t.test("two notes of the log's own stop what is said, and not the removal of who passed one on", () =>
    withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
      const fork = world.adversary.fork("fork")
      fork.grow(world.time.nowMs())
      world.adversary.log.grow(world.time.nowMs())
      await world.do(alice.device.checkTransparency(toHex(bob.accountId)))
      await mallory.say(markdown("look"), { extensions: { "nodoor/log-note": fork.note() } })
      assert.deepEqual(alarms(world, alice), ["log_tree_fork"])
      assert.equal(await world.attempt(alice, alice.device.send(chatId, { text: "no" })), undefined)
      await world.do(alice.device.removeMember(chatId, toHex(mallory.accountId)))
      await world.rest(10_000)
      assert.deepEqual([await isIn(alice, chatId, mallory.accountId), await isIn(bob, chatId, mallory.accountId)], [false, false])
    }),
  )

  await t.test("a code that shows other keys stops the chats with that person, and not that person's removal", () =>
    withHostileMember(async ({ world, alice, bob, mallory, chatId }) => {
      const { qr } = await world.do(bob.device.safety(toHex(alice.accountId)))
      const code = decodeSafetyCode(qr)
      const other = encodeSafetyCode({ ...code, mine: { ...code.mine, stateHash: bytes<"AccountStateHash">(nodeProvider.random(32)) } })
      assert.equal((await world.do(alice.device.compareSafety(toHex(bob.accountId), other))).matches, false)
      assert.equal(await world.attempt(alice, alice.device.send(chatId, { text: "no" })), undefined)
      await world.do(alice.device.removeMember(chatId, toHex(bob.accountId)))
      await world.rest(10_000)
      assert.deepEqual([await isIn(alice, chatId, bob.accountId), mallory.hasLeaf(bob)], [false, false])
      await world.do(alice.device.send(chatId, { text: "and now" }))
    }),
  )
})

async function noteOf({ virtual }: Person): Promise<Uint8Array> {
  const [row] = await virtual.disk.read("SELECT note FROM log_head WHERE note IS NOT NULL ORDER BY size DESC LIMIT 1")
  return row?.["note"] as Uint8Array
}

async function count(person: Person, sql: string, ...values: Uint8Array[]): Promise<number> {
  return Number((await person.virtual.disk.read(sql, values))[0]?.["n"] ?? 0)
}

/** Notes that wait to be proven, of all devices or of one. */
function waiting(person: Person, from?: Person): Promise<number> {
  if (from) return count(person, "SELECT COUNT(*) AS n FROM gossip WHERE device_id = ?", from.deviceId)
  return count(person, "SELECT COUNT(*) AS n FROM gossip")
}

const dropped = (person: Person): Promise<number> => count(person, "SELECT count AS n FROM gossip_dropped")

async function lastOrder({ virtual }: Person, chatId: string): Promise<number | undefined> {
  const [row] = await virtual.disk.read("SELECT last_order FROM mls_group WHERE chat_id = ?", [fromHex(chatId)])
  return row && Number(row["last_order"])
}
