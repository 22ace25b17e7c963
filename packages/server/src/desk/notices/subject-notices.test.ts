import assert from "node:assert/strict"
import { rmSync } from "node:fs"
import { after, test } from "node:test"
import { canonicalJson, fromUtf8, toHex } from "@nodoor/bytes"
import { type OperatorNotice, accountNotices } from "@nodoor/wire"
import { type DeskWorld, approvedCase, deskRequest, newDeskWorld } from "../../fixtures/desk.ts"
import { type SignedIn, random, signIn, signUp } from "../../fixtures/device.ts"
import { refuses } from "../../fixtures/refuses.ts"
import { readAudit } from "../store/desk-database.ts"
import type { DeskRequest } from "../cases/desk-request.ts"
import { subjectNotices } from "./subject-notices.ts"

const opened: DeskWorld[] = []
after(() => {
  for (const { db, directory } of opened) {
    db.close()
    rmSync(directory, { recursive: true })
  }
})

interface Place extends DeskWorld {
  readonly alice: SignedIn
  readonly bob: SignedIn
  /** What the server answers to somebody's device. */
  asks(who: SignedIn): Promise<readonly OperatorNotice[]>
  /** Ends a case with nothing handed over; answers its id. */
  ended(
    accounts: readonly string[],
    more?: Partial<DeskRequest> & { readonly tell?: boolean; readonly outcome?: "rejected" | "challenged" | "withdrawn" },
  ): Promise<string>
  /** What the public notice says. */
  said(caseId: string): unknown
}

async function place(): Promise<Place> {
  const made = await newDeskWorld()
  opened.push(made)
  const { world, desk, db, anna } = made
  const [alice, bob] = [await signUp(world.caller, world.origin, "alice"), await signUp(world.caller, world.origin, "bob")]
  return {
    ...made,
    alice,
    bob,
    // Sessions last an hour: whoever asks days later signs in again.
    asks: async ({ device }) => (await world.caller.call(accountNotices, {}, await signIn(world.caller, world.origin, device))).notices,
    ended: async (accounts, { tell = true, outcome = "rejected", ...more } = {}) => {
      const caseId = desk.open(deskRequest(accounts, more), anna)
      await desk.close({ caseId, outcome, tell, actor: anna })
      return caseId
    },
    said: (caseId) => {
      const row = db.get<{ body: Uint8Array }>("SELECT body FROM notices WHERE case_id = ?", caseId)
      return (JSON.parse(fromUtf8(row?.body ?? new Uint8Array())) as { told: unknown }).told
    },
  }
}

test("without a gag the people named are told when the case ends, everything of it and nobody else; the day they first asked is noted", async () => {
  const { world, desk, db, alice, bob, anna, asks, said } = await place()
  const caseId = desk.open(deskRequest(["@alice"], { classes: ["holder_name", "content"] }), anna)
  assert.deepEqual(await asks(alice), [], "not while it is open")
  await desk.close({ caseId, outcome: "challenged", tell: true, actor: anna })
  assert.deepEqual(subjectNotices(db, caseId), [{ account: toHex(alice.account.accountId) }])
  assert.deepEqual(await asks(bob), [])
  assert.deepEqual(await asks(alice), [
    {
      caseId,
      authority: "District Court of Somewhere",
      country: "DE",
      instrument: "court_order",
      legalBasis: "section 100j of the code",
      reference: "12 Gs 345/26",
      received: "2026-11-30",
      closed: "2026-12-01",
      outcome: "challenged",
      sought: ["holder_name", "content"],
      disclosed: [],
      impossible: ["content"],
    },
  ])
  assert.deepEqual(subjectNotices(db, caseId)[0]?.fetchedDay, "2026-12-01")
  const { told, toldAccounts: accounts } = desk.view(caseId, anna)
  assert.deepEqual(
    [told, accounts],
    ["told", [{ account: toHex(alice.account.accountId), fetchedDay: "2026-12-01" }]],
    "as the console shows it",
  )
  assert.equal(said(caseId), "told")
  assert.deepEqual((readAudit(db).at(-1) as { facts: { told: string } }).facts.told, "told")
  world.clock.timeMs += 86_400_000
  assert.equal((await asks(alice)).length, 1, "it stays")
  assert.deepEqual(subjectNotices(db, caseId)[0]?.fetchedDay, "2026-12-01", "the first day counts")
})

test("with a gag nobody hears of it up to the end of its last day, and then they do, with the reason why so late", async () => {
  const { world, db, alice, asks, ended, said } = await place()
  const caseId = await ended(["@alice"], { gagUntil: "2026-12-05" })
  assert.equal(said(caseId), "later")
  const at = async (time: string): Promise<readonly OperatorNotice[]> => {
    world.clock.timeMs = Date.parse(time)
    return asks(alice)
  }
  for (const time of ["2026-12-01T13:00:00Z", "2026-12-05T00:00:00Z", "2026-12-05T23:59:59.999Z"])
    assert.deepEqual(await at(time), [], time)
  assert.deepEqual(subjectNotices(db, caseId), [{ account: toHex(alice.account.accountId), after: "2026-12-05" }])
  const [told] = await at("2026-12-06T00:00:00Z")
  assert.deepEqual([told?.caseId, told?.gagUntil], [caseId, "2026-12-05"])
  assert.equal(subjectNotices(db, caseId)[0]?.fetchedDay, "2026-12-06")
  const past = await ended(["@alice"], { gagUntil: "2026-12-05" })
  assert.equal(said(past), "told", "a gag that is over when the case ends keeps nobody from being told")
  const over = (await asks(alice)).find((notice) => notice.caseId === past)
  assert.ok(over !== undefined && over.gagUntil === undefined)
})

test("nobody is told if those who decided say no, of a request that was withdrawn, or where there is nobody, and the public notice says which", async () => {
  const { db, alice, asks, ended, said } = await place()
  const no = await ended(["@alice"], { tell: false })
  const withdrawn = await ended(["@alice"], { outcome: "withdrawn" })
  const nobody = await ended(["@nobody", "0".repeat(32)], { gagUntil: "2026-12-05" })
  assert.deepEqual([no, withdrawn, nobody].map(said), ["no", "no", "nobody"])
  assert.deepEqual(await asks(alice), [])
  for (const caseId of [no, withdrawn, nobody]) assert.deepEqual(subjectNotices(db, caseId), [])
})

test("each account is told what was handed over about it, not about others, and once if it was named twice", async () => {
  const made = await place()
  const { desk, db, anna, alice, bob, asks } = made
  const classes = ["holder_name", "email", "ip_addresses", "content"] as const
  const accounts = ["@alice", toHex(alice.account.accountId), "@nobody", "@bob"]
  const caseId = approvedCase(made, deskRequest(accounts, { classes, instrument: "court_order" }))
  const { outcome } = await desk.export({ caseId, tell: true, actor: anna })
  assert.equal(outcome, "partial")
  assert.equal(subjectNotices(db, caseId).length, 2)
  const [told, ...more] = await asks(alice)
  assert.deepEqual([more.length, told?.sought, told?.impossible], [0, [...classes], ["content"]])
  assert.deepEqual(told?.disclosed, ["holder_name", "ip_addresses"], "there was no e-mail address")
  assert.equal((await asks(bob)).length, 1)
})

test("a suspended account is told once it is back, an erased one breaks nothing for the others, and one without a device is not counted on", async () => {
  const { world, db, alice, bob, asks, ended, said } = await place()
  const { accountId } = alice.account
  await world.store.changeAccount({ accountId, change: "suspend" })
  const both = await ended(["@alice", "@bob"])
  assert.equal(said(both), "told")
  await refuses("account_suspended", asks(alice))
  assert.equal((await asks(bob)).length, 1)
  await world.store.changeAccount({ accountId, change: "resume" })
  assert.deepEqual(
    (await asks(alice)).map(({ caseId }) => caseId),
    [both],
  )

  const later = await ended(["@alice", "@bob"])
  await world.store.changeAccount({ accountId, change: "erase" })
  assert.equal(subjectNotices(db, later).length, 2)
  assert.equal((await asks(bob)).length, 2)
  await refuses("account_erased", asks(alice))
  const gone = await ended(["@alice"])
  assert.equal(said(gone), "nobody")
  assert.deepEqual(subjectNotices(db, gone), [])
})

test("a device gets the newest hundred, and what an older case holds that no device would show comes as a dot", async () => {
  const { world, db, desk, anna, alice, asks, ended } = await place()
  const ids: string[] = []
  for (let i = 0; i < 103; i++) {
    world.clock.timeMs += 1000
    ids.push(await ended(["@alice"]))
  }
  assert.deepEqual(
    (await asks(alice)).map(({ caseId }) => caseId),
    ids.toReversed().slice(0, 100),
  )
  assert.equal(db.get<{ n: number }>("SELECT count(*) AS n FROM told WHERE fetched_day IS NULL")?.n, 3)
  const caseId = desk.open(deskRequest(["@alice"]), anna)
  const old = { ...deskRequest(["@alice"]), authority: "a\u2028b\u202ec\u0000d" }
  db.run("UPDATE cases SET request = ? WHERE case_id = ?", canonicalJson({ ...old }), caseId)
  world.clock.timeMs += 1000
  await desk.close({ caseId, outcome: "rejected", tell: true, actor: anna })
  assert.equal((await asks(alice))[0]?.authority, "a·b·c·d")
})

test("only a signed-in device is answered, and only about its own account", async () => {
  const { world, alice, bob, ended, asks } = await place()
  await ended(["@alice"])
  await refuses("unauthorized", world.caller.call(accountNotices, {}))
  await refuses("unauthorized", world.caller.call(accountNotices, {}, random(32)))
  const asking = { accountId: alice.account.accountId } as unknown as Record<string, never>
  const token = await signIn(world.caller, world.origin, bob.device)
  await refuses("too_large", world.caller.call(accountNotices, asking, token))
  assert.deepEqual(await asks(bob), [])
})
