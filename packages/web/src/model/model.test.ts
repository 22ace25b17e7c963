import assert from "node:assert/strict"
import { test } from "node:test"
import type { ChatView, ClientEvent, Device, MessagePage, MessageView } from "@nodoor/client"
import { createModel } from "./model.ts"

const view = (id: string, rest: Partial<ChatView> = {}): ChatView =>
  ({ id, kind: "dm", title: id, state: "active", unreadCount: 0, activity: 0, ...rest }) as ChatView
const message = (position: number, markdown: string): MessageView =>
  ({
    id: `m${position}`,
    chatId: "c",
    position,
    sender: { accountId: "b", name: "Bob", own: false },
    content: { type: "text", markdown },
  }) as MessageView

/** A device that counts what is read of it; `held` keeps the list back until it is called. */
function countedDevice(chats: readonly ChatView[]): {
  readonly device: Device
  readonly reads: string[]
  readonly tell: (event: ClientEvent) => void
} {
  const reads: string[] = []
  const listeners = new Set<(event: ClientEvent) => void>()
  const answers: Partial<Record<keyof Device, () => unknown>> = {
    chats: () => chats,
    alarms: () => [],
    operatorNotices: () => [],
    connection: () => ({ status: "online" }),
    messages: (): MessagePage => ({ messages: [message(1, "first")], before: undefined, after: undefined }),
  }
  const device = new Proxy({} as Device, {
    get: (_, method: keyof Device) => {
      if (method === "subscribe")
        return (listener: (event: ClientEvent) => void) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        }
      return async () => {
        reads.push(method)
        return answers[method]?.()
      }
    },
  })
  return { device, reads, tell: (event) => listeners.forEach((listener) => listener(event)) }
}

const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test("what an event tells is shown as it came, in the list, the open chat and the live region, and nothing is read for it", async () => {
  const { device, reads, tell } = countedDevice([view("c"), view("d")])
  const model = createModel(device, {} as never)
  await rest()
  model.open("c")
  await rest()
  reads.length = 0
  const arrived = message(2, "second")
  const chat = view("c", { unreadCount: 1, activity: 5 })
  tell({ type: "chat", id: "c", chat, messages: [arrived], removed: [], incoming: ["m2"] })
  tell({ type: "chat", id: "d", chat: undefined, messages: [], removed: [], incoming: [] })
  tell({ type: "chat", id: "e", chat: view("e"), messages: [message(9, "elsewhere")], removed: [], incoming: [] })
  tell({ type: "contacts", ids: ["b"], contacts: [] })
  tell({ type: "operator_notices", notices: [] })
  tell({ type: "canary", canary: { status: "none" } as never })
  await rest()
  assert.deepEqual([...(model.chats.value?.values() ?? [])], [chat, view("e")])
  assert.deepEqual(
    model.conversation.value?.messages.value?.map(({ id }) => id),
    ["m1", "m2"],
  )
  assert.equal(model.unreadCount.value, 1)
  assert.equal(model.canary.value?.status, "none")
  await new Promise((resolve) => setTimeout(resolve, 750))
  assert.match(model.announcement.value, /second/)
  assert.deepEqual(reads, [])
  model.stop()
})

test("a chat that changes while the list is on its way is shown as it is after the change", async () => {
  const { device, tell } = countedDevice([view("c"), view("d")])
  const model = createModel(device, {} as never)
  tell({ type: "chat", id: "c", chat: view("c", { unreadCount: 2 }), messages: [], removed: [], incoming: [] })
  tell({ type: "chat", id: "d", chat: undefined, messages: [], removed: [], incoming: [] })
  await rest()
  assert.deepEqual([...(model.chats.value?.values() ?? [])], [view("c", { unreadCount: 2 })])
  model.stop()
})
