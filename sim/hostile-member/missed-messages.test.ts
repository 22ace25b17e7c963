// What a member may say to a device that missed something, and what it may ask of others.

import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, decodeCbor, decodeTls, encodeCbor, toHex } from "@nodoor/bytes"
import { type GroupState, MlsError, process } from "@nodoor/mls"
import { DrillWorld, type Person } from "../../drill/drill-world.ts"
import { unread } from "../unread-lines.ts"
import { type AskedFor, type ForgedMessage, forgedAnswer, forgedRequest, openedAnswer } from "./forged-answer.ts"
import { HostileMember, type Scene, withHostileMember } from "./hostile-member.ts"

const id = (nth: number): Uint8Array => new Uint8Array(32).fill(nth)

async function all({ virtual }: Person, chatId: string): Promise<readonly string[]> {
  assert.ok(virtual.device)
  const { messages } = await virtual.device.messages(chatId, { limit: 200 })
  return messages.flatMap(({ content, sender }) =>
    content.type === "event" ? [] : [`${sender.accountId.slice(0, 4)} ${content.type === "text" ? content.markdown : content.type}`],
  )
}

/** Bob could not read two messages of Alice's, who is away now, and has asked. */
async function asking({
  world,
  alice,
  bob,
  chatId,
}: Scene): Promise<AskedFor & { readonly orders: readonly number[]; readonly timeMs: number }> {
  for (const text of ["one", "two", "three"]) await world.say(alice, chatId, text)
  await world.do(alice.device.close())
  await world.do(bob.device.close())
  for (const text of ["one", "two"]) await bob.virtual.disk.commit(unread(text))
  await world.do(bob.virtual.start())
  await world.until("bob asks", async () => (await bob.virtual.disk.read("SELECT 1 AS one FROM missed WHERE stage = 'all'")).length > 0)
  await world.rest(5_000)
  const [missed] = await bob.virtual.disk.read("SELECT request_id, group_id, secret FROM missed")
  const rows = await bob.virtual.disk.read("SELECT ord, time_ms FROM message WHERE kind = 'waiting' ORDER BY ord")
  assert.ok(missed && rows.length === 2)
  return {
    requestId: missed["request_id"] as Uint8Array,
    groupId: missed["group_id"] as Uint8Array,
    secret: missed["secret"] as Uint8Array,
    orders: rows.map((row) => Number(row["ord"])),
    timeMs: Number(rows[0]?.["time_ms"]),
  }
}

test("A member with changed code gives a device that missed something nothing but its own word, in places that were asked for", async (t) => {
  await withHostileMember(async (scene) => {
    const { world, alice, bob, mallory, chatId } = scene
    const asked = await asking(scene)
    const { groupId, orders, timeMs } = asked
    const [first = 0, second = 0] = orders
    const by = mallory.accountId
    const own = (changed: Partial<ForgedMessage> = {}): ForgedMessage => ({
      order: first,
      messageId: id(1),
      timeMs,
      accountId: by,
      groupId,
      ...changed,
    })
    const before = await all(bob, chatId)
    assert.equal(before.filter((text) => text.endsWith("waiting")).length, 2)
    const hello = (await bob.virtual.disk.read("SELECT message_id, ord FROM message WHERE kind = 'content' ORDER BY ord DESC LIMIT 1"))[0]
    assert.ok(hello)
    const refused: Readonly<Record<string, Parameters<typeof forgedAnswer>[2]>> = {
      "a message of somebody else": { messages: [own({ accountId: alice.accountId })] },
      "a line about what happened": { messages: [own({ kind: "event", parts: [["event", '{"kind":"left","account":"00"}', null]] })] },
      "a place that was not asked for": { messages: [own({ order: second + 1_000 })] },
      "no place": { messages: [own({ order: null })] },
      "a place in another group": { messages: [own({ groupId: id(9) })] },
      "an id that stands elsewhere": { messages: [own({ messageId: hello["message_id"] as Uint8Array })] },
      "a time long before": { messages: [own({ timeMs: timeMs - 3 * 86_400_000 })] },
      "a time long after": { messages: [own({ timeMs: timeMs + 3 * 86_400_000 })] },
      "what could not be read": { messages: [own({ kind: "waiting", parts: [["waiting", "", null]] })] },
      nothing: { messages: [own({ parts: [] })] },
      "a text that shows nothing": { messages: [own({ markdown: "\u200b" })] },
      "a text that is too long": { messages: [own({ markdown: "x".repeat(200_000) })] },
      "a part that only a device writes": { messages: [own({ parts: [["shared-history", "", encodeCbor([])]] })] },
      "another request": { messages: [own()], requestId: id(3).subarray(0, 16) },
      "a request that is sealed for another": { messages: [own()], about: id(4) },
      "a request that is sealed to another key": { messages: [own()], secret: id(5) },
      "what is no answer": { plaintext: encodeCbor([null, [], []]).subarray(1) },
      "ids that are too many": { plaintext: encodeCbor([null, Array.from({ length: 5_000 }, () => id(1).subarray(0, 1)), []]) },
      "a record that is none": { plaintext: encodeCbor([null, [by, groupId], [Uint8Array.of(1, 2, 3)]]) },
      "an id that is none": {
        plaintext: encodeCbor([
          null,
          [],
          [encodeCbor([9, [0, 1, id(1), first, timeMs, 0, "content", null, null, false, null, null, null, [], [], []] as CborValue])],
        ]),
      },
    }
    for (const [what, answer] of Object.entries(refused))
      await t.test(`not ${what}`, async () => {
        await mallory.say(forgedAnswer(asked, by, answer))
        assert.deepEqual(await all(bob, chatId), before, what)
      })
    await t.test("an answer that is sealed under another member's name, or is none at all", async () => {
      await mallory.say(forgedAnswer(asked, alice.accountId, { messages: [own({ accountId: alice.accountId })] }))
      for (const content of [
        new Uint8Array(),
        encodeCbor([1]),
        encodeCbor([id(1), 0, id(1), id(1)]),
        encodeCbor([id(1).subarray(0, 16), 7, id(1), id(1)]),
      ])
        await mallory.say([0, "", 1, "application/vnd.nodoor.resent", content])
      assert.deepEqual(await all(bob, chatId), before)
    })
    await t.test("that it has said all there is ends nothing, for it speaks for itself only", async () => {
      await mallory.say(forgedAnswer(asked, by, { through: second, end: 1 }))
      await world.rest(20_000)
      assert.deepEqual(await all(bob, chatId), before)
    })
    await t.test("its own word under its own name, once in a place; and Alice's take theirs", async () => {
      await mallory.say(forgedAnswer(asked, by, { messages: [own({ markdown: "mallory says" })] }))
      await mallory.say(forgedAnswer(asked, by, { messages: [own({ messageId: id(2), markdown: "twice" })] }))
      const after = await all(bob, chatId)
      assert.ok(after.includes(`${toHex(by).slice(0, 4)} mallory says`))
      assert.ok(!after.some((text) => text.endsWith("twice")))
      assert.equal(after.filter((text) => text.endsWith("waiting")).length, 1)
      await world.do(alice.virtual.start())
      await world.until("alice's is here", async () => (await all(bob, chatId)).includes(`${toHex(alice.accountId).slice(0, 4)} two`))
    })
  })
})

/** What has been answered to a request since, by who answered. */
async function answersTo(
  world: DrillWorld,
  mallory: HostileMember,
  { state, since, asked }: { readonly state: GroupState; readonly since: number; readonly asked: AskedFor },
): Promise<readonly { readonly by: string; readonly plaintext: Uint8Array }[]> {
  await world.rest(10_000)
  const out: { by: string; plaintext: Uint8Array }[] = []
  let now = state
  for (const one of world.adversary.heard.slice(since)) {
    if (one.type !== "post") continue
    try {
      const processed = process(mallory.insider.env, now, one.body)
      if (processed.kind !== "application") continue
      now = processed.change.state
      const content = decodeTls(processed.plaintext, (r) => {
        const framed = r.vector(262_144).slice()
        r.raw(r.remainingBytes)
        return framed
      })
      const [, , , , , , part] = decodeCbor(content, { maxBytes: 262_144, maps: "map" }) as CborValue[]
      const [, , , type, body] = part as CborValue[]
      if (type !== "application/vnd.nodoor.resent") continue
      const [requestId, , kemOutput, ciphertext] = decodeCbor(body as Uint8Array, { maxBytes: 262_144 }) as Uint8Array[]
      if (!requestId || !kemOutput || !ciphertext || toHex(requestId) !== toHex(asked.requestId)) continue
      const [, by] = decodeCbor(processed.sender.identity, { maxBytes: 1_024 }) as Uint8Array[]
      const plaintext = by && openedAnswer(asked, by, { kemOutput, ciphertext })
      if (by && plaintext) out.push({ by: toHex(by), plaintext })
    } catch (error) {
      if (!(error instanceof MlsError)) throw error
    }
  }
  return out
}

test("A member with changed code is told only what was written while it was a member, once, and not without end", () =>
  DrillWorld.with(async (world) => {
    const [alice, bob, person] = [await world.person("alice"), await world.person("bob"), await world.person("mallory")]
    const chatId = await world.group(alice, bob, person)
    await world.say(alice, chatId, "while mallory was in")
    const mallorysId = toHex(person.accountId)
    await world.do(alice.device.removeMember(chatId, mallorysId))
    await world.rest(5_000)
    await world.say(alice, chatId, "while mallory was out")
    await world.do(alice.device.addMembers(chatId, [mallorysId]))
    await world.until("mallory is asked", async () => (await person.device.chat(chatId)).state === "request")
    await world.do(person.device.acceptRequest(chatId))
    await world.rest(5_000)
    await world.say(alice, chatId, "while mallory is in again")
    const mallory = await HostileMember.seize(world, person, chatId)
    const { groupId } = mallory
    let nth = 0
    const ask = async (ranges: CborValue = [[1, 1_000_000]], again?: AskedFor) => {
      const asked = again ?? { requestId: new Uint8Array(16).fill(++nth), groupId, secret: new Uint8Array(32).fill(nth) }
      const [state, since] = [mallory.state(), world.adversary.heard.length]
      await mallory.say(forgedRequest(asked, ranges))
      return { asked, answers: await answersTo(world, mallory, { state, since, asked }) }
    }
    const { asked, answers } = await ask()
    const ofAlice = answers
      .filter(({ by }) => by === toHex(alice.accountId))
      .map(({ plaintext }) => Buffer.from(plaintext).toString("latin1"))
    assert.equal(ofAlice.length, 1)
    for (const text of ["while mallory was in", "while mallory is in again"]) assert.ok(ofAlice[0]?.includes(text), text)
    assert.ok(!ofAlice[0]?.includes("while mallory was out"))
    // Bob has nothing to say, and says so; Alice speaks for herself only.
    assert.deepEqual(answers.map(({ by }) => by).toSorted(), [toHex(alice.accountId), toHex(bob.accountId)].toSorted())
    assert.deepEqual((await ask(undefined, asked)).answers, [], "the same request again")
    const ill: readonly CborValue[] = [
      [],
      [[5, 4]],
      [
        [1, 5],
        [3, 9],
      ],
      [[0, 4]],
      [[1, 2, 3]],
      Array.from({ length: 17 }, (_, at) => [3 * at + 1, 3 * at + 1]),
    ]
    for (const ranges of ill) assert.deepEqual((await ask(ranges)).answers, [], JSON.stringify(ranges))
    const change = async (sql: string): Promise<void> => await alice.virtual.disk.commit([{ sql, values: [] }])
    const answersOfAlice = async (): Promise<number> => (await ask()).answers.filter(({ by }) => by === toHex(alice.accountId)).length
    await change("UPDATE chat SET state = 'request'")
    assert.equal(await answersOfAlice(), 0, "a chat that its person has not accepted")
    await change("UPDATE chat SET state = 'active'")
    await change(`UPDATE contact SET change_ms = 1, change_kind = 'reset' WHERE account_id = x'${mallorysId}'`)
    assert.equal(await answersOfAlice(), 0, "an account that is not the one it was")
    await change("UPDATE contact SET change_ms = NULL, change_kind = NULL")
    let answered = 1
    for (let more = 0; more < 14; more++) answered += await answersOfAlice()
    assert.equal(answered, 12)
    await world.rest(3_700_000)
    assert.equal(await answersOfAlice(), 1)
  }))
