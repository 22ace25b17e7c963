import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, CodecError, bytes, encodeCbor } from "@nodoor/bytes"
import { decodeIdentity, encodeIdentity } from "./credential.ts"

const [account, device] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)]

test("A leaf's identity is an origin and two ids of 16 bytes, in one encoding, and anything else is refused", () => {
  const identity = { origin: "chat.example", accountId: bytes<"AccountId">(account), deviceId: bytes<"DeviceId">(device) }
  assert.deepEqual(decodeIdentity(encodeIdentity(identity)), identity)
  const wrong: readonly CborValue[] = [
    ["chat.example", account],
    ["chat.example", account, device, device],
    ["", account, device],
    ["Chat Example", account, device],
    [1, account, device],
    ["chat.example", account.slice(1), device],
    ["chat.example", account, new Uint8Array(17)],
    ["chat.example", "account", device],
    "chat.example",
  ]
  for (const value of wrong) assert.throws(() => decodeIdentity(encodeCbor(value)), CodecError, JSON.stringify(value))
})
