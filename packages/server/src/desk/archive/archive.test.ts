import { canonicalText } from "@nodoor/bytes"
import assert from "node:assert/strict"
import { createHash, createPublicKey, verify } from "node:crypto"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { emailCode, uploadKeyPackages } from "@nodoor/wire"
import { approvedCase, deskRequest, newDeskWorld, newKey } from "../../fixtures/desk.ts"
import { callDelivery } from "../../fixtures/caller.ts"
import { type SignedIn, random, signIn, signUp } from "../../fixtures/device.ts"
import { inventory } from "../../inventory/inventory.ts"
import { columnsOf, ownArchive } from "./archive.ts"

const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex")
interface Table {
  readonly table: string
  readonly columns: string[]
  readonly rows: (string | number | null)[][]
}
interface Parsed {
  readonly manifest: {
    readonly letterSha256: string
    readonly key: string
    readonly tables: { readonly table: string; readonly rowCount: number; readonly sha256: string }[]
  }
  readonly accounts: { readonly tables: Table[] }[]
  readonly letter: string
  readonly signature: string
}

test("what the archive can hold is what the inventory exports, column by column", () => {
  const exported = inventory
    .filter(({ exported: how }) => how !== "no")
    .map(({ place, exported: how }) =>
      place.replace("accounts.db ", "").replace(/\.\w+$/, (column) => (how === "count" ? ".count" : column)),
    )
  assert.deepEqual(Object.values(columnsOf).flat().toSorted(), exported.toSorted())
})

test("the archive of one account holds each of its disclosable values exactly once and none of another's, nor anything that is not disclosable", async () => {
  const made = await newDeskWorld()
  const { world, desk, anna, first, exportKey } = made
  const join = async (handle: string, net: string): Promise<SignedIn> => {
    const email = `${handle}-mail@example.org`
    world.clock.timeMs += 10 * 86_400_000 + 1234
    await world.caller.call(emailCode, { email })
    const more = { name: `Name of ${handle} who holds it`, email, emailCode: world.mails.at(-1)?.code ?? "" }
    const caller = callDelivery(world.delivery, `${net}.7`)
    const person = await signUp(caller, world.origin, handle, more)
    let { token } = person
    for (const last of [8, 9]) {
      world.clock.timeMs += 86_400_000 / 2 + 7
      token = await signIn(callDelivery(world.delivery, `${net}.${last}`), world.origin, person.device)
    }
    return { ...person, token }
  }
  const [bob, alice] = [await join("bob", "203.0.113"), await join("alice", "198.51.100")]
  const keyPackage = random(400)
  await world.caller.call(uploadKeyPackages, { oneTime: [keyPackage], lastResort: random(400) }, alice.token)

  await world.delivery.settled()
  const { archive } = await desk.export({ caseId: approvedCase(made, deskRequest(["@alice"])), tell: false, actor: anna })
  const parsed = JSON.parse(archive.text) as Parsed
  const valuesOf = async (person: SignedIn): Promise<string[]> => {
    const tables = await world.store.disclosableTables({ accountId: person.account.accountId })
    return tables.flatMap(({ rows }) => rows.flat()).map(String)
  }
  const row = await world.store.accountRow({ accountId: alice.account.accountId })
  assert.ok(row !== undefined)
  const { handle, name, email, createdAtMs, lastSeenDay, addresses } = row
  const expected = [Buffer.from(alice.account.accountId).toString("hex"), handle, name, email, createdAtMs, lastSeenDay, 1]
  for (const { address, firstSeenMs, lastSeenMs } of addresses) expected.push(address, firstSeenMs, lastSeenMs)
  const held = (parsed.accounts[0]?.tables ?? []).flatMap(({ rows }) => rows.flat()).map(String)
  assert.deepEqual(held.toSorted(), expected.map(String).toSorted())
  assert.equal(addresses.length, 3)

  const shared = new Set(await valuesOf(alice))
  for (const value of (await valuesOf(bob)).filter((one) => !shared.has(one))) assert.ok(!archive.text.includes(value), value)
  // Blindness: nothing of keys, tokens, devices or packages, in any spelling.
  const verified = await world.store.verifiedState({ accountId: alice.account.accountId })
  for (const secret of [
    alice.token,
    alice.device.deviceId,
    alice.device.keys.publicKey,
    keyPackage.subarray(0, 16),
    exportKey.privateKey,
    first.privateKey,
    verified?.subarray(0, 40) ?? keyPackage,
  ])
    for (const spelling of ["hex", "base64", "base64url", "latin1"] as const)
      assert.ok(!archive.text.includes(Buffer.from(secret).toString(spelling)))
  rmSync(made.directory, { recursive: true })
})

test("row counts, hashes, letter and signature of an archive hold, the same rows make the same bytes, and a changed byte is found", async () => {
  const made = await newDeskWorld()
  const { world, exportKey } = made
  const alice = await signUp(world.caller, world.origin, "alice")
  const tables = await world.store.disclosableTables({ accountId: alice.account.accountId })
  const make = (): string =>
    ownArchive({ origin: world.origin, key: exportKey, accounts: [{ asked: "@alice", tables, facts: undefined }] }).text
  const text = make()
  assert.equal(make(), text)
  const parsed = JSON.parse(text) as Parsed
  const { manifest, accounts, letter } = parsed
  assert.equal(sha256Hex(letter), manifest.letterSha256)
  assert.deepEqual(
    manifest.tables.map(({ table, rowCount, sha256 }) => [table, rowCount, sha256]),
    accounts[0]?.tables.map(({ table, rows }) => [table, rows.length, sha256Hex(canonicalText(rows))]),
  )
  const holds = (whole: Parsed): boolean => {
    const { signature, ...content } = whole
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(manifest.key, "base64")])
    const key = createPublicKey({ key: der, format: "der", type: "spki" })
    const digest = createHash("sha256")
      .update(canonicalText(content as never))
      .digest()
    return verify(null, Buffer.concat([Buffer.from("nodoor/disclosure/v1\0"), digest]), key, Buffer.from(signature, "base64"))
  }
  assert.ok(holds(parsed))
  assert.ok(!holds(JSON.parse(text.replace("Holder of alice", "Holder of Alice")) as Parsed))
  assert.ok(!holds({ ...parsed, signature: Buffer.from(newKey().privateKey).toString("base64") }))
  rmSync(made.directory, { recursive: true })
})

test("what people typed stays text in the letter: no tag, no entity, no formula, no change of reading direction outside its cell", async () => {
  const made = await newDeskWorld()
  const { world, exportKey, desk, anna } = made
  const name = `<img src=x onerror=alert(1)>&lt;"'\u202Eevil =HYPERLINK("x","y")`
  const alice = await signUp(world.caller, world.origin, "alice", { name })
  const tables = await world.store.disclosableTables({ accountId: alice.account.accountId })
  const { letter, text } = ownArchive({ origin: world.origin, key: exportKey, accounts: [{ asked: "@alice", tables, facts: undefined }] })
  assert.ok(!letter.includes("<img"))
  assert.ok(
    letter.includes("<bdi>&lt;img src=x onerror=alert(1)&gt;&amp;lt;&quot;&#39;\u202Eevil =HYPERLINK(&quot;x&quot;,&quot;y&quot;)</bdi>"),
  )
  assert.match(letter, /Content-Security-Policy" content="default-src 'none'/)
  const rows = (JSON.parse(text) as Parsed).accounts[0]?.tables[0]?.rows[0]
  assert.ok(rows?.includes(name), "the archive holds it as it is")
  const request = deskRequest(["@alice"], { authority: "<script>alert(1)</script>", reference: '"><svg onload=x>' })
  const { archive } = await desk.export({ caseId: approvedCase(made, request), tell: false, actor: anna })
  assert.ok(!/<script|<svg/.test(archive.letter))
  rmSync(made.directory, { recursive: true })
})
