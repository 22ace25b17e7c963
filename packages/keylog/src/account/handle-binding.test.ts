import assert from "node:assert/strict"
import { test } from "node:test"
import { equal } from "@nodoor/bytes"
import {
  check,
  digest,
  genesis,
  listed,
  nodeLogCrypto,
  signed,
  successor,
  testAccountId,
  testDevice,
  testOrigin,
} from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { handleLabel, isHandle, signHandleBinding, verifyHandleBinding } from "./handle-binding.ts"

const a = testDevice("a")
const account = genesis(["a"])
const content = {
  origin: testOrigin,
  handle: "alice",
  accountId: testAccountId,
  genesisHash: account.genesisHash,
  deviceId: a.deviceId,
}
const binding = signHandleBinding(nodeLogCrypto, content, a.privateKey)
const verify = (over: object = {}) =>
  verifyHandleBinding(nodeLogCrypto, {
    binding,
    origin: testOrigin,
    handle: "alice",
    states: [account],
    ...over,
  })

test("A handle binding signed by a device of the account is taken, also after that device is gone", () => {
  assert.ok(equal(verify().accountId, testAccountId))
  const b = testDevice("b")
  const later = check(account, signed(successor(account, [listed(b, 1)]), [a, b]))
  assert.ok(equal(verify({ states: [account, later] }).genesisHash, account.genesisHash))
})

test("H1: a handle is 3 to 32 of a-z 0-9 . _ - in lower case", () => {
  for (const good of ["abc", "a.b_c-9", "a".repeat(32)]) assert.ok(isHandle(good))
  for (const bad of ["", "ab", "a".repeat(33), "Alice", "ali ce", "ålice", "alice\n", "@alice"]) {
    assert.ok(!isHandle(bad))
    refuses("handle_invalid", () => handleLabel(bad))
    refuses("handle_invalid", () => signHandleBinding(nodeLogCrypto, { ...content, handle: bad }, a.privateKey))
  }
})

test("H2: the binding of another handle is refused, and so is one of another log", () => {
  refuses("handle_mismatch", () => verify({ handle: "alicia" }))
  refuses("wrong_origin", () => verify({ origin: "evil.example/kt/1" }))
})

test("H3: a handle remapped to another account, another chain or an unknown device is refused", () => {
  const mallory = genesis(["m"], {
    accountId: digest("mallory").slice(0, 16) as typeof testAccountId,
  })
  refuses("handle_account", () => verify({ states: [mallory] }))
  refuses("handle_account", () => verify({ states: [genesis(["a", "b"])] }))
  const byStranger = signHandleBinding(nodeLogCrypto, { ...content, deviceId: testDevice("x").deviceId }, a.privateKey)
  refuses("handle_account", () => verify({ binding: byStranger }))
  refuses("handle_account", () => verify({ states: [] }))
})

test("H4: a binding not signed by the device it names is refused", () => {
  refuses("handle_signature", () => verify({ binding: signHandleBinding(nodeLogCrypto, content, digest("another seed")) }))
})

test("Every flipped byte of a handle binding is refused with a code", () => {
  for (let i = 0; i < binding.length; i++) {
    const bad = binding.slice()
    bad[i] = (bad[i] as number) ^ 0x01
    refuses(undefined, () => verify({ binding: bad }))
    refuses("malformed", () => verify({ binding: binding.subarray(0, i) }))
  }
  refuses("malformed", () => verify({ binding: new Uint8Array(1000) }))
})
