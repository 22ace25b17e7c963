import assert from "node:assert/strict"
import { test } from "node:test"
import type { MessagePage, MessageView } from "@nodoor/client"
import { createConversation, windowSize } from "./conversation.ts"

/** A history of `count` messages whose positions are their numbers. */
function history(count: number): {
  messages: (chatId: string, page?: { before?: number; after?: number; around?: string; limit?: number }) => Promise<MessagePage>
  reads: () => number
  view: (n: number) => MessageView
  /** One more at the end, as an event tells it. */
  add: () => MessageView
} {
  let size = count
  let reads = 0
  const view = (n: number): MessageView => ({ id: `m${n}`, timeMs: n, position: n }) as MessageView
  const slice = (from: number, to: number): MessagePage => {
    const start = Math.max(0, from)
    const end = Math.min(size, to)
    return {
      messages: Array.from({ length: Math.max(0, end - start) }, (_, i) => view(start + i)),
      before: start > 0 ? start : undefined,
      after: end < size ? end - 1 : undefined,
    }
  }
  return {
    reads: () => reads,
    view,
    add: () => view(size++),
    async messages(_, page = {}) {
      reads++
      const limit = page.limit ?? 50
      if (page.before !== undefined) return slice(page.before - limit, page.before)
      if (page.after !== undefined) return slice(page.after + 1, page.after + 1 + limit)
      if (page.around !== undefined) return slice(Number(page.around.slice(1)) - limit / 2, Number(page.around.slice(1)) + limit / 2)
      return slice(size - limit, size)
    },
  }
}

const ids = (messages: readonly MessageView[] | undefined): string => `${messages?.[0]?.id}..${messages?.at(-1)?.id}`

test("the window moves to the beginning and back to the end without a gap and never grows past its size", async () => {
  const chat = createConversation(history(400), "c", { firstUnreadId: undefined })
  await chat.showEnd()
  assert.equal(ids(chat.messages.value), "m340..m399")
  while (chat.hasOlder.value) {
    await chat.loadOlder()
    assert.ok((chat.messages.value?.length ?? 0) <= windowSize)
  }
  assert.equal(chat.messages.value?.[0]?.id, "m0")
  assert.equal(chat.hasNewer.value, true)
  while (chat.hasNewer.value) {
    await chat.loadNewer()
    const numbers: number[] = chat.messages.value?.map((message) => message.timeMs) ?? []
    const firstNumber = numbers[0] ?? 0
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => firstNumber + i),
    )
  }
  assert.equal(chat.messages.value?.at(-1)?.id, "m399")
})

test("what changed is put in its place without a read: at the end what is new, away from it only what is shown", async () => {
  const store = history(200)
  const chat = createConversation(store, "c", { firstUnreadId: undefined })
  await chat.showEnd()
  chat.take({ messages: [store.add()], removed: [] })
  assert.equal(ids(chat.messages.value), "m140..m200")
  assert.equal(store.reads(), 1)
  await chat.showMessage("m40")
  assert.equal(chat.spotlight.value, "m40")
  chat.take({ messages: [{ ...store.view(41), edited: true }, store.add()], removed: ["m42"] })
  assert.equal(store.reads(), 2)
  assert.deepEqual(
    chat.messages.value?.filter((message) => message.edited).map((message) => message.id),
    ["m41"],
  )
  assert.equal(ids(chat.messages.value), "m10..m69")
  assert.ok(!chat.messages.value?.some((message) => message.id === "m42"))
})

test("an own message moves to the place that the server gave it, and the window at the end stays within its size", async () => {
  const store = history(0)
  const chat = createConversation(store, "c", { firstUnreadId: undefined })
  await chat.showEnd()
  const queued = 2 ** 52
  chat.take({ messages: [{ ...store.view(1), position: queued + 1 }], removed: [] })
  chat.take({ messages: [store.view(2)], removed: [] })
  assert.deepEqual(
    chat.messages.value?.map(({ id }) => id),
    ["m2", "m1"],
  )
  chat.take({ messages: [store.view(1)], removed: [] })
  assert.deepEqual(
    chat.messages.value?.map(({ id }) => id),
    ["m1", "m2"],
  )
  for (let n = 3; n <= windowSize + 10; n++) chat.take({ messages: [store.view(n)], removed: [] })
  assert.equal(ids(chat.messages.value), `m11..m${windowSize + 10}`)
  assert.equal(chat.hasOlder.value, true)
})

test("a change that comes while a page is on its way is in it, even if the page was read before", async () => {
  const store = history(5)
  let send = (): void => {}
  const held = new Promise<void>((resolve) => (send = resolve))
  const messages = async (...args: Parameters<typeof store.messages>): Promise<MessagePage> => {
    const page = await store.messages(...args)
    await held
    return page
  }
  const chat = createConversation({ messages }, "c", { firstUnreadId: undefined })
  const shown = chat.showEnd()
  await new Promise((resolve) => setImmediate(resolve))
  chat.take({ messages: [store.add()], removed: ["m0"] })
  send()
  await shown
  assert.equal(ids(chat.messages.value), "m1..m5")
})

test("a page that cannot be read is a failure that the next success clears", async () => {
  const store = history(10)
  let broken = true
  const chat = createConversation(
    { ...store, messages: (...args) => (broken ? Promise.reject(new Error("disk")) : store.messages(...args)) },
    "c",
    { firstUnreadId: undefined },
  )
  await chat.showEnd()
  assert.equal(chat.failure.value?.code, "unexpected")
  broken = false
  await chat.showEnd()
  assert.equal(chat.failure.value, undefined)
  assert.equal(chat.messages.value?.length, 10)
})

test("a message that is deleted while somebody answers or changes it is let go of, at the end and away from it", async () => {
  for (const count of [20, 400]) {
    const device = history(count)
    const deleted = (view: MessageView): MessageView => ({ ...view, content: { type: "deleted" } })
    const chat = createConversation(device, "c", { firstUnreadId: undefined })
    if (count === 20) await chat.showEnd()
    else await chat.showMessage("m10")
    const [kept, taken] = [chat.messages.value?.[3], chat.messages.value?.[4]]
    assert.ok(kept && taken)
    chat.replyTo.value = taken
    chat.editing.value = kept
    chat.take({ messages: [{ ...kept, content: { type: "text", markdown: "y" } }], removed: [] })
    assert.equal(chat.replyTo.value?.id, taken.id)
    chat.take({ messages: [deleted(taken)], removed: [] })
    assert.deepEqual([chat.replyTo.value, chat.editing.value?.id], [undefined, kept.id])
    chat.take({ messages: [], removed: [kept.id] })
    assert.equal(chat.editing.value, undefined)
  }
})
