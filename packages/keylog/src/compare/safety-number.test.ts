import assert from "node:assert/strict"
import { test } from "node:test"
import { check, digest, genesis, listed, nodeLogCrypto, signed, successor, testAccountId, testDevice } from "../fixtures/account.ts"
import { safetyIdentity, safetyNumber } from "./safety-number.ts"

const alice = genesis(["a"])
const bob = genesis(["m"], { accountId: digest("bob").slice(0, 16) as typeof testAccountId })
const number = safetyNumber(nodeLogCrypto, safetyIdentity(alice), safetyIdentity(bob))

test("Both people read the same 60 digits, and these stay what they are", () => {
  assert.match(number, /^[0-9]{60}$/)
  assert.equal(number, "859243505717567939715598679904875086791692926051821360022239")
  assert.equal(safetyNumber(nodeLogCrypto, safetyIdentity(bob), safetyIdentity(alice)), number)
})

test("A new device leaves the safety number as it is; a reset, another chain or another origin changes it", () => {
  const b = testDevice("b")
  const added = check(alice, signed(successor(alice, [listed(testDevice("a"), 0), listed(b, 1)]), [testDevice("a"), b]))
  assert.equal(safetyNumber(nodeLogCrypto, safetyIdentity(added), safetyIdentity(bob)), number)
  const reset = check(alice, signed(successor(alice, [listed(b, 1)], { kind: "reset" }), [b]))
  assert.notEqual(safetyNumber(nodeLogCrypto, safetyIdentity(reset), safetyIdentity(bob)), number)
  const identity = safetyIdentity(alice)
  assert.notEqual(safetyNumber(nodeLogCrypto, { ...identity, origin: "b.example/kt/1" }, safetyIdentity(bob)), number)
  assert.notEqual(
    safetyNumber(nodeLogCrypto, { ...identity, genesisHash: digest("x") as typeof identity.genesisHash }, safetyIdentity(bob)),
    number,
  )
})
