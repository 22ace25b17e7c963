import assert from "node:assert/strict"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { fromUtf8, toUtf8 } from "@nodoor/bytes"
import { approve, approvedCase, deskRequest, newKey } from "../fixtures/desk.ts"
import { random, signUp } from "../fixtures/device.ts"
import { deskWorld } from "../fixtures/desk-worlds.ts"
import { refusedWith } from "../fixtures/refuses.ts"
import { Actor } from "./people/actor.ts"
import { ApprovedCase, ReservedSlot } from "./cases/approved.ts"
import { caseArchive } from "./archive/archive.ts"
import { readAudit } from "./store/desk-database.ts"
import { parseDeskRequest } from "./cases/desk-request.ts"
import { documentMaxBytes } from "./cases/document.ts"
import { activePeople } from "./people/person.ts"

const kept: string[] = []
const keep = ({ text }: { readonly text: string }): void => void kept.push(text)

test("a case goes from receipt through two approvals to an export, a notice and a chain of entries that holds together", async () => {
  const made = await deskWorld()
  const { desk, db, first, second, anna, ben } = made
  await signUp(made.world.caller, made.world.origin, "alice")
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  desk.attach({ caseId, name: "order.pdf", content: toUtf8("an order"), actor: anna })
  assert.equal(approve(desk, db, caseId, first), 1)
  assert.equal(approve(desk, db, caseId, second), 2)
  const { archive, outcome } = await desk.export({ caseId, tell: false, actor: ben, keep })
  assert.equal(outcome, "full")
  assert.equal(kept.at(-1), archive.text)
  const { body } = db.get<{ body: Uint8Array }>("SELECT body FROM notices WHERE case_id = ?", caseId) as { body: Uint8Array }
  assert.deepEqual(JSON.parse(fromUtf8(body)), {
    format: "nodoor-notice/v1",
    id: caseId,
    received: "2026-11",
    country: "DE",
    instrument: "court_order",
    sought: ["created", "device_count", "email", "holder_name", "ip_addresses", "last_seen_day"],
    accounts: 1,
    outcome: "full",
    // No e-mail address was on file, so none was handed over.
    disclosed: ["created", "device_count", "holder_name", "ip_addresses", "last_seen_day"],
    export: archive.digest,
    told: "no",
  })
  const events = readAudit(db).map(({ event, actor }) => `${String(event)} by ${String(actor)}`)
  assert.deepEqual(events.slice(2), [
    "case_opened by Anna",
    "document_attached by Anna",
    "case_approved by Anna",
    "case_approved by Ben",
    "case_closed by Ben",
  ])
  await assert.rejects(desk.export({ caseId, tell: false, actor: anna, keep }), refusedWith("desk_refused", /closed: full/))
})

test("without two different approvals of the case as it stands nothing is exported, nothing kept and nothing noted", async () => {
  const made = await deskWorld()
  const { desk, db, first, second, anna } = made
  await signUp(made.world.caller, made.world.origin, "alice")
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  const before = kept.length
  const refused = (): Promise<void> =>
    assert.rejects(desk.export({ caseId, tell: false, actor: anna, keep }), refusedWith("desk_refused", /must approve the case/))
  await refused()
  approve(desk, db, caseId, first)
  assert.equal(approve(desk, db, caseId, first), 1, "the same key twice is one approval")
  await refused()
  assert.throws(() => approve(desk, db, caseId, made.stranger), refusedWith("operator_unknown"))
  approve(desk, db, caseId, second)
  desk.attach({ caseId, name: "slipped in.pdf", content: toUtf8("another"), actor: anna })
  await refused()
  approve(desk, db, caseId, first)
  approve(desk, db, caseId, second)
  made.people.remove({ name: "Ben", actor: anna })
  await refused()
  assert.equal(kept.length, before)
  assert.equal(db.get("SELECT 1 FROM notices WHERE case_id = ? AND body IS NOT NULL", caseId), undefined)
})

test("an approval that was written into the file past the desk stops the case, and so does a case without its place in the log", async () => {
  const made = await deskWorld()
  const { desk, db, first, second, anna } = made
  const forged = desk.open(deskRequest(["@alice"]), anna)
  approve(desk, db, forged, first)
  db.run(
    "INSERT INTO approvals SELECT case_id, 2, credential_id, case_digest, signature, authenticator_data, client_data, approved_at_ms FROM approvals WHERE case_id = ?",
    forged,
  )
  await assert.rejects(
    desk.export({ caseId: forged, tell: false, actor: anna, keep }),
    refusedWith("desk_damaged", /changed the desk's file/),
  )

  const unseen = approvedCase(made, deskRequest(["@alice"]))
  db.run("DELETE FROM notices WHERE case_id = ?", unseen)
  await assert.rejects(
    desk.export({ caseId: unseen, tell: false, actor: anna, keep }),
    refusedWith("desk_damaged", /reserved place in the public log/),
  )
  assert.ok(second)
})

test("the archive of a case cannot be made without an approved case and its own slot, neither by type nor by a look-alike", async () => {
  const made = await deskWorld()
  const { desk, db, exportKey } = made
  const [one, two] = [approvedCase(made, deskRequest(["@alice"])), approvedCase(made, deskRequest(["@bob"]))]
  const parts = { origin: "chat.example", key: exportKey, accounts: [{ asked: "@alice", tables: [], facts: undefined }] }
  const [approved, slot] = [ApprovedCase.of(db, one), ReservedSlot.of(db, one)]
  assert.ok(caseArchive(approved, slot, parts).text.length > 0)
  // @ts-expect-error An object of the same shape is no approved case.
  assert.throws(() => caseArchive({ case: desk.show(one).case, approvers: [] }, slot, { ...parts, accounts: [] }))
  assert.throws(() => caseArchive(Object.create(ApprovedCase.prototype) as ApprovedCase, slot, parts), /a case that the desk approved/)
  // @ts-expect-error Nor is one of a slot.
  assert.throws(() => caseArchive(approved, { caseId: two, gagUntil: "" }, parts), /slot of this case/)
  assert.throws(() => caseArchive(approved, ReservedSlot.of(db, two), parts), /slot of this case/)
  const [asked] = parts.accounts
  assert.throws(() => caseArchive(approved, slot, { ...parts, accounts: [asked, asked].filter((x) => x !== undefined) }), /no others/)
  // @ts-expect-error There is no other way to make one.
  assert.ok(new ApprovedCase(desk.show(one).case, []))
})

test("a request for content or a capability is refused with the account's own public facts, and no row is read", async () => {
  const made = await deskWorld()
  const { desk, db, anna } = made
  const alice = await signUp(made.world.caller, made.world.origin, "alice")
  const request = deskRequest(["@alice", "@nobody"], { classes: ["content", "capability", "contacts"] })
  const { archive, outcome } = await desk.export({ caseId: approvedCase(made, request), tell: false, actor: anna, keep })
  assert.equal(outcome, "rejected")
  type Record = { found: boolean; tables: unknown[]; statement: string[] | null }
  const { accounts } = JSON.parse(archive.text) as { accounts: [Record, Record] }
  assert.deepEqual([accounts[0].tables, accounts[1].tables, accounts[1].statement], [[], [], null])
  const said = (accounts[0].statement ?? []).join("\n")
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
  for (const fact of [alice.account.accountId, alice.device.deviceId, alice.device.keys.publicKey, alice.account.state.stateHash])
    assert.ok(said.includes(hex(fact)))
  assert.match(said, /0x004F/)
  assert.match(said, /who talks to whom are not held here.*blindly \(RFC 9474\).*Anybody can check this/s)
  assert.match(said, /chat\.example\/kt\/1, 7 entries, root hash AAAA/)
  assert.ok(!archive.text.includes("Holder of alice"))
  const notice = db.get<{ body: Uint8Array }>("SELECT body FROM notices WHERE body IS NOT NULL")
  assert.match(fromUtf8(notice?.body ?? new Uint8Array()), /"disclosed":\[\].*"outcome":"rejected"/)
})

test("what the instrument does not reach is left out and named, and a preservation request reaches nothing", async () => {
  const made = await deskWorld()
  await signUp(made.world.caller, made.world.origin, "alice")
  const exported = (instrument: "subpoena" | "preservation_request") =>
    made.desk.export({ caseId: approvedCase(made, deskRequest(["@alice"], { instrument })), tell: false, actor: made.anna, keep })
  const partial = await exported("subpoena")
  assert.equal(partial.outcome, "partial")
  assert.ok(!partial.archive.text.includes("127.0.0.1"))
  assert.match(partial.archive.text, /"beyondInstrument":\["ip_addresses"\]/)
  const nothing = await exported("preservation_request")
  assert.equal(nothing.outcome, "rejected")
  assert.ok(!nothing.archive.text.includes("Holder of alice"))
})

test("a case can end as rejected, challenged or withdrawn with nothing handed over, once", async () => {
  const { desk, db, first, anna } = await deskWorld()
  for (const outcome of ["rejected", "challenged", "withdrawn"] as const) {
    const caseId = desk.open(deskRequest(["@alice"]), anna)
    await desk.close({ caseId, outcome, tell: true, actor: anna })
    assert.equal(desk.show(caseId).case.outcome, outcome)
    await assert.rejects(desk.close({ caseId, outcome, tell: false, actor: anna }), refusedWith("desk_refused"))
    assert.throws(() => approve(desk, db, caseId, first), refusedWith("desk_refused"))
  }
})

test("a request names accounts one by one, in bounds, with closed lists and days of the calendar; anything else is refused with its field", () => {
  const parse = (more: object): unknown => parseDeskRequest(JSON.stringify({ ...deskRequest(["@alice"]), ...more }))
  assert.deepEqual(parse({}), deskRequest(["@alice"]))
  const many = (count: number): string[] => Array.from({ length: count }, (_, at) => `@user-${at}`)
  for (const [more, words] of [
    [{ accounts: many(10_000) }, /larger than/],
    [{ accounts: many(2_000) }, /accounts: at most 500/],
    [{ accounts: many(11) }, /bulkReason/],
    [{ accounts: ["*"] }, /accounts\.0/],
    [{ accounts: ["@%"] }, /accounts\.0/],
    [{ accounts: ["@alice", "@alice"] }, /once/],
    [{ accounts: [] }, /accounts/],
    [{ country: "XQ" }, /country/],
    [{ instrument: "letter" }, /instrument/],
    [{ classes: ["everything"] }, /classes/],
    [{ received: "2026-02-30" }, /received/],
    [{ received: "2026-11-01" }, /received/],
    [{ gagUntil: "2026-01-01" }, /gagUntil/],
    [{ gagUntil: "9999-12-31" }, /gagUntil: more than 366 days after the request came, 2027-12-01 at the latest/],
    [{ gagUntil: "2027-12-02" }, /gagUntil/],
    [{ reference: "a\nb" }, /reference/],
    [{ authority: "\u202Etruoc" }, /authority/],
    [{ more: 1 }, /more/],
  ] as const)
    assert.throws(() => parse(more), refusedWith("desk_refused", words), JSON.stringify(more).slice(0, 80))
  assert.ok(parse({ gagUntil: "2027-12-01" }))
  assert.ok(parse({ accounts: many(11), bulkReason: "one network of accounts, named one by one" }))
  assert.throws(() => parseDeskRequest("{"), refusedWith("desk_refused"))
  assert.throws(() => parseDeskRequest(" ".repeat(70_000)), refusedWith("desk_refused", /larger/))
})

test("a document's name never becomes a path, and its size and number have an end", async () => {
  const { desk, anna, directory } = await deskWorld()
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  const attach = (name: string, content: Uint8Array): unknown => desk.attach({ caseId, name, content, actor: anna })
  for (const name of ["../order.pdf", "/etc/passwd", "a/b", "a\\b", "..", "a\0b", "C:order", "", "x".repeat(201), "\u202Efdp.exe"])
    assert.throws(() => attach(name, toUtf8("x")), refusedWith("desk_refused", /plain file name/), name)
  assert.throws(() => attach("empty", new Uint8Array()), refusedWith("desk_refused"))
  assert.throws(() => attach("large", new Uint8Array(documentMaxBytes + 1)), refusedWith("desk_refused"))
  for (let at = 0; at < 20; at++) attach("same name.pdf", toUtf8(`document ${at}`))
  attach("again", toUtf8("document 3"))
  assert.throws(() => attach("one more", random(10)), refusedWith("desk_refused", /at most 20/))
  const files = readdirSync(join(directory, "documents"))
  assert.equal(files.length, 20)
  for (const name of files) assert.match(name, /^[0-9a-f]{64}$/)
  assert.ok(files.some((name) => fromUtf8(readFileSync(join(directory, "documents", name))) === "document 7"))
})

test("the desk's log cannot be changed or shortened through SQL, and one that was changed beneath is found", async () => {
  const { desk, db, anna } = await deskWorld()
  desk.open(deskRequest(["@alice"]), anna)
  assert.throws(() => db.run("UPDATE audit SET entry = x'00'"), /append-only/)
  assert.throws(() => db.run("DELETE FROM audit WHERE seq = 3"), /append-only/)
  assert.equal(readAudit(db).length, 3)
  db.run("DROP TRIGGER audit_is_not_changed")
  db.run("UPDATE audit SET entry = CAST(replace(CAST(entry AS TEXT), 'Anna', 'Otto') AS BLOB) WHERE seq = 3")
  assert.throws(() => readAudit(db), refusedWith("desk_damaged", /entry 3/))
})

test("after the first two, an operator is let in by an owner's key, and a key that was removed does not come back", async () => {
  const { people, db, first, anna, ben, stranger } = await deskWorld()
  const third = newKey()
  const add = (name: string, publicKey: Uint8Array, voucher: Actor | undefined): void => people.addKey({ name, publicKey, voucher })
  assert.throws(() => add("Cleo", third.publicKey, undefined), refusedWith("desk_refused", /must approve/))
  assert.throws(() => Actor.ofKey(db, stranger), refusedWith("operator_unknown"))
  assert.throws(() => add("<b>Cleo", third.publicKey, anna), refusedWith("desk_refused"))
  add("Cleo", third.publicKey, anna)
  assert.throws(() => add("Dora", newKey().publicKey, Actor.ofKey(db, third)), refusedWith("operator_forbidden", /only an owner/))
  assert.throws(() => add("Cleo again", third.publicKey, anna), refusedWith("desk_refused", /in use/))
  people.remove({ name: "Anna", actor: ben })
  assert.throws(() => add("Anna again", first.publicKey, ben), refusedWith("desk_refused", /or was removed/))
  assert.throws(() => add("Dora", newKey().publicKey, anna), refusedWith("operator_unknown"))
  assert.deepEqual(
    activePeople(db).map(({ name, role }) => [name, role]),
    [
      ["Ben", "owner"],
      ["Cleo", "operator"],
    ],
  )
  assert.equal(readAudit(db).at(-1)?.["event"], "operator_removed")
})
