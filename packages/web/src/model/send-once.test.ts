import assert from "node:assert/strict"
import { test } from "node:test"
import type { MessageView } from "@nodoor/client"
import { HostError } from "../host/host.ts"
import { sendOnce } from "./send-once.ts"

/** A store that writes or loses the first message when its owner goes in the middle of the call. */
function closing(written: boolean): { texts: string[]; send: () => Promise<never>; messages: () => Promise<never> } {
  const texts: string[] = ["hello"]
  let calls = 0
  return {
    texts,
    send: async () => {
      calls++
      if (calls > 1 || written) texts.push("hello")
      if (calls === 1) throw new HostError("changed_tabs", "another tab")
      return undefined as never
    },
    messages: async () =>
      ({
        messages: texts.map(
          (text, i) => ({ id: `m${i}`, sender: { own: true }, content: { type: "text", markdown: text } }) as MessageView,
        ),
        before: undefined,
        after: undefined,
      }) as never,
  }
}

test("a message that the closing tab had written is not sent again", async () => {
  const store = closing(true)
  await sendOnce(store, "c", { text: "hello" }, new Set(["m0"]))
  assert.equal(store.texts.length, 2)
})

test("a message that the closing tab had not written is sent by the next one", async () => {
  const store = closing(false)
  await sendOnce(store, "c", { text: "hello" }, new Set(["m0"]))
  assert.equal(store.texts.length, 2)
})

test("a refusal is handed on", async () => {
  const device = { ...closing(false), send: () => Promise.reject(new HostError("not_writable", "left")) }
  await assert.rejects(sendOnce(device, "c", { text: "x" }, new Set()), { code: "not_writable" })
})
