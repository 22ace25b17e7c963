import assert from "node:assert/strict"
import { test } from "node:test"
import { concat } from "@nodoor/bytes"
import { BrokenPromise } from "./broken-promise.ts"
import { ConnectionChecker, type ConnectionKind } from "./connection-checker.ts"

const [account, device, token] = [1, 2, 3].map((fill) => new Uint8Array(16).fill(fill)) as [Uint8Array, Uint8Array, Uint8Array]
const [here, there] = ["10.0.0.1", "10.0.0.2"]

function checker(): ConnectionChecker {
  const made = new ConnectionChecker()
  made.know("the account of a", account, here)
  made.know("the device of a", device, here)
  made.carried({ kind: "session", address: here, token, bytes: concat(account, device) })
  return made
}

test("A stream that carries anybody's account, device or session is found, wherever in the message it stands", () => {
  for (const kind of ["reading", "posting"] as const)
    for (const secret of [account, device, token])
      for (const address of [here, there])
        assert.throws(
          () => checker().carried({ kind, address, bytes: concat(new Uint8Array(7), secret, new Uint8Array(9)) }),
          BrokenPromise,
        )
})

test("A request without a session may ask for somebody else, and names neither itself nor any session", () => {
  for (const kind of ["anonymous", "lone"] as const) {
    checker().carried({ kind, address: there, bytes: account })
    assert.throws(() => checker().carried({ kind, address: here, bytes: account }), BrokenPromise)
    for (const address of [here, there]) assert.throws(() => checker().carried({ kind, address, bytes: token }), BrokenPromise)
  }
})

test("A session that is shown on a connection of another class is found", () => {
  for (const kind of ["anonymous", "lone", "reading", "posting"] as const satisfies readonly ConnectionKind[])
    assert.throws(() => checker().carried({ kind, address: here, token, bytes: new Uint8Array(1) }), BrokenPromise)
})
