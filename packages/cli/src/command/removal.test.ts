import assert from "node:assert/strict"
import { test } from "node:test"
import { ScriptedDevice, bob, chatOf, scriptedTerminal } from "../fixtures/scripted-device.ts"

const text = "Bob is still in this chat: the server has not taken them out yet. Nothing is sent here until that is done."

test("while somebody is to go and has not gone, send says so with what can be done, and to send anyway is none of it", async () => {
  const device = new ScriptedDevice()
  const removal = { accounts: [bob.accountId], text, outOfHands: false }
  const chat = chatOf("11", { removal })
  device.put(chat, [])
  const { run } = scriptedTerminal(device)
  const sent = await run(["send", "--chat", "Team", "hello"])
  assert.equal(sent.code, 4)
  assert.equal(sent.out.length, 1, "the message is stored, and has an id")
  assert.match(sent.talk, /Bob is still in this chat.+\(removal_outstanding\)/)
  assert.match(sent.talk, /next: nodoor group retry 111111111111; or nodoor group leave 111111111111; or nodoor group create/)
  assert.ok(!sent.talk.includes("keep"))
  assert.equal((await run(["group", "remove", "Team", "@bob"])).code, 4)
  assert.equal((await run(["group", "retry", "Team"])).code, 4)
  assert.deepEqual(device.calls.slice(-2), [
    ["removeMember", chat.id, bob.accountId],
    ["retryRemoval", chat.id],
  ])
  assert.match((await run(["chats"])).out.join("\n"), /red: removal_outstanding/)

  device.chatList = [{ ...chat, removal: { ...removal, outOfHands: true } }]
  assert.match((await run(["send", "--chat", "Team", "hello"])).talk, /nodoor group keep 111111111111 @HANDLE/)
  await run(["group", "keep", "Team", "@bob"])
  assert.deepEqual(device.calls.at(-1), ["withdrawRemoval", chat.id, bob.accountId])
})

test("what cannot be sent because there is no connection is not blamed on somebody who is to go", async () => {
  const device = new ScriptedDevice()
  device.put(chatOf("11", { removal: { accounts: [bob.accountId], text, outOfHands: false } }), [])
  device.online = false
  const { run } = scriptedTerminal(device)
  const sent = await run(["send", "--chat", "Team", "hello"])
  assert.equal(sent.code, 5)
  assert.match(sent.talk, /\(not_sent\)/)
})
