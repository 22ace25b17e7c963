import assert from "node:assert/strict"
import { test } from "node:test"
import { type Answerer, createAnswerer } from "./answerer.ts"
import { createCaller } from "./caller.ts"
import type { FromOwner, Owner, ToOwner } from "./messages.ts"
import { createRemoteDevice } from "./remote-device.ts"

/** Two tabs and a channel on which the present owner, if any, listens. */
function world(): { owner: (name: string, api: Partial<Owner>) => void; orphan: () => void; tabs: ReturnType<typeof createCaller>[] } {
  let owner: Answerer | undefined
  const tabs: ReturnType<typeof createCaller>[] = []
  const toTabs = (message: FromOwner): void => tabs.forEach((tab) => tab.receive(structuredClone(message)))
  const toOwner = (message: ToOwner): void => void owner?.receive(structuredClone(message))
  tabs.push(createCaller({ tab: "a", send: toOwner }), createCaller({ tab: "b", send: toOwner }))
  return {
    tabs,
    orphan: () => void (owner = undefined),
    owner(name, api) {
      const next = createAnswerer({ owner: name, send: (message) => (owner === next ? toTabs(message) : undefined), api: () => api })
      owner = next
      next.setState({ status: "empty" })
    },
  }
}

const never = (): Promise<never> => new Promise(() => {})

test("a call made before any owner is there is answered once one is", async () => {
  const { tabs, owner } = world()
  const answer = tabs[0]?.call("search", "tea", 3)
  owner("1", { search: async (text) => [{ id: text } as never] })
  assert.deepEqual(await answer, [{ id: "tea" }])
})

test("an answer reaches only the tab that asked", async () => {
  const { tabs, owner } = world()
  owner("1", { setName: async () => undefined, rename: never })
  const other = tabs[1]?.call("rename", "c", "n")
  await tabs[0]?.call("setName", "x")
  assert.equal(await Promise.race([other?.then(() => "answered"), Promise.resolve("waiting")]), "waiting")
})

test("when the owner goes, repeatable calls are put to the next one and the others are refused as changed_tabs", async () => {
  const { tabs, owner, orphan } = world()
  owner("1", { chats: never, edit: never })
  const read = tabs[1]?.call("chats")
  const changed = tabs[1]?.call("edit", "c", "m", "hello")
  const refused = assert.rejects(changed ?? never(), { code: "changed_tabs" })
  orphan()
  let edits = 0
  owner("2", { chats: async () => [], edit: async () => void edits++ })
  assert.deepEqual(await read, [])
  await refused
  assert.equal(edits, 0)
})

test("a message under way when the owner goes is put to the next one under the same id, and an equal one has its own", async () => {
  const { tabs, owner, orphan } = world()
  const ids: string[][] = [[], []]
  const taking = (by: number): Partial<Owner> => ({
    send: async (_chat, message) => {
      ids[by]?.push(message.id ?? "")
      return by === 0 ? await never() : ({ id: message.id } as never)
    },
  })
  owner("1", taking(0))
  const tab = tabs[1]
  assert.ok(tab)
  const device = createRemoteDevice(tab)
  const sent = [device.send("c", { text: "yes" }), device.send("c", { text: "yes" })]
  orphan()
  owner("2", taking(1))
  await Promise.all(sent)
  assert.deepEqual(ids[0], ids[1])
  assert.match(ids[0]?.[0] ?? "", /^[0-9a-f]{32}$/)
  assert.notEqual(ids[0]?.[0], ids[0]?.[1])
})

test("an error crosses with its code, and one that is not ours without pretending to be", async () => {
  const { tabs, owner } = world()
  const coded = Object.assign(new Error("No such handle."), { code: "not_found" })
  owner("1", {
    findContact: () => Promise.reject(coded),
    contacts: () => Promise.reject(new TypeError("x is undefined")),
  })
  await assert.rejects(tabs[0]?.call("findContact", "@x") ?? never(), { code: "not_found", message: "No such handle." })
  await assert.rejects(tabs[0]?.call("contacts") ?? never(), { code: "unexpected" })
  await assert.rejects(tabs[0]?.call("devices") ?? never(), { code: "not_ready" })
})

test("a method that is not on the list is refused even if the object has it", async () => {
  const sent: FromOwner[] = []
  const answerer = createAnswerer({ owner: "1", send: (message) => sent.push(message), api: () => ({}) })
  answerer.setState({ status: "empty" })
  sent.length = 0
  await answerer.receive({ to: "owner", type: "call", tab: "a", call: 1, method: "constructor", args: [] })
  assert.deepEqual(
    sent.map((message) => message.type === "answer" && !message.ok && message.fault.code),
    ["unexpected"],
  )
})

test("calls that come while the device is being opened are answered once it is open", async () => {
  const sent: FromOwner[] = []
  let open = false
  const answerer = createAnswerer({ owner: "1", send: (message) => sent.push(message), api: () => (open ? { chats: async () => [] } : {}) })
  await answerer.receive({ to: "owner", type: "call", tab: "a", call: 1, method: "chats", args: [] })
  assert.equal(sent.length, 0)
  open = true
  answerer.setState({ status: "empty" })
  await new Promise((done) => setImmediate(done))
  assert.deepEqual(
    sent.map((message) => message.type === "answer" && message.ok),
    [false, true],
  )
})

test("an answer is sent to the tab that asked and to no other", async () => {
  const heard: Record<string, FromOwner[]> = { a: [], b: [], all: [] }
  const answerer = createAnswerer({
    owner: "1",
    send: (message) => heard[message.type === "answer" ? message.tab : "all"]?.push(message),
    api: () => ({ chats: async () => [] }),
  })
  answerer.setState({ status: "empty" })
  for (const [tab, call] of [
    ["a", 1],
    ["b", 1],
    ["a", 2],
  ] as const)
    await answerer.receive({ to: "owner", type: "call", tab, call, method: "chats", args: [] })
  const calls = (tab: string): unknown[] => (heard[tab] ?? []).map((message) => message.type === "answer" && message.call)
  assert.deepEqual([calls("a"), calls("b")], [[1, 2], [1]])
  assert.ok(heard["all"]?.every((message) => message.type !== "answer"))
})
