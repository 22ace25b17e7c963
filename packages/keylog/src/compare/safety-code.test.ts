import assert from "node:assert/strict"
import { test } from "node:test"
import {
  check,
  digest,
  genesis,
  listed,
  nodeLogCrypto as crypto,
  signed,
  successor,
  testAccountId,
  testDevice,
} from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { TestLog } from "../fixtures/test-log.ts"
import { type HeadState, verifyHead } from "../checkpoint/head.ts"
import { decodeSafetyCode, encodeSafetyCode, judgeSafetyCode, safetyView } from "./safety-code.ts"

const [a, b] = [testDevice("a"), testDevice("b")]
const alice = genesis(["a"])
const aliceLater = check(alice, signed(successor(alice, [listed(a, 0), listed(b, 1)]), [a, b]))
const aliceGhost = check(alice, signed(successor(alice, [listed(b, 1)], { kind: "reset" }), [b]))
const bob = genesis(["m"], { accountId: digest("bob").slice(0, 16) as typeof testAccountId })

function headOf(log: TestLog): HeadState {
  const proof = log.headProof({ lastSize: undefined, logKey: log.pin.logKey, knownPolicy: undefined })
  return verifyHead(crypto, { pin: log.pin, stored: undefined, proof, nowMs: log.timeMs }).head
}

const log = new TestLog()
const older = headOf(log)
log.publish([])
const head = headOf(log)

/** What Alice's device shows. */
function shown(mine: typeof alice, theirs: typeof alice, at: HeadState = head): string {
  return encodeSafetyCode({ origin: at.origin, size: BigInt(at.size), root: at.root, mine: safetyView(mine), theirs: safetyView(theirs) })
}

test("A safety code is read back as it was written, and anything else is malformed", () => {
  const text = shown(alice, bob)
  assert.ok(text.length < 320)
  assert.deepEqual(encodeSafetyCode(decodeSafetyCode(text)), text)
  for (let i = 0; i < text.length; i++) refuses("malformed", () => decodeSafetyCode(text.slice(0, i)))
  refuses("malformed", () => decodeSafetyCode(`${text}A`))
  refuses("malformed", () => decodeSafetyCode(`nodoor-safety:2:${text.slice(16)}`))
  refuses("malformed", () => decodeSafetyCode(text + "A".repeat(5000)))
})

test("Two devices that see the same say so; one that is behind is told to look", () => {
  const judge = (text: string): unknown => judgeSafetyCode({ text, head, mine: bob, theirs: alice })
  assert.deepEqual(judge(shown(alice, bob)), { log: "same", mine: "same", theirs: "same" })
  assert.deepEqual(judge(shown(aliceLater, bob, older)), { log: "older", mine: "same", theirs: "newer" })
})

test("A2: a safety code between other people is refused", () => {
  refuses("wrong_account", () => judgeSafetyCode({ text: shown(alice, alice), head, mine: bob, theirs: alice }))
})

test("S3: a safety code shows that one version of an account has two states", () => {
  refuses("value_changed", () => judgeSafetyCode({ text: shown(aliceLater, bob), head, mine: bob, theirs: aliceGhost }))
})

test("T3: a fork is found by a safety code", () => {
  const fork = new TestLog()
  fork.publishDelta(new Uint8Array(64).fill(7))
  refuses("tree_fork", () => judgeSafetyCode({ text: shown(alice, bob, headOf(fork)), head, mine: bob, theirs: alice }))
})
