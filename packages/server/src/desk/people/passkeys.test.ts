import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { fromBase64Url, fromUtf8, toBase64Url, toHex, toUtf8 } from "@nodoor/bytes"
import { type ConfirmedAct, confirmedActs } from "@nodoor/wire/operator"
import { Authenticator, type Bent } from "../../fixtures/authenticator.ts"
import { approve, confirmed, deskRequest, enrolled } from "../../fixtures/desk.ts"
import { random, signUp } from "../../fixtures/device.ts"
import { deskWorld } from "../../fixtures/desk-worlds.ts"
import { refusedWith } from "../../fixtures/refuses.ts"
import { ServerError, type ServerErrorCode } from "../../core/server-error.ts"
import { Actor } from "./actor.ts"
import { ApprovedCase } from "../cases/approved.ts"
import { assertionHolds } from "./assertion.ts"
import { readAudit } from "../store/desk-database.ts"
import { PasskeyProof, relyingPartyOf } from "./passkey-proof.ts"
import { People } from "./people.ts"
import { newcomerWaitMs } from "./person.ts"

const refuses = (code: ServerErrorCode, run: Promise<unknown>, about?: string): Promise<void> =>
  assert.rejects(run, refusedWith(code), about)

const page = "https://chat.example"
/** Answers that no relying party may take (WebAuthn Level 3 §7.1 and §7.2). */
const bentAnswers: Readonly<Record<string, Bent>> = {
  "another origin": { origin: "https://chat.example.evil.example" },
  "the origin without TLS": { origin: "http://chat.example" },
  "another port": { origin: "https://chat.example:8443" },
  "another relying party": { rpId: "example" },
  "another challenge": { challenge: toBase64Url(new Uint8Array(32)) },
  "the other ceremony": { type: "webauthn.other" },
  "a frame in another site": { crossOrigin: true },
  "a frame in a named site": { crossOrigin: true, topOrigin: "https://evil.example" },
  "nobody present": { present: false },
  "nobody verified": { verified: false },
}
/** Texts that are no answer at all. */
const noAnswers: readonly string[] = ["", "{", "null", "[]", "{}", '{"id":1}', `"${"x".repeat(100)}"`, `{"a":"${"x".repeat(40_000)}"}`]

test("a link enrols a passkey of ES256, Ed25519 or RS256, whose person signs in with it and with no name, and is looked up anew every time", async () => {
  const made = await deskWorld()
  const { db, passkeys, people, anna } = made
  for (const [name, authenticator] of [
    ["Cleo", new Authenticator(page)],
    ["Dora", new Authenticator(page, { algorithm: -8 })],
    ["Emil", new Authenticator(page, { counts: false })],
    ["Finn", new Authenticator(page, { algorithm: -257 })],
  ] as const) {
    const { actor } = await enrolled(made, name, { voucher: anna, role: "reviewer", authenticator })
    assert.deepEqual([actor.name, actor.role], [name, "reviewer"])
    for (let times = 0; times < 2; times++) {
      const again = await passkeys.signIn(authenticator.get(await passkeys.signInOptions()))
      assert.deepEqual([again.name, again.operatorId], [name, actor.operatorId])
    }
    people.remove({ name, actor: anna })
    assert.throws(() => actor.now(db), refusedWith("operator_unknown"))
    await refuses(
      "operator_unknown",
      passkeys.signInOptions().then((options) => passkeys.signIn(authenticator.get(options))),
    )
  }
  const events = readAudit(db).map(({ event, actor }) => `${String(event)} by ${String(actor)}`)
  assert.deepEqual(events.slice(2, 5), ["operator_invited by Anna", "passkey_enrolled by Cleo", "operator_removed by Anna"])
})

test("an RSA key of 1024 bits enrols nobody", async () => {
  const made = await deskWorld()
  const weak = new Authenticator(page, { algorithm: -257, modulusBits: 1024 })
  await refuses("passkey_refused", enrolled(made, "Cleo", { voucher: made.anna, authenticator: weak }))
  assert.equal(made.db.get<{ n: number }>("SELECT count(*) AS n FROM credentials WHERE kind = 'passkey'")?.n, 0)
})

test("a browser is asked for a resident key and a verified person, and not for a passkey that the person has", async () => {
  const made = await deskWorld()
  const { people, passkeys, anna } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  const proof = await confirmed(passkeys, cleo, "people", "Cleo")
  const { link } = people.invite({ name: "Cleo", voucher: cleo.actor, proof })
  assert.match(link, /^https:\/\/chat\.example\/operator#enrol=[A-Za-z0-9_-]{43}$/)
  const asked = JSON.parse((await passkeys.enrolOptions(link.split("=")[1] ?? "")).options) as Record<string, never>
  const { rp, user, pubKeyCredParams, authenticatorSelection, attestation, excludeCredentials } = asked as Record<string, object>
  assert.deepEqual(rp, { name: "chat.example", id: "chat.example" })
  assert.deepEqual({ ...user, id: "" }, { id: "", name: "Cleo", displayName: "Cleo" })
  assert.deepEqual(
    (pubKeyCredParams as { alg: number }[]).map(({ alg }) => alg),
    [-7, -8, -257],
  )
  assert.deepEqual(authenticatorSelection, { residentKey: "required", userVerification: "required", requireResidentKey: true })
  assert.equal(attestation, "none")
  assert.deepEqual(
    (excludeCredentials as { id: string }[]).map(({ id }) => id),
    cleo.authenticator.passkeys.map(({ credentialId }) => credentialId),
  )
  const signIn = JSON.parse(await passkeys.signInOptions()) as Record<string, unknown>
  assert.deepEqual([signIn["userVerification"], signIn["allowCredentials"]], ["required", []])
})

test("an origin on this machine is asked over http under its name, any other over https, and a link for an IP address is refused", async () => {
  assert.deepEqual(relyingPartyOf("localhost:8080"), { id: "localhost", origin: "http://localhost:8080" })
  assert.deepEqual(relyingPartyOf("chat.example:8443"), { id: "chat.example", origin: "https://chat.example:8443" })
  const { db, anna, world: around } = await deskWorld()
  for (const consoleOrigin of ["127.0.0.1:8080", "[::1]:8080", "192.0.2.7"]) {
    const people = new People({ db, clock: around.clock, random, consoleOrigin })
    assert.throws(() => people.invite({ name: "Cleo", voucher: anna }), refusedWith("desk_refused", /IP address/), consoleOrigin)
  }
})

test("a new passkey is taken only for its own link and challenge, from our page, with the person verified; the link is good once and for a day", async () => {
  const made = await deskWorld()
  const { db, people, passkeys, anna, world: around } = made
  const code = people.invite({ name: "Cleo", voucher: anna }).link.split("=")[1] ?? ""
  const other = people.invite({ name: "Dora", voucher: anna }).link.split("=")[1] ?? ""
  const authenticator = new Authenticator(page)
  const enrol = (response: string, which = code): Promise<Actor> => passkeys.enrol({ code: which, response, label: "a passkey" })
  const options = async (which = code): Promise<string> => (await passkeys.enrolOptions(which)).options
  for (const [about, bent] of Object.entries(bentAnswers))
    await refuses("passkey_refused", enrol(authenticator.create(await options(), bent)), about)
  for (const text of noAnswers) await refuses("passkey_refused", enrol(text), text.slice(0, 20))
  await refuses("passkey_refused", enrol(authenticator.create(await options(other)), code), "the challenge of another link")
  const late = authenticator.create(await options())
  around.clock.timeMs += 120_000
  await refuses("passkey_refused", enrol(late), "two minutes later")
  for (const unknown of ["", "x", "x".repeat(43), `${code}x`]) await refuses("enrolment_invalid", passkeys.enrolOptions(unknown))
  await refuses("desk_refused", passkeys.enrol({ code, response: authenticator.create(await options()), label: "a\nb" }))
  assert.equal(db.get("SELECT 1 FROM credentials WHERE kind = 'passkey'"), undefined, "nothing was written")

  const good = authenticator.create(await options())
  assert.equal((await enrol(good)).name, "Cleo")
  await refuses("enrolment_invalid", enrol(good))
  const again = authenticator.create(await options(other))
  const stolen = JSON.parse(again) as { id: string; rawId: string }
  stolen.id = stolen.rawId = (JSON.parse(good) as { id: string }).id
  await enrol(JSON.stringify(stolen), other)
  const held = db.all<{ credential_id: Uint8Array }>("SELECT credential_id FROM credentials WHERE kind = 'passkey'")
  assert.equal(
    new Set(held.map(({ credential_id: id }) => toHex(id))).size,
    2,
    "the id is the one in the signed data, not the one beside it",
  )
  const day = people.invite({ name: "Emil", voucher: anna }).link.split("=")[1] ?? ""
  around.clock.timeMs += 24 * 3_600_000
  await refuses("enrolment_invalid", passkeys.enrolOptions(day))
})

test("a sign-in is refused that is bent, replayed, late, of another's passkey, signed by another key, or names nobody", async () => {
  const made = await deskWorld()
  const { passkeys, anna, world: around } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  const dora = await enrolled(made, "Dora", { voucher: anna })
  const sign = async (bent: Bent = {}): Promise<string> => cleo.authenticator.get(await passkeys.signInOptions(), bent)
  for (const [about, bent] of Object.entries(bentAnswers)) await refuses("passkey_refused", passkeys.signIn(await sign(bent)), about)
  for (const text of noAnswers) await refuses("passkey_refused", passkeys.signIn(text), text.slice(0, 20))
  const theirs = dora.authenticator.passkeys[0]
  await refuses("passkey_refused", passkeys.signIn(await sign({ signer: theirs?.privateKey as never })), "another's key")
  await refuses("passkey_refused", passkeys.signIn(await sign({ userHandle: theirs?.userHandle as string })), "another's handle")
  await refuses("passkey_refused", passkeys.signIn(await sign({ userHandle: null })), "no handle")
  const changed = async (change: (answer: { response: Record<string, string> }) => void): Promise<void> => {
    const answer = JSON.parse(await sign()) as { response: Record<string, string> }
    change(answer)
    await refuses("passkey_refused", passkeys.signIn(JSON.stringify(answer)))
  }
  for (const part of ["signature", "authenticatorData"])
    await changed(({ response }) => {
      const bytes = fromBase64Url(response[part] ?? "")
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      response[part] = toBase64Url(bytes)
    })
  await changed(({ response }) => void (response["signature"] = ""))
  await changed(({ response }) => void (response["authenticatorData"] = "AA"))
  await changed(({ response }) => void (response["authenticatorData"] += "AAAA"))
  const late = await sign()
  around.clock.timeMs += 120_000
  await refuses("passkey_refused", passkeys.signIn(late), "two minutes later")
  const good = await sign()
  assert.equal((await passkeys.signIn(good)).name, "Cleo")
  await refuses("passkey_refused", passkeys.signIn(good), "the same answer again")
  await refuses("passkey_refused", passkeys.signIn(await sign({ counter: cleo.authenticator.counter })), "a counter that stood still")
  await refuses("passkey_refused", passkeys.signIn(await sign({ counter: 1 })), "a counter that went back")
  const stranger = new Authenticator(page)
  stranger.create((await passkeys.enrolOptions(made.people.invite({ name: "Emil", voucher: anna }).link.split("=")[1] ?? "")).options)
  await refuses("operator_unknown", passkeys.signIn(stranger.get(await passkeys.signInOptions())))
})

test("two answers with one challenge at once let one in, and challenges that nobody answers are forgotten in the order they came", async () => {
  const made = await deskWorld()
  const { passkeys, anna } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  const { actor, authenticator } = cleo
  const options = await passkeys.signInOptions()
  const both = await Promise.allSettled([passkeys.signIn(authenticator.get(options)), passkeys.signIn(authenticator.get(options))])
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"])
  const asked = await passkeys.confirmOptions({ actor, act: "people", subject: "Dora" })
  const first = authenticator.get(await passkeys.signInOptions())
  for (let at = 0; at < 1_000; at++) await passkeys.signInOptions()
  await refuses("passkey_refused", passkeys.signIn(first))
  const response = authenticator.get(asked)
  assert.ok(
    await passkeys.confirm({ actor, act: "people", subject: "Dora", response }),
    "strangers drive out no challenge of somebody signed in",
  )
})

test("two people approve with passkeys: what they signed stays with the case, and whoever has the desk's file can check it again", async () => {
  const made = await deskWorld()
  const { db, desk, passkeys, anna } = made
  await signUp(made.world.caller, made.world.origin, "alice")
  const cleo = await enrolled(made, "Cleo", {
    voucher: anna,
    role: "operator",
    authenticator: new Authenticator(page, { algorithm: -257 }),
  })
  const dora = await enrolled(made, "Dora", { voucher: anna, role: "reviewer", authenticator: new Authenticator(page, { algorithm: -8 }) })
  made.world.clock.timeMs += newcomerWaitMs
  const caseId = desk.open(deskRequest(["@alice"]), cleo.actor)
  for (const [at, each] of [cleo, dora].entries()) {
    const proof = await confirmed(passkeys, each, "approve", caseId)
    assert.equal(desk.approve({ caseId, actor: each.actor, by: { kind: "passkey", proof } }), at + 1)
  }
  const rows = db.all<{ client_data: Uint8Array; case_digest: Uint8Array }>("SELECT client_data, case_digest FROM approvals")
  for (const { client_data: data, case_digest: digest } of rows) {
    const { challenge } = JSON.parse(fromUtf8(data)) as { challenge: string }
    const signed = createHash("sha256").update("nodoor/desk-approval/v1\0").update(digest).digest("base64url")
    assert.equal(challenge, signed, "the challenge is the hash of the case, and of nothing else")
  }
  assert.equal(rows.length, 2)
  const proof = await confirmed(passkeys, cleo, "export", caseId)
  const { outcome, archive } = await desk.export({ caseId, tell: false, actor: cleo.actor, proof })
  assert.equal(outcome, "full")
  assert.match(archive.text, /"approvals":2/)
  made.people.remove({ name: "Dora", actor: anna })
  assert.deepEqual(
    desk.show(caseId).approvers.map(({ name }) => name),
    ["Cleo", "Dora"],
    "who had approved what was handed over stays to be seen",
  )
})

test("a key and a passkey of one person are one approval, and a removed person's counts no more", async () => {
  const made = await deskWorld()
  const { db, desk, people, passkeys, anna, ben, first, second } = made
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  assert.equal(approve(desk, db, caseId, first), 1)
  const { authenticator, actor } = await enrolled(made, "Anna", { voucher: anna })
  assert.equal(actor.operatorId, anna.operatorId)
  const again = await confirmed(passkeys, { actor, authenticator }, "approve", caseId)
  assert.equal(desk.approve({ caseId, actor, by: { kind: "passkey", proof: again } }), 1)
  assert.throws(() => ApprovedCase.of(db, caseId), refusedWith("desk_refused", /One more person/))
  assert.equal(approve(desk, db, caseId, second), 2)
  people.remove({ name: "Anna", actor: ben })
  assert.throws(() => ApprovedCase.of(db, caseId), refusedWith("desk_refused", /One more person/))
})

test("an answer is good for one purpose, one act, one subject, one person and one time, and for no other", async () => {
  const made = await deskWorld()
  const { desk, people, passkeys, anna } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna, role: "owner" })
  const dora = await enrolled(made, "Dora", { voucher: anna, role: "owner" })
  const [one, two] = [desk.open(deskRequest(["@alice"]), anna), desk.open(deskRequest(["@bob"]), anna)]
  const { actor, authenticator } = cleo
  const confirm = (act: ConfirmedAct, subject: string, response: string, who: Actor = actor): Promise<PasskeyProof> =>
    passkeys.confirm({ actor: who, act, subject, response })
  const answer = async (act: ConfirmedAct, subject: string, bent?: Bent): Promise<string> =>
    authenticator.get(await passkeys.confirmOptions({ actor, act, subject }), bent)

  const signIn = authenticator.get(await passkeys.signInOptions())
  await refuses("passkey_refused", confirm("export", one, signIn), "a sign-in confirms nothing")
  for (const act of confirmedActs) {
    await refuses("passkey_refused", passkeys.signIn(await answer(act, one)), "a confirmation signs nobody in")
    for (const other of confirmedActs)
      if (other !== act) await refuses("passkey_refused", confirm(other, one, await answer(act, one)), `${act} is not ${other}`)
    await refuses("passkey_refused", confirm(act, two, await answer(act, one)), "another subject")
    await refuses("passkey_refused", confirm(act, one, await answer(act, one), dora.actor), "another's session")
    for (const [about, bent] of Object.entries(bentAnswers))
      await refuses("passkey_refused", confirm(act, one, await answer(act, one, bent)), about)
    const good = await answer(act, one)
    await confirm(act, one, good)
    await refuses("passkey_refused", confirm(act, one, good), "the same answer again")
  }
  const theirs = dora.authenticator.get(await passkeys.confirmOptions({ actor, act: "approve", subject: one }), {
    credentialId: dora.authenticator.passkeys[0]?.credentialId as string,
  })
  await passkeys.confirmOptions({ actor: dora.actor, act: "approve", subject: one })
  await refuses("passkey_refused", confirm("approve", one, theirs), "another's passkey in one's own session")

  const close = await confirmed(passkeys, cleo, "close", one)
  const closing = (caseId: string, proof: PasskeyProof | undefined, by = actor): Promise<void> =>
    desk.close({ caseId, outcome: "rejected", tell: false, actor: by, proof })
  await refuses("passkey_refused", closing(one, undefined), "no confirmation")
  await refuses("passkey_refused", closing(two, close), "of another case")
  await refuses("passkey_refused", closing(one, close, dora.actor), "of another person")
  await assert.rejects(closing(one, Object.create(PasskeyProof.prototype) as PasskeyProof), /an answer that was checked/)
  assert.throws(() => people.changeRole({ name: one, role: "owner", actor, proof: close }), refusedWith("passkey_refused"))
  assert.throws(() => desk.approve({ caseId: one, actor, by: { kind: "passkey", proof: close } }), refusedWith("passkey_refused"))
  await closing(one, close)
  assert.throws(() => Actor.ofPasskey(made.db, close), /a proof of who it is/)
  const spent = await confirmed(passkeys, cleo, "people", "Dora")
  people.changeRole({ name: "Dora", role: "reviewer", actor, proof: spent })
  assert.throws(() => people.changeRole({ name: "Dora", role: "owner", actor, proof: spent }), refusedWith("passkey_refused"), "once")
})

test("an approval of a case that changed while the passkey was asked counts for nothing", async () => {
  const made = await deskWorld()
  const { desk, passkeys, anna } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  const proof = await confirmed(passkeys, cleo, "approve", caseId)
  desk.attach({ caseId, name: "slipped in.pdf", content: toUtf8("another"), actor: anna })
  assert.throws(
    () => desk.approve({ caseId, actor: cleo.actor, by: { kind: "passkey", proof } }),
    refusedWith("passkey_refused", /in its present form/),
  )
  assert.equal(desk.show(caseId).approvers.length, 0)
})

test("an approval of a passkey that was changed in the file, or moved to another person or case, stops the case", async () => {
  const made = await deskWorld()
  const { db, desk, passkeys, anna } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  const dora = await enrolled(made, "Dora", { voucher: anna })
  made.world.clock.timeMs += newcomerWaitMs
  const [one, two] = [desk.open(deskRequest(["@alice"]), anna), desk.open(deskRequest(["@bob"]), anna)]
  for (const caseId of [one, two]) {
    const proof = await confirmed(passkeys, cleo, "approve", caseId)
    desk.approve({ caseId, actor: cleo.actor, by: { kind: "passkey", proof } })
  }
  const kept = db.get<Record<string, Uint8Array>>("SELECT * FROM approvals WHERE case_id = ?", one) as Record<string, Uint8Array>
  const forgeries: readonly (readonly [string, string])[] = [
    ["another person's name", `operator_id = ${dora.actor.operatorId}`],
    ["another person's passkey", `credential_id = (SELECT credential_id FROM credentials WHERE operator_id = ${dora.actor.operatorId})`],
    ["no flags", "authenticator_data = CAST(substr(authenticator_data, 1, 32) || x'0000000000' AS BLOB)"],
    ["no authenticator data", "authenticator_data = NULL"],
    ["other client data", "client_data = CAST(replace(CAST(client_data AS TEXT), 'chat.example', 'chat.evil') AS BLOB)"],
    ["no client data", "client_data = x'00'"],
    ["no signature", "signature = x''"],
    [
      "what was signed for another case",
      `(signature, authenticator_data, client_data) = (SELECT signature, authenticator_data, client_data FROM approvals WHERE case_id = '${two}')`,
    ],
  ]
  for (const [about, change] of forgeries) {
    assert.equal(desk.show(one).approvers.length, 1)
    db.run(`UPDATE approvals SET ${change} WHERE case_id = '${one}'`)
    assert.throws(() => desk.show(one), refusedWith("desk_damaged", /changed the desk.s file/), about)
    const columns = Object.keys(kept)
    db.run(`DELETE FROM approvals WHERE case_id = ?`, one)
    db.run(`INSERT INTO approvals (${columns.join()}) VALUES (${columns.map(() => "?").join()})`, ...Object.values(kept))
  }
  const publicKey = db.get<{ public_key: Uint8Array }>("SELECT public_key FROM credentials WHERE operator_id = ?", cleo.actor.operatorId)
  const assertion = {
    authenticatorData: kept["authenticator_data"],
    clientData: kept["client_data"],
    signature: kept["signature"],
  } as never
  const challenge = fromBase64Url((JSON.parse(fromUtf8(kept["client_data"] as Uint8Array)) as { challenge: string }).challenge)
  const holds = (cose: Uint8Array): boolean => assertionHolds({ publicKey: cose, assertion, challenge })
  assert.ok(holds(publicKey?.public_key as Uint8Array))
  for (const cose of [new Uint8Array(), new Uint8Array([0xa0]), new Uint8Array(32), random(77)]) assert.equal(holds(cose), false)
})

test("a signature whose encoding is bent, as a lenient reader takes it, is refused: it would not hold when it is looked at again", async () => {
  const made = await deskWorld()
  const { passkeys, anna } = made
  const { authenticator } = await enrolled(made, "Cleo", { voucher: anna })
  for (const tag of [0xb8, 0x31, 0x70]) {
    const answer = JSON.parse(authenticator.get(await passkeys.signInOptions())) as { response: { signature: string } }
    const signature = fromBase64Url(answer.response.signature)
    signature[0] = tag
    const bent = { ...answer, response: { ...answer.response, signature: toBase64Url(signature) } }
    await refuses("passkey_refused", passkeys.signIn(JSON.stringify(bent)), String(tag))
  }
  await passkeys.signIn(authenticator.get(await passkeys.signInOptions()))
})

test("answers with bytes changed at random, and attestations nested without end, are refused with a code and never with anything else", async () => {
  const made = await deskWorld()
  const { passkeys, people, anna } = made
  const { authenticator } = await enrolled(made, "Cleo", { voucher: anna })
  const coded = async (run: Promise<unknown>): Promise<boolean> =>
    run.then(
      () => true,
      (error: unknown) => {
        assert.ok(error instanceof ServerError && ["passkey_refused", "operator_unknown"].includes(error.code), String(error))
        return false
      },
    )
  let taken = 0
  for (let at = 0; at < 300; at++) {
    const answer = authenticator.get(await passkeys.signInOptions())
    const place = Math.floor((answer.length * at) / 300)
    const changed = `${answer.slice(0, place)}${String.fromCharCode(32 + ((random(1)[0] ?? 0) % 94))}${answer.slice(place + 1)}`
    // What says nothing about the passkey may be anything, and a byte may become itself.
    const same = (text: string): string => {
      const { id, rawId, type, response } = JSON.parse(text) as Record<string, unknown>
      return JSON.stringify({ id, rawId, type, response })
    }
    if (!(await coded(passkeys.signIn(changed)))) continue
    assert.equal(same(changed), same(answer))
    taken++
  }
  assert.ok(taken < 100)
  const code = people.invite({ name: "Dora", voucher: anna }).link.split("=")[1] ?? ""
  for (const byte of [0x81, 0xa1, 0xbf, 0x9f, 0xd8, 0xff, 0x5b]) {
    const answer = JSON.parse(new Authenticator(page).create((await passkeys.enrolOptions(code)).options)) as { response: object }
    const nested = { ...answer, response: { ...answer.response, attestationObject: toBase64Url(new Uint8Array(20_000).fill(byte)) } }
    assert.equal(await coded(passkeys.enrol({ code, response: JSON.stringify(nested), label: "nested" })), false)
  }
})
