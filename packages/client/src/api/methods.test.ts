import assert from "node:assert/strict"
import { test } from "node:test"
import { type DeviceMethod, checkedArguments, deviceThrough, methods } from "./methods.ts"

const hex = "0a".repeat(16)

test("every method of the table goes through the one call, with its name and its arguments", async () => {
  const called: unknown[] = []
  const device = deviceThrough(async (method, args) => void called.push([method, ...args]))
  await device.rename(hex, "Team")
  await device.messages(hex, { limit: 3 })
  await device.chats()
  assert.deepEqual(called, [["rename", hex, "Team"], ["messages", hex, { limit: 3 }], ["chats"]])
  assert.deepEqual(Object.keys(device), Object.keys(methods))
})

test("arguments are handed on as they are taken, without what was left out", () => {
  for (const [method, given, taken = given] of [
    ["messages", [hex, { before: undefined, limit: 3 }], [hex, { limit: 3 }]],
    ["messages", [hex], [hex, undefined]],
    ["messages", [hex, { before: -7 }]],
    ["send", [hex, { text: "hello", inReplyTo: hex }]],
    ["createGroup", [{ name: "Team", accountIds: [hex, hex] }]],
    ["setRules", [hex, { add: "admins", rename: "everyone", post: "admins" }]],
    ["setChatOptions", [hex, { muted: true, draft: "" }]],
    ["react", [hex, hex, "👍", false]],
  ] as const satisfies readonly (readonly [DeviceMethod, readonly unknown[], (readonly unknown[])?])[])
    assert.deepEqual(checkedArguments(method, given), taken)
})

test("what a method does not take is refused: other types, other fields, other words, ids that are none", () => {
  for (const [method, ...args] of [
    ["chat", 7],
    ["chat", "0A".repeat(16)],
    ["chat", "abc"],
    ["chat", "00".repeat(65)],
    ["chat"],
    ["messages", hex, { limit: -1 }],
    ["messages", hex, { limit: "3" }],
    ["messages", hex, { __proto__x: 1 }],
    ["messages", hex, null],
    ["messagesById", hex, [hex, 1]],
    ["messagesById", hex, "list"],
    ["send", hex, { text: ["x"] }],
    ["send", hex, { text: "x", constructor: 1 }],
    ["createGroup", { name: "Team" }],
    ["setRole", hex, hex, "owner"],
    ["setRules", hex, { add: "admins" }],
    ["setChatOptions", hex, { muted: "1" }],
    ["setBlocked", hex, "yes"],
    ["settled", Number.NaN],
    ["settled", Number.POSITIVE_INFINITY],
    ["rename", hex, "x".repeat(4_000_001)],
    ["addMembers", hex, Array.from({ length: 10_001 }, () => hex)],
    ["send", hex, null],
    ["send", hex, "hello"],
    ["setRules", hex, { add: "admins", rename: "everyone", post: "admins", pin: "admins" }],
  ] as const satisfies readonly (readonly [DeviceMethod, ...unknown[]])[])
    assert.throws(
      () => checkedArguments(method, args),
      { name: "InvalidArgument", code: "invalid_input" },
      `${method} ${JSON.stringify(args)}`,
    )
})
