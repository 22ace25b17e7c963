import assert from "node:assert/strict"
import { test } from "node:test"
import { createRemoteDevice } from "./remote-device.ts"
import type { Caller } from "./caller.ts"

const turned = "Ali\u202ece\u2066"

/** A device whose owner answers every call with `answer`. */
const answering = (answer: unknown): ReturnType<typeof createRemoteDevice> =>
  createRemoteDevice({ call: (async () => answer) as Caller["call"], receive: () => undefined })

test("names and titles come to the page without marks that turn the direction of writing around", async () => {
  const message = {
    sender: { name: turned, own: false },
    content: { type: "event", event: { kind: "renamed", name: turned } },
    inReplyTo: { senderName: turned, text: turned },
  }
  assert.deepEqual(await answering([{ title: turned, peer: { name: turned }, draft: turned, last: undefined }]).chats(), [
    { title: "Alice", peer: { name: "Alice" }, draft: turned, last: undefined },
  ])
  assert.deepEqual(await answering([message]).messagesById("c", ["m"]), [
    {
      sender: { name: "Alice", own: false },
      content: { type: "event", event: { kind: "renamed", name: "Alice" } },
      inReplyTo: { senderName: "Alice", text: turned },
    },
  ])
})

test("what is handed out as evidence or as one's own data is not altered", async () => {
  const data = { name: turned, bytes: Uint8Array.of(1) }
  assert.deepEqual(await answering(data).exportOwnData(), data)
  assert.deepEqual(await answering(data).exportEvidence("a"), data)
  assert.deepEqual(await answering(data).serverRecord(), data)
})

test("events come without such marks too, and bytes and words as they are", () => {
  const device = answering(undefined)
  const seen: unknown[] = []
  device.subscribe((event) => seen.push(event))
  const bytes = Uint8Array.of(1, 2)
  device.deliver({ type: "account", account: { name: turned, bytes } } as never)
  assert.deepEqual(seen, [{ type: "account", account: { name: "Alice", bytes } }])
})
