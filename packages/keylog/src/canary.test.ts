import assert from "node:assert/strict"
import { test } from "node:test"
import { canonicalText, concat, toBase64, toUtf8 } from "@nodoor/bytes"
import {
  type Canary,
  canaryContentChanges,
  canaryDays,
  canaryEndMs,
  canaryMaxBytes,
  canaryOrderChange,
  formatCanary,
  parseCanary,
  signCanary,
  verifyCanary,
} from "./canary.ts"
import { nodeLogCrypto as crypto } from "./fixtures/account.ts"
import { refuses } from "./fixtures/refuses.ts"
import { draftCanary, signer, signedCanary } from "./fixtures/canary.ts"

const whole = signedCanary()
const verified = verifyCanary(crypto, formatCanary(whole))
const respelled = (more: object): Uint8Array => toUtf8(`${canonicalText({ format: "nodoor-canary/v1", ...whole, ...more } as never)}\n`)

test("a canary that two of three signed is read back as it was, and its hash is the file's", () => {
  const { hash, ...canary } = verified
  assert.deepEqual(canary, whole)
  assert.equal(hash, Buffer.from(crypto.sha256(formatCanary(whole))).toString("hex"))
  assert.equal(canaryEndMs(whole), Date.UTC(2027, 0, 5))
  assert.deepEqual(parseCanary(crypto, formatCanary(draftCanary())).signatures, [])
})

test("K1: a canary with other fields, types, numbers, days or spelling, too large, too deep or not UTF-8, is refused", () => {
  const { previous: _, ...without } = whole
  for (const file of [
    ...[1.5, 0, -1, 21, "2", null].map((threshold) => ({ threshold })),
    ...["2026-13-01", "2026-02-30", "2026-1-1", "2026-12-01T00:00", 20_261_201, ""].map((issued) => ({ issued })),
    ...["", "two words", "x".repeat(256), 7].map((origin) => ({ origin })),
    ...["", "AB".repeat(32), "ab".repeat(31), 0].map((previous) => ({ previous })),
    ...[[""], [" "], ["a\nb"], ["\u202eb"], ["\ud800"], ["a", "a"], ["x".repeat(501)], [7], "a", {}].map((statements) => ({ statements })),
    ...[[1], "k", ["!".repeat(44)], ["AAAA="], Array.from({ length: 21 }, () => signer(0).name)].map((keys) => ({ keys })),
    ...[[{}], [null], [{ ...whole.signatures[0], more: 1 }], [{ key: signer(0).name, signature: "?" }]].map((signatures) => ({
      signatures,
    })),
    { format: "nodoor-canary/v2" },
    { more: 1 },
  ].map((more) => {
    // What canonical JSON does not hold is written as it comes.
    const value = { format: "nodoor-canary/v1", ...whole, ...more }
    return toUtf8(`${JSON.stringify(Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))))}\n`)
  }))
    refuses("canary_malformed", () => parseCanary(crypto, file))
  refuses("canary_malformed", () => parseCanary(crypto, toUtf8(`${canonicalText({ format: "nodoor-canary/v1", ...without })}\n`)))
  const text = Buffer.from(formatCanary(whole)).toString()
  for (const other of [
    text.slice(0, -1),
    `${text} `,
    ` ${text}`,
    text.replace('"threshold":2', '"threshold":2,"threshold":2'),
    text.replace('"threshold":2', '"threshold":2.0'),
    text.replace('"threshold":2', '"threshold":0.2e1'),
    text.replace('"threshold":2', `"threshold":1${"0".repeat(400)}`),
    text.replace('{"expires"', '{"__proto__":{},"expires"'),
    text.replace("chat.example", "chat\\u002eexample"),
    "[".repeat(canaryMaxBytes),
    '{"a":'.repeat(3000),
    "",
    "null\n",
  ])
    refuses("canary_malformed", () => parseCanary(crypto, toUtf8(other)))
  refuses("canary_malformed", () => parseCanary(crypto, new Uint8Array(canaryMaxBytes + 1).fill(0x20)))
  refuses("canary_malformed", () => parseCanary(crypto, Uint8Array.of(0x22, 0xff, 0x22)))
  refuses("canary_malformed", () => parseCanary(crypto, concat(Uint8Array.of(0xef, 0xbb, 0xbf), formatCanary(whole))))
})

test("K2: a canary that speaks for more than 35 days, or for none, is refused", () => {
  assert.equal(canaryDays, 35)
  for (const expires of ["2027-01-06", "2026-12-01", "2026-11-30", "9999-12-31"])
    refuses("canary_lifetime", () => parseCanary(crypto, respelled({ expires })))
})

test("K3: a canary whose keys are unfit, doubled, unsorted or fewer than must sign is refused", () => {
  for (const more of [
    { keys: [toBase64(new Uint8Array(32)), ...whole.keys] },
    { keys: [toBase64(new Uint8Array(31)), ...whole.keys].toSorted() },
    { keys: [whole.keys[0], ...whole.keys] },
    { keys: whole.keys.toReversed() },
    { threshold: 4 },
    { keys: [] },
  ])
    refuses("canary_keys", () => parseCanary(crypto, respelled(more)))
})

test("K4: a canary with a foreign, doubled or wrong signature is refused", () => {
  const [first, second] = whole.signatures
  assert.ok(first !== undefined && second !== undefined)
  const { signatures } = signCanary(crypto, { ...draftCanary(), origin: "other.example" }, signer(0))
  const stranger = signCanary(crypto, draftCanary(), signer(9)).signatures
  for (const more of [
    { signatures },
    { signatures: stranger },
    { signatures: [first, first] },
    { signatures: [second, first] },
    { signatures: [{ ...first, key: second.key }] },
    { signatures: [{ ...first, signature: "AAAA" }] },
    { statements: ["Other words."] },
    { previous: "00".repeat(32) },
    { threshold: 1 },
  ])
    refuses("canary_signature", () => parseCanary(crypto, respelled(more)))
})

test("K5: a canary that too few have signed is none to a reader", () => {
  const one = signCanary(crypto, draftCanary(), signer(0))
  assert.equal(parseCanary(crypto, formatCanary(one)).signatures.length, 1)
  refuses("canary_unsigned", () => verifyCanary(crypto, formatCanary(one)))
  const twice = signCanary(crypto, one, signer(0))
  refuses("canary_unsigned", () => verifyCanary(crypto, formatCanary(twice)))
})

test("a change of origin, keys, threshold or any statement is told with what was and what is, and a renewal is none", () => {
  const { statements } = whole
  const [one = "", two = "", three = ""] = statements
  const changes = (more: Partial<Canary>): unknown => canaryContentChanges(whole, { ...whole, ...more })
  assert.deepEqual(changes({ issued: "2026-12-30", expires: "2027-01-30", previous: verified.hash, signatures: [] }), [])
  assert.deepEqual(changes({ origin: "other.example" }), [{ kind: "origin", was: "chat.example", now: "other.example" }])
  assert.deepEqual(changes({ threshold: 1 }), [{ kind: "threshold", was: 2, now: 1 }])
  const keys = whole.keys.slice(0, 2)
  assert.deepEqual(changes({ keys }), [{ kind: "keys", was: whole.keys, now: keys }])
  assert.deepEqual(changes({ statements: [one, two] }), [{ kind: "statement_gone", was: three }])
  assert.deepEqual(changes({ statements: [one, "Anew.", three] }), [{ kind: "statement_reworded", was: two, now: "Anew." }])
  assert.deepEqual(changes({ statements: [two, three] }), [{ kind: "statement_gone", was: one }])
  assert.deepEqual(changes({ statements: [three, one, two] }), [])
  assert.deepEqual(changes({ statements: [...statements, "More."] }), [{ kind: "statement_added", now: "More." }])
  assert.deepEqual(
    changes({ statements: [] }),
    statements.map((was) => ({ kind: "statement_gone", was })),
  )
})

test("a canary follows the one whose hash it names; an older one and one that leaves another out do not", () => {
  const after = (more: Partial<Canary>): ReturnType<typeof verifyCanary> => verifyCanary(crypto, formatCanary(signedCanary(more)))
  const second = after({ issued: "2026-12-30", expires: "2027-01-30", previous: verified.hash })
  const third = after({ issued: "2027-01-28", expires: "2027-02-28", previous: second.hash })
  assert.equal(canaryOrderChange(verified, verified), undefined)
  assert.equal(canaryOrderChange(verified, second), undefined)
  assert.deepEqual(canaryOrderChange(verified, third), { kind: "not_following", was: "2026-12-01", now: "2027-01-28" })
  assert.deepEqual(canaryOrderChange(second, verified), { kind: "older", was: "2026-12-30", now: "2026-12-01" })
  assert.deepEqual(canaryOrderChange(third, verified)?.kind, "older")
  assert.equal(canaryOrderChange(verified, after({ statements: ["On the same day."] }))?.kind, "not_following")
  assert.equal(canaryOrderChange(verified, after({ previous: verified.hash, statements: ["On the same day."] })), undefined)
})
