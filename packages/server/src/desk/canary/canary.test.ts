import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { toBase64, toUtf8 } from "@nodoor/bytes"
import { type Canary, formatCanary } from "@nodoor/keylog"
import { runCommand } from "../../fixtures/command.ts"
import { newKey } from "../../fixtures/desk.ts"
import { random } from "../../fixtures/device.ts"
import { refusedWith } from "../../fixtures/refuses.ts"
import { startServer } from "../../service/start-server.ts"
import { canaryState, newCanary, parseCanary, readDraft, signCanary } from "./canary.ts"
import { createOperatorKey } from "../people/operator-key.ts"

const directory = mkdtempSync(join(tmpdir(), "nodoor-canary-"))
after(() => rmSync(directory, { recursive: true }))
const at = (name: string): string => join(directory, name)

test("two of three people sign a canary where their keys are, it is published once enough have, and served as they signed it", async (t) => {
  const server = await startServer({ dataDir: at("data"), log: () => {} })
  t.after(() => server.stop())
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  const said: string[] = []
  const canary = async (...words: string[]): Promise<void> =>
    void said.push(await runCommand(["canary", ...words], { dataDir: at("data"), clock }))
  const keys = ["anna", "ben", "cleo"].map((name) => toBase64(createOperatorKey(at(name), random).publicKey))
  createOperatorKey(at("stranger"), random)
  assert.equal((await fetch(`${server.url}/canary.json`)).status, 404)
  await canary("draft", at("draft"), "2", ...keys)
  await assert.rejects(canary("draft", at("draft"), "2", ...keys), refusedWith("desk_refused", /already/))
  await canary("sign", at("draft"), at("anna"))
  await canary("sign", at("draft"), at("anna"))
  await assert.rejects(canary("publish", at("draft")), refusedWith("desk_refused", /needs 2 signatures and has 1/))
  await assert.rejects(canary("sign", at("draft"), at("stranger")), refusedWith("operator_unknown"))
  await canary("sign", at("draft"), at("cleo"))
  assert.match(said.at(-1) ?? "", /2 of 2 signatures/)
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

  const page = async (): Promise<string> => await (await fetch(`${server.url}/transparency`)).text()
  assert.match(await page(), /Fresh until 20\d\d-/)
  clock.aheadMs = 30 * 86_400_000
  await canary("draft", at("second"), "2", ...keys)
  assert.equal(parseCanary(readFileSync(at("second"))).previous, createHash("sha256").update(signed).digest("hex"))
  // Edited by hand: another wording, and the spelling of an editor.
  const second = JSON.parse(readFileSync(at("second"), "utf8")) as { statements: string[] }
  second.statements[0] = "Nobody has <b>made</b> us change anything."
  writeFileSync(at("second"), JSON.stringify(second, undefined, 2))
  for (const name of ["anna", "ben"]) await canary("sign", at("second"), at(name))
  await canary("draft", at("stray"), "2", ...keys)
  for (const name of ["anna", "ben"]) await canary("sign", at("stray"), at(name))
  await canary("publish", at("second"))
  assert.match(said.at(-1) ?? "", /every client will show: reworded: "Nobody has made us .*" is now "Nobody has <b>made/)
  await assert.rejects(canary("publish", at("stray")), refusedWith("desk_refused", /does not follow/))
  await assert.rejects(canary("publish", at("draft")), refusedWith("desk_refused", /older/))
  await canary("publish", at("second"))
  clock.aheadMs = 0
  const hash = createHash("sha256").update(signed).digest("hex")
  assert.equal(await (await fetch(`${server.url}/canary/${hash}.json`)).text(), signed, "a client that was away can read the one between")
  assert.equal((await fetch(`${server.url}/canary/${"0".repeat(64)}.json`)).status, 404)
  for (const name of [hash, "..%2fcanary.json", `${hash}.json.part`, `${hash.toUpperCase()}.json`])
    assert.notEqual((await fetch(`${server.url}/canary/${name}`)).headers.get("content-type"), "application/json", name)
  assert.match(await page(), /Nobody has &lt;b&gt;made/)
  writeFileSync(join(at("data"), "desk", "canary.json"), "{}\n")
  assert.match(await page(), /is not a valid canary/)
  await assert.rejects(canary("draft", at("third"), "2", ...keys), refusedWith("desk_refused", /cannot be read/))
  for (const words of [
    [],
    ["draft"],
    ["draft", at("x"), "0", "k"],
    ["sign", at("draft")],
    ["say", at("draft")],
    ["publish", at("draft"), "more"],
  ])
    await assert.rejects(canary(...words), refusedWith("usage"))
})

test("a canary with a foreign, doubled or wrong signature, too few keys, too long a life or another form is none", () => {
  const [one, two] = [newKey(), newKey()]
  const keys = [one, two].map(({ publicKey }) => toBase64(publicKey))
  const whole = signCanary(
    newCanary({ origin: "chat.example", nowMs: Date.UTC(2026, 11, 1), threshold: 1, keys, published: undefined }),
    one,
  )
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
    assert.throws(
      () => readDraft(toUtf8(JSON.stringify({ format: "nodoor-canary/v1", ...whole, ...more }))),
      refusedWith("desk_refused"),
      JSON.stringify(more),
    )
  for (const text of ["[", "[".repeat(16_000), '{"threshold":0.5}'])
    assert.throws(() => readDraft(toUtf8(text)), refusedWith("desk_refused"), text.slice(0, 20))
  assert.throws(() => parseCanary(new Uint8Array(20_000)), refusedWith("desk_refused", /form/))
})

test("the state of a published canary is by its own day, and one that no client would take is said to be none", () => {
  const key = newKey()
  const nowMs = Date.UTC(2026, 11, 1, 12)
  const draft = newCanary({ origin: "chat.example", nowMs, threshold: 1, keys: [toBase64(key.publicKey)], published: undefined })
  const file = formatCanary(signCanary(draft, key))
  const endMs = Date.UTC(2027, 0, 5)
  assert.equal(canaryState(undefined, nowMs).status, "none")
  assert.equal(canaryState(file, endMs - 1).status, "fresh")
  assert.equal(canaryState(file, endMs).status, "expired")
  assert.equal(canaryState(formatCanary(draft), nowMs).status, "unreadable")
})
