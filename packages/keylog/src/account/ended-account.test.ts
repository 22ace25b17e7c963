import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, equal } from "@nodoor/bytes"
import { type VerifiedAccountState } from "./account-chain.ts"
import { type AccountState } from "./account-state.ts"
import { genesis, listed, signed, successor } from "../fixtures/account.ts"
import { refuses } from "../fixtures/refuses.ts"
import { TestLog } from "../fixtures/test-log.ts"
import { labelKey } from "../search/search-verify.ts"
import { type SearchResponse } from "../search/search.ts"

import { a, b, label, handle, Looker, accountLog, answered } from "../fixtures/looker.ts"

/** An account of three versions that has ended, its openings and values erased but for the end. */
function endedLog(): { log: TestLog; chain: VerifiedAccountState[]; tombstone: Uint8Array } {
  const { log, chain } = accountLog(3)
  const tombstone = signed(successor(chain.at(-1), [], { kind: "tombstone" }), [a])
  log.publish([{ label, value: tombstone }])
  log.erase(label)
  log.erase(handle, { all: true })
  return { log, chain, tombstone }
}

/** What a device that knows a version of the account believes of the log. */
function knowing(log: TestLog, account: VerifiedAccountState): Looker {
  const looker = new Looker(log)
  looker.known.set(labelKey(label), { kind: "account", account })
  return looker
}

test("an account whose states were erased is an ended one: proven to who knows its last version, and without any key to everybody else", () => {
  const { log, chain, tombstone } = endedLog()
  const stranger = new Looker(log)
  assert.deepEqual(
    stranger.look([handle, label]).lookups.map((found) => (found.status === "ended" ? found.version : found.status)),
    [0, 3],
  )
  const last = knowing(log, chain[2] as VerifiedAccountState)
  const [proven] = last.look([label]).lookups
  assert.ok(proven?.status === "account" && proven.account.kind === "tombstone" && equal(proven.account.signed, tombstone))
  assert.equal(last.look([label]).lookups[0]?.status, "account", "and once it is known, asked again")
  const early = knowing(log, chain[0] as VerifiedAccountState)
  assert.equal(early.look([label]).lookups[0]?.status, "ended")
})

test("S5: a server that shows a living account as erased is refused", () => {
  const { log, chain } = accountLog(3)
  log.erase(label)
  new Looker(log).refuses("erased_living", [label])
  knowing(log, chain[0] as VerifiedAccountState).refuses("erased_living", [label])
  knowing(log, chain[1] as VerifiedAccountState).look([label])
  const shown = (response: SearchResponse): SearchResponse => {
    const [answer] = response.answers
    assert.ok(answer?.status === "present")
    const { version, opening, value, vrfProofs } = answer
    return { ...response, answers: [{ status: "erased", version, tombstone: { opening, value }, vrfProofs }] }
  }
  knowing(log, chain[1] as VerifiedAccountState).refuses("erased_living", [label], shown)
})

test("an end that no device signed is refused by who knows the version before, and brings nobody else a key", () => {
  const { log, chain } = accountLog(3)
  const forged = signed(successor(chain.at(-1), [], { kind: "tombstone" }), [{ ...b, deviceId: a.deviceId }])
  log.publish([{ label, value: forged }])
  log.erase(label)
  knowing(log, chain[2] as VerifiedAccountState).refuses("account_bad_signature", [label])
  assert.deepEqual(new Looker(log).look([label]).lookups[0], { status: "ended", label, version: 3 })
})

test("an end with keys, of another account, version or log, or with resets uncounted is none", () => {
  const { chain } = accountLog(3)
  const last = chain.at(-1) as VerifiedAccountState
  const refusesEnd = (code: Parameters<typeof refuses>[0], more: Partial<AccountState>, known?: VerifiedAccountState): void => {
    const { log } = accountLog(3)
    log.publish([{ label, value: signed(successor(last, [], { kind: "tombstone", ...more }), [a]) }])
    log.erase(label)
    ;(known ? knowing(log, known) : new Looker(log)).refuses(code, [label])
  }
  refusesEnd("account_no_device", { devices: [listed(a, 0)] })
  refusesEnd("account_no_device", { recoveryKey: b.publicKey })
  refusesEnd("wrong_account", { accountId: bytes(new Uint8Array(16)) })
  refusesEnd("wrong_origin", { origin: "other.example/kt/1" })
  refusesEnd("account_version", { version: 9 })
  refusesEnd("account_reset_count", {}, { ...(chain[0] as VerifiedAccountState), state: { ...last.state, version: 0, resetCount: 2 } })
})

test("an account that was shown as ended is never shown otherwise again", () => {
  const { log } = endedLog()
  const looker = new Looker(log)
  looker.known.set(labelKey(label), { kind: "ended", version: 3 })
  assert.equal(looker.look([label]).lookups[0]?.status, "ended")
  log.publish([{ label, value: genesis(["b"]).signed }])
  looker.refuses("account_after_tombstone", [label])
  looker.known.set(labelKey(label), { kind: "ended", version: 5 })
  looker.refuses("version_lower", [label])
})

test("an erased answer without the end, for a handle with one, or changed in one byte is refused", () => {
  const { log, tombstone } = endedLog()
  const looker = new Looker(log)
  looker.refuses("search_shape", [label], (response) => answered(response, 0, { tombstone: undefined }))
  const opening = new Uint8Array(16)
  looker.refuses("commitment", [label], (response) => answered(response, 0, { tombstone: { opening, value: tombstone } }))
  looker.refuses("commitment", [handle], (response) => answered(response, 0, { tombstone: { opening, value: tombstone } }))
  looker.refuses("ladder", [label], (response) => answered(response, 0, { version: 2 }))
  const response = log.search(looker.request([handle, label]))
  for (let at = 0; at < response.length; at += 7) {
    const flipped = response.slice()
    flipped[at] = (flipped[at] as number) ^ 1
    assert.throws(() => looker.verify(looker.request([handle, label]), flipped), { name: "KeylogError" }, `byte ${at}`)
  }
})
