import assert from "node:assert/strict"
import { test } from "node:test"
import type { MessagePage, MessageView } from "@nodoor/client"
import { createConversation, windowSize } from "./conversation.ts"

/** A history of `count` messages whose positions are their numbers. */
function history(count: number): {
  messages: (chatId: string, page?: { before?: number; after?: number; around?: string; limit?: number }) => Promise<MessagePage>
  messagesById: (chatId: string, ids: readonly string[]) => Promise<MessageView[]>
  add: () => void
} {
  let size = count
  const view = (n: number): MessageView => ({ id: `m${n}`, timeMs: n }) as MessageView
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
    add: () => void size++,
    messagesById: async (_, ids) => ids.map((id) => ({ ...view(Number(id.slice(1))), edited: true })),
    async messages(_, page = {}) {
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

test("at the end a new message appears; away from the end only what is shown is read again", async () => {
  const store = history(200)
  const chat = createConversation(store, "c", { firstUnreadId: undefined })
  await chat.showEnd()
  store.add()
  await chat.refresh(["m200"])
  assert.equal(ids(chat.messages.value), "m140..m200")
  await chat.showMessage("m40")
  assert.equal(chat.spotlight.value, "m40")
  store.add()
  await chat.refresh(["m201", "m41"])
  assert.deepEqual(
    chat.messages.value?.filter((message) => message.edited).map((message) => message.id),
    ["m41"],
  )
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
    const gone = new Set<string>()
    const of = (view: MessageView): MessageView => ({
      ...view,
      content: gone.has(view.id) ? { type: "deleted" } : { type: "text", markdown: "x" },
    })
    const chat = createConversation(
      {
        messages: async (...args) => {
          const page = await device.messages(...args)
          return { ...page, messages: page.messages.map(of) }
        },
        messagesById: async (...args) => (await device.messagesById(...args)).map(of),
      },
      "c",
      { firstUnreadId: undefined },
    )
    if (count === 20) await chat.showEnd()
    else await chat.showMessage("m10")
    const [kept, taken] = [chat.messages.value?.[3], chat.messages.value?.[4]]
    chat.replyTo.value = taken
    chat.editing.value = kept
    await chat.refresh([kept?.id ?? ""])
    assert.equal(chat.replyTo.value?.id, taken?.id)
    gone.add(taken?.id ?? "")
    await chat.refresh([taken?.id ?? ""])
    assert.deepEqual([chat.replyTo.value, chat.editing.value?.id], [undefined, kept?.id])
  }
})
