import assert from "node:assert/strict"
import { test } from "node:test"
import { concat } from "@nodoor/bytes"
import { digest, nodeLogCrypto as crypto } from "../fixtures/account.ts"
import { Looker, answered } from "../fixtures/looker.ts"
import { refuses } from "../fixtures/refuses.ts"
import { TestLog } from "../fixtures/test-log.ts"
import { labelKey, verifySearch } from "./search-verify.ts"
import { encodeSearchResponse, isLabel } from "./search.ts"
import { tokenKeyEpochOf, tokenKeyLabel, verifyTokenKey } from "./token-key.ts"

const label = tokenKeyLabel(6929)
const keyId = digest("key for tokens")

function logWithKey(...values: readonly Uint8Array[]): TestLog {
  const log = new TestLog()
  for (const value of values) log.publish([{ label, value }])
  return log
}

test("the key for tokens of three days is found under its label, which has one spelling, and again later", () => {
  const looker = new Looker(logWithKey(keyId))
  const [found] = looker.look([label]).lookups
  assert.deepEqual(found, { status: "tokenKey", label, keyId })
  looker.known.set(labelKey(label), { kind: "tokenKey", keyId })
  assert.deepEqual(looker.look([label]).lookups, [found])
  assert.equal(looker.look([tokenKeyLabel(6930)]).lookups[0]?.status, "absent")
  assert.deepEqual([tokenKeyEpochOf(label), tokenKeyEpochOf(tokenKeyLabel(0))], [6929, 0])
  for (const odd of [label.subarray(1), label.subarray(0, 4), concat(label, label), tokenKeyLabel(0x40000000)]) {
    assert.equal(tokenKeyEpochOf(odd), undefined)
    assert.equal(isLabel(odd), false)
  }
})

test("P1: a second key for the same three days is refused", () => {
  new Looker(logWithKey(keyId, digest("for somebody else"))).refuses("token_key_versions", [label])
  const looker = new Looker(logWithKey(keyId, keyId))
  looker.refuses("token_key_versions", [label])
})

test("P2: what stands under the label of a key and is no hash of one is refused", () => {
  for (const value of [new Uint8Array(), keyId.subarray(1), concat(keyId, keyId)]) {
    const looker = new Looker(logWithKey(value))
    if (value.length === 0) looker.refuses("search_shape", [label])
    else looker.refuses("token_key_malformed", [label])
  }
})

test("P3: a key that is not the one of the log is refused, and so is any while the log holds none", () => {
  verifyTokenKey({ logged: keyId, given: keyId })
  refuses("token_key_differs", () => verifyTokenKey({ logged: keyId, given: digest("for one person") }))
  refuses("token_key_differs", () => verifyTokenKey({ logged: undefined, given: keyId }))
})

test("a key for tokens that was there and is gone, erased or another one is refused, and it is said to have no history", () => {
  const gone = new Looker(new TestLog())
  gone.known.set(labelKey(label), { kind: "tokenKey", keyId })
  gone.refuses("version_lower", [label])
  const other = new Looker(logWithKey(digest("another")))
  other.known.set(labelKey(label), { kind: "tokenKey", keyId })
  other.refuses("value_changed", [label])
  const log = logWithKey(keyId)
  new Looker(log).refuses("search_shape", [label], (response) => answered(response, 0, { states: [keyId] }))
  log.erase(label, { all: true })
  new Looker(log).refuses("search_shape", [label])
})

test("a server that answers with another value than the log committed to is refused", () => {
  const log = logWithKey(keyId)
  const looker = new Looker(log)
  looker.refuses("commitment", [label], (response) => answered(response, 0, { value: digest("for one person") }))
  const request = looker.request([label])
  const response = encodeSearchResponse(log.answer(request))
  const input = { pin: log.pin, stored: undefined, request, response, known: looker.known, indices: looker.indices, nowMs: log.timeMs }
  assert.equal(verifySearch(crypto, input).lookups.length, 1)
})
