import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { toBase64, toUtf8 } from "@nodoor/bytes"
import { newKey } from "../fixtures/desk.ts"
import { random } from "../fixtures/device.ts"
import { ServerError, type ServerErrorCode } from "../server-error.ts"
import { startServer } from "../start-server.ts"
import { type Canary, formatCanary, newCanary, parseCanary, signCanary } from "./canary.ts"
import { runCanaryCommand } from "./canary-command.ts"
import { createOperatorKey } from "./operator-key.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-canary-"))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)
const refusedWith =
  (code: ServerErrorCode, words = /./) =>
  (error: unknown): boolean =>
    error instanceof ServerError && error.code === code && words.test(error.message)

test("two of three people sign a canary where their keys are, it is published once enough have, and served as they signed it", async () => {
  const server = await startServer({ dataDir: at("data"), log: () => {} })
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  const said: string[] = []
  const canary = (...words: string[]): Promise<void> =>
    runCanaryCommand(words, { dataDir: at("data"), clock, say: (text) => void said.push(text) })
  const keys = ["anna", "ben", "cleo"].map((name) => toBase64(createOperatorKey(at(name), random).publicKey))
  createOperatorKey(at("stranger"), random)
  assert.equal((await fetch(`${server.url}/canary.json`)).status, 404)
  await canary("draft", at("draft"), "2", ...keys)
  await assert.rejects(canary("draft", at("draft"), "2", ...keys), refusedWith("desk_refused", /already/))
  await canary("sign", at("draft"), at("anna"))
  await canary("sign", at("draft"), at("anna"))
  await assert.rejects(canary("publish", at("draft")), refusedWith("desk_refused", /1 have signed, and 2 must/))
  await assert.rejects(canary("sign", at("draft"), at("stranger")), refusedWith("operator_unknown"))
  await canary("sign", at("draft"), at("cleo"))
  assert.match(said.at(-1) ?? "", /2 of 2 have signed/)
  clock.aheadMs = 40 * 86_400_000
  await assert.rejects(canary("publish", at("draft")), refusedWith("desk_refused", /expired/))
  clock.aheadMs = 0
  const signed = readFileSync(at("draft"), "utf8")
  writeFileSync(at("changed"), signed.replace("Nobody has made us", "Somebody has made us"))
  await assert.rejects(canary("publish", at("changed")), refusedWith("desk_refused", /signature/))
  await canary("publish", at("draft"))
  const answer = await fetch(`${server.url}/canary.json`)
  assert.equal(await answer.text(), signed)
  assert.equal(answer.headers.get("content-type"), "application/json")
  for (const words of [
    [],
    ["draft"],
    ["draft", at("x"), "0", "k"],
    ["sign", at("draft")],
    ["say", at("draft")],
    ["publish", at("draft"), "more"],
  ])
    await assert.rejects(canary(...words), refusedWith("usage"))
  await server.stop()
})

test("a canary with a foreign, doubled or wrong signature, too few keys, too long a life or another form is none", () => {
  const [one, two] = [newKey(), newKey()]
  const keys = [one, two].map(({ publicKey }) => toBase64(publicKey))
  const whole = signCanary(newCanary({ origin: "chat.example", nowMs: Date.UTC(2026, 11, 1), threshold: 1, keys }), one)
  assert.deepEqual(parseCanary(formatCanary(whole)), whole)
  assert.equal(whole.expires, "2027-01-05")
  const [signature] = whole.signatures
  assert.ok(signature !== undefined)
  const { signatures } = signCanary({ ...whole, origin: "other.example", signatures: [] }, one)
  for (const more of [
    { signatures },
    { signatures: [signature, signature] },
    { signatures: [{ ...signature, key: keys.find((key) => key !== signature.key) ?? "" }] },
    { signatures: [{ ...signature, key: toBase64(newKey().publicKey) }] },
    { threshold: 3 },
    { keys: [keys[0] ?? "", keys[0] ?? ""] },
    { expires: "2027-01-06" },
    { expires: "2026-13-01" },
    { more: 1 },
  ] as Partial<Canary>[])
    assert.throws(() => parseCanary(toUtf8(JSON.stringify({ ...whole, ...more }))), refusedWith("desk_refused"), JSON.stringify(more))
  assert.throws(() => parseCanary(toUtf8("[")), refusedWith("desk_refused"))
  assert.throws(() => parseCanary(new Uint8Array(20_000)), refusedWith("desk_refused", /large/))
})
