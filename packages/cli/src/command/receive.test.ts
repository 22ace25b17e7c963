import assert from "node:assert/strict"
import { test } from "node:test"
import { incoming } from "../received.ts"
import { ScriptedDevice, bob, carol, chatOf, messageOf, scriptedTerminal } from "../fixtures/scripted-device.ts"

const team = chatOf("11")
const direct = chatOf("22", { kind: "dm", title: "Carol", peer: carol })

test("how far it has come with much that waited is told on standard error, at most once a second", async () => {
  const device = new ScriptedDevice()
  device.put(team, [messageOf(team, 0, bob)])
  device.whileSettling = () => {
    for (const taken of [100, 2_340, 5_000])
      for (const listener of device.listeners)
        listener({ type: "connection", connection: { status: "connecting", catchUp: { taken, total: 10_000 } } })
  }
  const { run } = scriptedTerminal(device)
  const { out, talk, code } = await run(["receive"])
  assert.deepEqual([out.length, code], [1, 0])
  assert.match(talk, /^100 of 10,000 received$/m)
  assert.doesNotMatch(talk, /2,340/)
  assert.equal(device.listeners.size, 0)
})

test("receive prints each incoming message once, in order, as one JSON object per line", async () => {
  const device = new ScriptedDevice()
  device.put(team, [messageOf(team, 0, bob), messageOf(team, 1, "own"), messageOf(team, 3, carol)])
  device.put(direct, [messageOf(direct, 2, carol)])
  const { run } = scriptedTerminal(device)
  const first = await run(["receive", "--json"])
  const lines = first.out.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.equal(first.code, 0)
  assert.deepEqual(
    lines.map(({ chat, from, text, order }) => [chat, from, text, order]),
    [
      [team.id, "@bob", "text 0", 0],
      [direct.id, "@carol", "text 2", 2],
      [team.id, "@carol", "text 3", 3],
    ],
  )
  assert.deepEqual(lines[0], {
    chat: team.id,
    from: "@bob",
    text: "text 0",
    id: messageOf(team, 0, bob).id,
    time: 1_000_000,
    sent: null,
    order: 0,
    name: "Bob",
    account: bob.accountId,
    title: "Team",
    type: "text",
    request: false,
    markdown: "text 0",
  })
  assert.deepEqual((await run(["receive", "--json"])).out, [])
  device.arrive(team, messageOf(team, 4, bob))
  assert.equal((await run(["receive"])).out.length, 1)
})

test("receive --max leaves the rest for the next time", async () => {
  const device = new ScriptedDevice()
  device.put(
    team,
    Array.from({ length: 250 }, (_, order) => messageOf(team, order, bob)),
  )
  const { run } = scriptedTerminal(device)
  const texts = async (...flags: string[]) =>
    (await run(["receive", "--json", ...flags])).out.map((line) => (JSON.parse(line) as { order: number }).order)
  assert.deepEqual(await texts("--max", "2"), [0, 1])
  assert.deepEqual(await texts("--max", "1"), [2])
  assert.deepEqual(
    await texts(),
    Array.from({ length: 247 }, (_, i) => i + 3),
  )
  assert.deepEqual(await texts(), [])
})

test("a message that could not be decrypted yet comes once it can be, and holds nothing else back", async () => {
  const device = new ScriptedDevice()
  const waiting = messageOf(team, 1, bob, { content: { type: "waiting", reason: "being healed" } })
  device.put(team, [messageOf(team, 0, bob), waiting, messageOf(team, 2, bob)])
  const { run } = scriptedTerminal(device)
  const orders = async (...flags: string[]) =>
    (await run(["receive", "--json", ...flags])).out.map((line) => (JSON.parse(line) as { order: number }).order)
  assert.deepEqual(await orders("--max", "1"), [0])
  assert.deepEqual(await orders(), [2])
  assert.deepEqual(await orders(), [])
  device.put(team, [messageOf(team, 0, bob), messageOf(team, 1, bob), messageOf(team, 2, bob), messageOf(team, 3, bob)])
  assert.deepEqual(await orders(), [1, 3])
  assert.deepEqual(await orders(), [])
})

test("what a stranger sends is marked as a request, and no read receipt goes back", async () => {
  const device = new ScriptedDevice()
  const request = chatOf("33", { kind: "dm", title: "Carol", state: "request", peer: carol })
  device.put(request, [messageOf(request, 0, carol)])
  device.put(team, [messageOf(team, 5, bob)])
  const { run } = scriptedTerminal(device)
  const { out, talk } = await run(["receive", "--json", "--read"])
  assert.deepEqual(
    out.map((line) => (JSON.parse(line) as { request: boolean }).request),
    [true, false],
  )
  assert.match(talk, /next: nodoor requests/)
  assert.deepEqual(
    device.calls.map(([name, chat]) => [name, chat]),
    [["markRead", team.id]],
  )
})

test("receive --wait ends as soon as something comes in, and with 0 and nothing when nothing does", async () => {
  const device = new ScriptedDevice()
  device.put(team, [])
  const { run } = scriptedTerminal(device)
  const waiting = run(["receive", "--json", "--wait", "30"])
  setTimeout(() => device.arrive(team, messageOf(team, 0, bob)), 30)
  assert.equal((await waiting).out.length, 1)
  const nothing = await run(["receive", "--wait", "1"])
  assert.deepEqual([nothing.code, nothing.out], [0, []])
  assert.equal(device.listeners.size, 0)
})

test("without the server receive prints what is here and ends with 5", async () => {
  const device = new ScriptedDevice()
  device.online = false
  device.put(team, [])
  const { run } = scriptedTerminal(device)
  const { code, talk } = await run(["receive"])
  assert.equal(code, 5)
  assert.match(talk, /next: nodoor receive/)
})

test("text of others cannot steer the terminal, and JSON carries it escaped", async () => {
  const device = new ScriptedDevice()
  const nasty = "a\u001b]0;owned\u0007\u009b2J\u202egpj.exe\r\nb"
  device.put(team, [messageOf(team, 0, bob, { content: { type: "text", markdown: nasty } })])
  const plain = scriptedTerminal(device)
  const shown = (await plain.run(["receive"])).out.join("\n")
  assert.doesNotMatch(shown, /(?!\n)[\p{Cc}\p{Bidi_Control}]/u)
  assert.match(shown, /@bob in Team: a.*\n {4}b$/)
  const line = (await scriptedTerminal(device).run(["receive", "--json"])).out[0] ?? ""
  assert.doesNotMatch(line, /[\p{Cc}\p{Bidi_Control}]/u)
  assert.equal((JSON.parse(line) as { markdown: string }).markdown, nasty)
})

test("a message is printed as its sender typed it, without the marks of the wire", async () => {
  const device = new ScriptedDevice()
  device.put(team, [messageOf(team, 0, bob, { content: { type: "text", markdown: "**so** 2\\*3\\*4 in \\_\\_init\\_\\_.py" } })])
  assert.match((await scriptedTerminal(device).run(["receive"])).out.join("\n"), /: so 2\*3\*4 in __init__\.py$/)
  const [line = ""] = (await scriptedTerminal(device).run(["receive", "--json"])).out
  assert.equal((JSON.parse(line) as { text: string }).text, "so 2*3*4 in __init__.py")
  const [row = ""] = (await scriptedTerminal(device).run(["messages", "--chat", team.id])).out
  assert.match(row, /: so 2\*3\*4 in __init__\.py$/)
})

test("of a conversation with two histories every message is printed once, whatever their orders, and --max loses none", async () => {
  const device = new ScriptedDevice()
  const { run } = scriptedTerminal(device)
  const ids = async (...flags: string[]): Promise<string[]> =>
    (await run(["receive", "--json", ...flags])).out.map((line) => (JSON.parse(line) as { text: string }).text)
  const said = (text: string, position: number, order: number): ReturnType<typeof messageOf> =>
    messageOf(direct, position, carol, { order, content: { type: "text", markdown: text } })
  device.put(direct, [said("a", 1, 1), said("b", 2, 7)])
  assert.deepEqual(await ids(), ["a", "b"])
  device.arrive(direct, said("c", 3, 2))
  device.arrive(direct, said("d", 4, 8))
  device.arrive(direct, said("e", 5, 3))
  assert.deepEqual(await ids("--max", "1"), ["c"])
  assert.deepEqual(await ids("--max", "1"), ["d"])
  assert.deepEqual(await ids(), ["e"])
  assert.deepEqual(await ids(), [])
})

test("what an earlier version noted as printed is not printed again, but where a second history had begun", async () => {
  const read = async (
    seen: { readonly order: number; readonly waiting: readonly number[] },
    orders: readonly number[],
  ): Promise<number[]> => {
    const device = new ScriptedDevice()
    device.put(
      direct,
      orders.map((order, at) => messageOf(direct, at, carol, { order })),
    )
    const { messages } = await incoming(device.device, { [direct.id]: seen })
    return messages.map(({ message }) => message.position)
  }
  assert.deepEqual(await read({ order: 12, waiting: [] }, [10, 11, 12, 13]), [3])
  assert.deepEqual(await read({ order: 12, waiting: [11] }, [10, 11, 12, 13]), [1, 3])
  assert.deepEqual(await read({ order: 12, waiting: [] }, [10, 12, 1, 2, 13]), [2, 3, 4])
  assert.deepEqual(await read({ order: -1, waiting: [] }, [1, 2]), [0, 1])
})

test("receive --wait ends with the refusal's code as soon as the server refuses the device, such as when a copy of the profile took over", async () => {
  const device = new ScriptedDevice()
  device.put(team, [])
  const { run } = scriptedTerminal(device)
  const waiting = run(["receive", "--wait", "20"])
  setTimeout(() => {
    device.refusal = { status: "refused", code: "seat_taken", message: "Another connection of this device took over." }
    for (const listener of device.listeners) listener({ type: "connection", connection: device.refusal })
  }, 30)
  const { code, talk } = await waiting
  assert.equal(code, 6)
  assert.match(talk, /^nodoor: Another connection of this device took over\. \(seat_taken\)\n {2}next: use this profile in one place only/)
})
