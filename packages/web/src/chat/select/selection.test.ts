import assert from "node:assert/strict"
import { test } from "node:test"
import type { MessageView } from "@nodoor/client"
import { copied, forward, selectedIn } from "./selection.ts"

const message = (id: string, name: string, markdown: string, own = false): MessageView =>
  ({ id, sender: { accountId: name, name, own }, content: { type: "text", markdown } }) as MessageView
const mention = `[@Ann](mimi://chat.example/u/${"0".repeat(32)})`
const three = [message("1", "Ann", "**one**"), message("2", "Me", "two", true), message("3", "Bob", `hi ${mention}`)]

test("what was selected is copied as it is shown, with names if it is more than one message", () => {
  assert.equal(copied(three.slice(0, 1)), "one")
  assert.equal(copied(three), "Ann: one\nMe: two\nBob: hi @Ann")
  assert.deepEqual(selectedIn(three, new Set(["3", "1", "9"])), [three[0], three[2]])
})

test("messages are passed on in their order, those of others marked, and nobody is mentioned in the other chat", async () => {
  const sent: unknown[] = []
  const send = async (chatId: string, given: object): Promise<never> => {
    if (chatId === "closed") throw new Error("closed")
    sent.push([chatId, given])
    return undefined as never
  }
  const failed = await forward({ send }, three, ["a", "closed", "b"])
  assert.deepEqual(
    failed.map(({ chatId }) => chatId),
    ["closed"],
  )
  const all = [{ text: "**one**", forwarded: true }, { text: "two" }, { text: "hi @Ann", forwarded: true }]
  assert.deepEqual(sent, [...all.map((one) => ["a", one]), ...all.map((one) => ["b", one])])
})
