// Whatever is asked in whatever order: numbers without gaps, bodies as long as they are waited for, and not longer.

import assert from "node:assert/strict"
import { test } from "node:test"
import { WireError } from "@nodoor/wire"
import fc from "fast-check"
import { random } from "../../fixtures/device.ts"
import { commitOf, newAccount, newGroup, post } from "../../fixtures/store-input.ts"
import type { OperationInput, OperationName, OperationOutput } from "../store.ts"
import { runBatch, settle } from "./batch.ts"
import { type Database, openDatabase } from "../../sqlite/database.ts"
import { waitingBytes } from "./mailboxes.ts"

type Step =
  | { readonly do: "post"; readonly older: boolean; readonly again: boolean }
  | { readonly do: "commit"; readonly add: number | undefined; readonly remove: number | undefined; readonly late: boolean }
  | { readonly do: "ack" | "mute" | "revoke" | "erase"; readonly who: number; readonly part: number }
  | { readonly do: "sweep" | "tick" }

const people = 5
/** Some commits and invitations of `commitOf`. */
const mailboxMaxBytes = 1000
const who = fc.nat(people - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("post" as const), older: fc.boolean(), again: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("commit" as const),
      add: fc.option(who, { nil: undefined }),
      remove: fc.option(who, { nil: undefined }),
      late: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ack" as const), who, part: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("mute" as const, "revoke" as const, "erase" as const), who, part: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("sweep" as const, "tick" as const) }) },
)

test("random posts, commits, acks, mutes, revocations and sweeps keep every promise about numbers and bodies", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      const db = openDatabase(":memory:")
      try {
        play(db, steps)
      } finally {
        db.close()
      }
    }),
    { numRuns: process.env["NODOOR_LONG"] === "1" ? 3000 : 120 },
  )
})

function play(db: Database, steps: readonly Step[]): void {
  let nowMs = 1_800_000_000_000
  const call = <Name extends OperationName>(name: Name, input: OperationInput<Name>): OperationOutput<Name> | WireError => {
    try {
      return settle(runBatch(db, [{ name, input }])[0] as NonNullable<ReturnType<typeof runBatch>[0]>) as OperationOutput<Name>
    } catch (error) {
      // Steps are random, so refusals are expected; a bug or a broken constraint is not.
      assert.ok(error instanceof WireError && error.code !== "internal" && error.code !== "unavailable", String(error))
      return error
    }
  }
  const accounts = Array.from({ length: people }, (_, at) => newAccount(`person-${at}`))
  for (const account of accounts) call("registerAccount", account)
  const mailboxes = accounts.map((account) => account.devices[0]?.deviceId as Uint8Array)
  const group = newGroup(mailboxes[0] as Uint8Array)
  call("createGroup", group)
  let [epoch, orders, lastBody] = [0, 0, random(8)]
  let removedLast = false
  for (const [at, each] of steps.entries()) {
    switch (each.do) {
      case "post": {
        const body = each.again ? lastBody : random(8)
        const input = post(group, body, { epoch: each.older ? Math.max(0, epoch - 1) : epoch })
        const placed = call("appendPost", { ...input, nowMs, mailboxMaxBytes })
        if (placed instanceof WireError) {
          assert.ok(placed.code === "epoch_stale" && each.older && removedLast, "an epoch that a removal ended, and only that, is refused")
          break
        }
        assert.ok(each.again || !each.older || !removedLast, "an epoch that a removal ended takes nothing new")
        assert.ok(placed.order === orders + 1 || (each.again && placed.order <= orders))
        orders = Math.max(orders, placed.order)
        lastBody = body
        break
      }
      case "commit": {
        const pick = (person: number | undefined): Uint8Array[] => (person === undefined ? [] : [mailboxes[person] as Uint8Array])
        const input = commitOf(group, each.late ? epoch - 1 : epoch, { adds: pick(each.add), removes: pick(each.remove) })
        const placed = call("commitGroup", { ...input, nowMs, mailboxMaxBytes })
        if (placed instanceof WireError) break
        assert.equal(placed.order, ++orders)
        epoch++
        removedLast = each.remove !== undefined
        break
      }
      case "ack": {
        const mailbox = mailboxes[each.who] as Uint8Array
        const read = call("readMailbox", { mailbox, after: 0, maxRecords: 500, maxBytes: 1e9 })
        if (!(read instanceof WireError)) call("ack", { mailbox, seq: Math.floor((read.head * (each.part + 1)) / 4) })
        break
      }
      case "mute":
        call("setMute", { mailbox: mailboxes[each.who] as Uint8Array, groupId: group.groupId, muted: each.part === 1 })
        break
      case "revoke": {
        const { accountId } = accounts[each.who] as (typeof accounts)[0]
        const next = {
          accountId,
          version: 1,
          state: random(8),
          stateHash: random(32),
          verifiedState: random(8),
          devices: [],
          erased: false,
        }
        call("appendAccountState", next)
        break
      }
      case "erase":
        call("changeAccount", { accountId: (accounts[each.who] as (typeof accounts)[0]).accountId, change: "erase" })
        break
      case "tick":
        nowMs += 1000
        break
      case "sweep":
        call("sweep", { from: undefined, nowMs, addressesBeforeMs: nowMs, mailboxBeforeMs: nowMs - 1500, introductionsBefore: 0, max: 100 })
    }
    check(db, `after step ${at}: ${JSON.stringify(each)}`)
  }
}

function check(db: Database, when: string): void {
  const wrongCounts = db.all(
    `SELECT b.body_id FROM bodies b
      WHERE b.kind <> 'group_info' AND b.waiting <> (SELECT count(*) FROM waiting w WHERE w.body_id = b.body_id)
         OR b.kind = 'group_info' AND b.waiting <> (SELECT count(*) FROM bodies o WHERE o.group_info_id = b.body_id)
         OR b.waiting < 1`,
  )
  assert.deepEqual(wrongCounts, [], `bodies are counted right ${when}`)
  assert.deepEqual(
    db.all("SELECT 1 FROM waiting w WHERE NOT EXISTS (SELECT 1 FROM bodies b WHERE b.body_id = w.body_id)"),
    [],
    `no pointer to nothing ${when}`,
  )
  const gaps = db.all(
    `SELECT m.mailbox FROM mailboxes m LEFT JOIN waiting w ON w.mailbox = m.mailbox GROUP BY m.mailbox
     HAVING count(w.seq) > 0 AND (min(w.seq) <> m.floor + 1 OR max(w.seq) <> m.floor + count(w.seq))`,
  )
  const mismeasured = db.all(
    `SELECT w.mailbox, w.seq FROM waiting w JOIN waiting p ON p.mailbox = w.mailbox AND p.seq = w.seq - 1
       JOIN bodies b ON b.body_id = w.body_id LEFT JOIN bodies i ON i.body_id = b.group_info_id
      WHERE w.held_bytes - p.held_bytes <> length(b.body) + coalesce(length(i.body), 0)`,
  )
  for (const { mailbox, records } of db.all<{ mailbox: Uint8Array; records: number }>(
    "SELECT mailbox, count(*) AS records FROM waiting GROUP BY mailbox",
  ))
    assert.ok(records === 1 || waitingBytes(db, mailbox) <= mailboxMaxBytes, `no mailbox holds more than it may ${when}`)
  assert.deepEqual(mismeasured, [], `mailboxes are measured right ${when}`)
  assert.deepEqual(gaps, [], `sequence numbers have no gaps ${when}`)
  assert.deepEqual(
    db.all("SELECT 1 FROM waiting w WHERE NOT EXISTS (SELECT 1 FROM mailboxes m WHERE m.mailbox = w.mailbox)"),
    [],
    `nothing waits for nobody ${when}`,
  )
}
