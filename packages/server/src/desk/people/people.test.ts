import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, test } from "node:test"
import { toUtf8 } from "@nodoor/bytes"
import { type OperatorRole, operatorPeople } from "@nodoor/wire/operator"
import * as v from "valibot"
import { Authenticator } from "../../fixtures/authenticator.ts"
import { type DeskWorld, approve, confirmed, deskRequest, enrolled, newDeskWorld, newKey } from "../../fixtures/desk.ts"
import { refusedWith } from "../../fixtures/refuses.ts"
import { Actor } from "./actor.ts"
import { readAudit } from "../store/desk-database.ts"
import { recoveryWaitMs } from "./enrolment.ts"
import { activePeople, newcomerWaitMs } from "./person.ts"

const worlds: DeskWorld[] = []
after(() => {
  for (const { db, directory } of worlds) {
    db.close()
    rmSync(directory, { recursive: true })
  }
})
async function world({ empty = false }: { readonly empty?: boolean } = {}): Promise<DeskWorld> {
  const made = await newDeskWorld()
  worlds.push(made)
  if (empty) for (const table of ["credentials", "operators"]) made.db.run(`DELETE FROM ${table}`)
  return made
}
const codeOf = ({ link }: { readonly link: string }): string => link.split("#enrol=")[1] ?? ""

async function open(
  { passkeys, world: around }: DeskWorld,
  code: string,
): Promise<{ readonly actor: Actor; readonly authenticator: Authenticator }> {
  const authenticator = new Authenticator(`https://${around.origin}`)
  const { options } = await passkeys.enrolOptions(code)
  return { authenticator, actor: await passkeys.enrol({ code, response: authenticator.create(options), label: "phone" }) }
}
const rolesOf = ({ db }: DeskWorld): string[] => activePeople(db).map(({ name, role }) => `${name} ${role}`)

test("the first two are invited on the machine with nobody's word, the very first as an owner; from then on an owner vouches", async () => {
  const made = await world({ empty: true })
  const { people } = made
  const invite = (name: string, role?: OperatorRole, voucher?: Actor): string => codeOf(people.invite({ name, role, voucher }))
  assert.throws(() => invite("Cleo", "operator"), refusedWith("desk_refused", /first person must be an owner/))
  assert.throws(() => invite("<i>Cleo"), refusedWith("desk_refused", /letters/))
  const [lost, cleo] = [invite("Cleo"), invite("Cleo")]
  await assert.rejects(open(made, lost), refusedWith("enrolment_invalid"), "a new link for a name replaces the one before")
  const dora = invite("Dora")
  assert.throws(
    () => invite("Emil"),
    refusedWith("desk_refused", /must approve/),
    "two links wait: there are no more without somebody's word",
  )
  const first = await open(made, cleo)
  const { actor } = first
  assert.equal(actor.role, "owner")
  const proof = await confirmed(made.passkeys, first, "people", "Ben")
  await open(made, codeOf(people.invite({ name: "Ben", role: "reviewer", voucher: actor, proof })))
  await assert.rejects(open(made, dora), refusedWith("enrolment_invalid", /two people/), "meanwhile there are two")
  assert.throws(() => invite("Emil"), refusedWith("desk_refused", /must approve/))
  assert.throws(() => people.invite({ name: "Emil", voucher: actor }), refusedWith("passkey_refused"), "in the console one confirms it")
  const key = { name: "Emil", publicKey: newKey().publicKey, voucher: actor }
  assert.throws(() => people.addKey(key), refusedWith("passkey_refused"), "and lets keys in with a key only")
  assert.deepEqual(rolesOf(made), ["Cleo owner", "Ben reviewer"])
})

test("somebody new is an operator unless said otherwise, and nobody adds a key or passkey to somebody else", async () => {
  const made = await world()
  const { db, people, passkeys, anna, ben } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  assert.equal(cleo.actor.role, "operator")
  for (const voucher of [anna, ben])
    assert.throws(() => people.invite({ name: "Cleo", voucher }), refusedWith("desk_refused", /Only that person/))
  assert.throws(() => people.addKey({ name: "Cleo", publicKey: newKey().publicKey, voucher: anna }), refusedWith("desk_refused"))
  assert.throws(() => people.invite({ name: "Anna", voucher: undefined }), refusedWith("desk_refused", /use one that you already have/))
  const own = async (role?: OperatorRole): Promise<string> =>
    codeOf(people.invite({ name: "Cleo", role, voucher: cleo.actor, proof: await confirmed(passkeys, cleo, "people", "Cleo") }))
  await assert.rejects(own("owner"), refusedWith("desk_refused", /change it/))
  const second = await open(made, await own())
  assert.deepEqual([second.actor.operatorId, second.actor.role], [cleo.actor.operatorId, "operator"])
  await assert.rejects(
    confirmed(passkeys, cleo, "people", "Dora").then((proof) => people.invite({ name: "Dora", voucher: cleo.actor, proof })),
    refusedWith("operator_forbidden"),
  )
  // A link for a name that somebody else has got meanwhile is not a way into what is theirs.
  const link = codeOf(people.invite({ name: "Dora", voucher: anna }))
  people.addKey({ name: "Dora", publicKey: newKey().publicKey, voucher: ben })
  await assert.rejects(open(made, link), refusedWith("enrolment_invalid"))
  assert.equal(db.get("SELECT 1 FROM enrolments"), undefined)
})

test("nobody comes under a name that passes for another's, be it of somebody here, removed, or invited", async () => {
  const { people, anna, ben } = await world()
  people.invite({ name: "Cleo", voucher: anna })
  people.remove({ name: "Ben", actor: anna })
  for (const name of ["anna", "Anna.", "\u0410nna", "B\u0435n", "Cle0", "C l e o"]) {
    assert.throws(() => people.invite({ name, voucher: anna }), refusedWith("desk_refused", /looks like/), name)
    assert.throws(() => people.addKey({ name, publicKey: newKey().publicKey, voucher: anna }), refusedWith("desk_refused"), name)
  }
  assert.ok(people.invite({ name: "Cleo", voucher: anna }), "the same name again")
  assert.throws(() => people.invite({ name: "Dora", voucher: ben }), refusedWith("operator_unknown"))
})

test("an owner is not two people by letting themselves in: newcomers approve after three days, the first two at once", async () => {
  const made = await world()
  const { db, desk, people, anna, first, second, world: around } = made
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  assert.equal(approve(desk, db, caseId, first), 1)
  const own = newKey()
  people.addKey({ name: "Cleo", publicKey: own.publicKey, role: "reviewer", voucher: anna })
  const early = (): unknown => approve(desk, db, caseId, own)
  const { length } = readAudit(db)
  assert.throws(early, refusedWith("desk_refused"))
  people.changeRole({ name: "Cleo", role: "owner", actor: anna })
  assert.throws(early, refusedWith("desk_refused"), "whatever their role")
  around.clock.timeMs += newcomerWaitMs - 1
  assert.throws(early, refusedWith("desk_refused"))
  assert.equal(readAudit(db).length, length + 1, "the change of the role alone")
  assert.equal(desk.show(caseId).approvers.length, 1)
  people.remove({ name: "Ben", actor: anna })
  assert.throws(early, refusedWith("desk_refused"), "nobody moves up among the first two")
  around.clock.timeMs += 1
  assert.equal(approve(desk, db, caseId, own), 2)
  assert.throws(() => approve(desk, db, caseId, second), refusedWith("operator_unknown"))
})

test("each role may do what it may, looked up at every step, and a refusal writes nothing", async () => {
  const made = await world()
  const { db, desk, people, anna, passkeys } = made
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  const mayDo: Readonly<Record<OperatorRole, string>> = {
    owner: "read approve handle people",
    operator: "read approve handle",
    reviewer: "read approve",
  }
  const cleo = await enrolled(made, "Cleo", { voucher: anna })
  made.world.clock.timeMs += newcomerWaitMs
  const acts: Readonly<Record<string, () => unknown>> = {
    read: () => desk.view(caseId, cleo.actor),
    approve: async () =>
      desk.approve({ caseId, actor: cleo.actor, by: { kind: "passkey", proof: await confirmed(passkeys, cleo, "approve", caseId) } }),
    handle: () => desk.attach({ caseId, name: "a.pdf", content: toUtf8(`${readAudit(db).length}`), actor: cleo.actor }),
    people: async () => people.remove({ name: "nobody", actor: cleo.actor, proof: await confirmed(passkeys, cleo, "people", "nobody") }),
  }
  const outside: readonly (() => unknown)[] = [
    () => desk.open(deskRequest(["@alice"]), cleo.actor),
    async () =>
      desk.close({ caseId, outcome: "rejected", tell: false, actor: cleo.actor, proof: await confirmed(passkeys, cleo, "close", caseId) }),
    async () => desk.export({ caseId, tell: false, actor: cleo.actor, proof: await confirmed(passkeys, cleo, "export", caseId) }),
    () => desk.archive(caseId, cleo.actor),
  ]
  for (const role of ["owner", "reviewer", "operator"] as const) {
    people.changeRole({ name: "Cleo", role, actor: anna })
    for (const [right, act] of Object.entries(acts)) {
      const lines = readAudit(db).length
      const done = Promise.resolve().then(act)
      if (mayDo[role].includes(right) && right !== "people") await done
      else await assert.rejects(done, refusedWith(mayDo[role].includes(right) ? "desk_refused" : "operator_forbidden"), `${role} ${right}`)
      if (!mayDo[role].includes(right)) assert.equal(readAudit(db).length, lines)
    }
    if (role !== "reviewer") continue
    for (const act of outside) await assert.rejects(Promise.resolve().then(act), refusedWith("operator_forbidden"))
  }
  people.remove({ name: "Cleo", actor: anna })
  for (const act of [...Object.values(acts), ...outside]) await assert.rejects(Promise.resolve().then(act), refusedWith("operator_unknown"))
})

test("the last owner is neither removed nor made less, and a link ends with the right of who made it", async () => {
  const made = await world()
  const { people, anna, ben } = made
  const link = codeOf(people.invite({ name: "Cleo", voucher: ben }))
  people.changeRole({ name: "Ben", role: "operator", actor: anna })
  await assert.rejects(open(made, link), refusedWith("enrolment_invalid", /can no longer do so/))
  assert.throws(() => people.changeRole({ name: "Anna", role: "reviewer", actor: anna }), refusedWith("desk_refused", /last owner/))
  assert.throws(() => people.remove({ name: "Anna", actor: anna }), refusedWith("desk_refused", /last owner/))
  assert.throws(() => people.changeRole({ name: "Ben", role: "owner", actor: ben }), refusedWith("operator_forbidden"))
  assert.throws(() => people.remove({ name: "Zoe", actor: anna }), refusedWith("desk_refused", /Nobody/))
  people.changeRole({ name: "Ben", role: "owner", actor: anna })
  const dora = codeOf(people.invite({ name: "Dora", voucher: anna }))
  people.remove({ name: "Anna", actor: ben })
  await assert.rejects(open(made, dora), refusedWith("enrolment_invalid"))
  assert.throws(() => people.invite({ name: "Anna", voucher: ben }), refusedWith("desk_refused", /was removed/))
  assert.deepEqual(rolesOf(made), ["Ben owner"])
  const withdrawn = codeOf(people.invite({ name: "Emil", voucher: ben }))
  people.remove({ name: "Emil", actor: ben })
  await assert.rejects(open(made, withdrawn), refusedWith("enrolment_invalid"))
})

test("whoever lost everything is let in again after three days that everybody sees, one person at a time, and what was lost counts no more", async () => {
  const made = await world()
  const { db, people, passkeys, anna, ben, world: around } = made
  const lost = await enrolled(made, "Cleo", { voucher: anna, role: "reviewer" })
  const stopped = codeOf(people.recover("Cleo"))
  assert.throws(() => people.recover("Ben"), refusedWith("desk_refused", /one person can be recovered at a time/))
  assert.throws(() => people.recover("Zoe"), refusedWith("desk_refused", /Nobody/), "it makes no new person")
  assert.deepEqual(
    people.view(ben).enrolments.map(({ name, role }) => [name, role]),
    [["Cleo", "reviewer"]],
  )
  people.changeRole({ name: "Cleo", role: "reviewer", actor: ben })
  await assert.rejects(open(made, stopped), refusedWith("enrolment_invalid"), "an owner has ended it")
  const code = codeOf(people.recover("Cleo"))
  await assert.rejects(passkeys.enrolOptions(code), refusedWith("enrolment_invalid", /from .* on/))
  around.clock.timeMs += recoveryWaitMs - 1
  await assert.rejects(passkeys.enrolOptions(code), refusedWith("enrolment_invalid", /from .* on/))
  around.clock.timeMs += 1
  assert.ok(lost.actor.now(db))
  const { actor } = await open(made, code)
  assert.deepEqual([actor.operatorId, actor.role], [lost.actor.operatorId, "reviewer"])
  assert.throws(() => lost.actor.now(db), refusedWith("operator_unknown"))
  const last = readAudit(db).slice(-2)
  assert.deepEqual(
    last.map(({ event, actor: by }) => [event, by]),
    [
      ["recovery_begun", "server"],
      ["passkey_enrolled", "Cleo"],
    ],
  )
  const late = codeOf(people.recover("Ben"))
  around.clock.timeMs += recoveryWaitMs + 24 * 3_600_000
  await assert.rejects(passkeys.enrolOptions(late), refusedWith("enrolment_invalid", /expired/))
  people.sweep()
  assert.equal(db.get("SELECT 1 FROM enrolments"), undefined)
})

test("the list of people is one that the console takes, with everybody who ever acted and what they prove themselves with", async () => {
  const made = await world()
  const { people, anna, ben } = made
  const cleo = await enrolled(made, "Cleo", { voucher: anna, role: "reviewer" })
  people.invite({ name: "Dora", voucher: anna })
  people.remove({ name: "Ben", actor: anna })
  const answer = people.view(cleo.actor)
  assert.deepEqual(v.parse(operatorPeople.answer, answer), answer)
  assert.deepEqual(
    answer.people.map(({ name, role, me, removedAtMs, credentials }) => [
      name,
      role,
      me,
      removedAtMs === undefined,
      credentials.map(({ kind }) => kind),
    ]),
    [
      ["Anna", "owner", false, true, ["key"]],
      ["Ben", "owner", false, false, []],
      ["Cleo", "reviewer", true, true, ["passkey"]],
    ],
  )
  assert.throws(() => people.view(ben), refusedWith("operator_unknown"))
})
