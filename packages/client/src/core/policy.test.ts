import assert from "node:assert/strict"
import { test } from "node:test"
import { type CborValue, CodecError, encodeCbor } from "@nodoor/bytes"
import { decodePolicy, encodePolicy, policyLimits } from "./policy.ts"

const id = (value: number): Uint8Array => new Uint8Array(16).fill(value)
const honest: Readonly<Record<string, CborValue>> = {
  version: 1,
  kind: "group",
  name: "Weekend",
  picture: null,
  roles: [
    [id(1), "admin"],
    [id(2), "admin"],
  ],
  rules: { add: "admins", rename: "admins", post: "everyone" },
  expiry: null,
}

function assertRefused(wrong: Readonly<Record<string, CborValue>>): void {
  assert.throws(() => decodePolicy(encodeCbor({ ...honest, ...wrong })), CodecError, JSON.stringify(wrong))
}

function assertTaken(right: Readonly<Record<string, CborValue>>): void {
  const encoded = encodeCbor({ ...honest, ...right })
  assert.deepEqual(encodePolicy(decodePolicy(encoded)), encoded)
}

test("A policy of another version or kind, or with a rule or a role that is none, is refused", () => {
  assertTaken({})
  for (const version of [0, 2, "1"]) assertRefused({ version })
  for (const kind of ["channel", "", 1]) assertRefused({ kind })
  for (const add of ["nobody", null]) assertRefused({ rules: { add, rename: "admins", post: "everyone" } })
  assertRefused({ rules: { add: "admins", rename: "admins" } })
  for (const role of ["member", "owner", 1]) assertRefused({ roles: [[id(1), role]] })
})

test("A policy's name is text without control characters of at most 256 bytes, its picture has at most 4,096", () => {
  assertTaken({ name: "ä".repeat(policyLimits.nameBytes / 2) })
  assertRefused({ name: "ä".repeat(policyLimits.nameBytes / 2 + 1) })
  for (const name of ["a\nb", "a\u0085b", 1, null]) assertRefused({ name })
  assertTaken({ picture: new Uint8Array(policyLimits.pictureBytes) })
  assertRefused({ picture: new Uint8Array(policyLimits.pictureBytes + 1) })
  assertRefused({ picture: "picture" })
})

test("An expiry is a whole number of seconds in four bytes, and not zero", () => {
  for (const expiry of [1, 0xffffffff]) assertTaken({ expiry })
  for (const expiry of [0, -1, 2 ** 32, 1.5, "1"]) assertRefused({ expiry })
})

test("A group shares the last 1 to 200 messages or those of 1 to 30 days with new members, or nothing; a chat of two never", () => {
  for (const history of [
    ["messages", 1],
    ["messages", 200],
    ["days", 1],
    ["days", 30],
  ])
    assertTaken({ history })
  for (const history of [null, ["messages", 0], ["messages", 201], ["days", 31], ["days", 1.5], ["hours", 1], ["days"], ["days", 1, 1], 7])
    assertRefused({ history })
  for (const kind of ["dm", "self"]) {
    assertTaken({ kind })
    assertRefused({ kind, history: ["days", 1] })
  }
})

test("Roles are of accounts, each once, in ascending order, and at most 1,024", () => {
  const many = (count: number): CborValue[] =>
    Array.from({ length: count }, (_, at) => {
      const account = id(0)
      new DataView(account.buffer).setUint32(0, at)
      return [account, "admin"]
    })
  assertTaken({ roles: [] })
  assertTaken({ roles: many(1_024) })
  assertRefused({ roles: many(1_025) })
  assertRefused({ roles: [[id(1).slice(1), "admin"]] })
  assertRefused({ roles: [[id(1), "admin", 1]] })
  for (const order of [
    [2, 1],
    [1, 1],
  ])
    assertRefused({ roles: order.map((value) => [id(value), "admin"]) })
})
