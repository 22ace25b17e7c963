import assert from "node:assert/strict"
import { test } from "node:test"
import { toHex } from "@nodoor/bytes"
import { isKnown, knownAccounts } from "./acquaintance.ts"
import { openMemoryDatabase } from "../../platform/sqlite-node.ts"
import type { SqlValue } from "../../core/ports.ts"
import type { Reader } from "../reader.ts"
import { migrate } from "../schema.ts"

const account = new Uint8Array(16).fill(7)
const id = new Uint8Array(32).fill(1)

interface Facts {
  readonly accepted?: boolean
  readonly verified?: boolean
  readonly changed?: boolean
  readonly blocked?: boolean
  /** In a group of this kind, with this device's status in it and the state of its chat. */
  readonly group?: { readonly kind: string; readonly status: string; readonly state: string }
}

async function known(facts: Facts): Promise<boolean> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const write = (sql: string, ...values: SqlValue[]): Promise<void> => database.commit([{ sql, values }])
  await write(
    "INSERT INTO contact (account_id, mark, name, alike, accepted, blocked, first_resets, verified_ms, change_ms, checked_ms) VALUES (?, '', '', '', ?, ?, 0, ?, ?, 0)",
    account,
    facts.accepted === true ? 1 : 0,
    facts.blocked === true ? 1 : 0,
    facts.verified === true ? 1 : null,
    facts.changed === true ? 2 : null,
  )
  if (facts.group !== undefined) {
    const { kind, status, state } = facts.group
    await write(
      "INSERT INTO chat (chat_id, kind, state, group_id, peer, hidden, activity_ms, read_position, muted, pinned, archived, draft) VALUES (?, ?, ?, ?, NULL, 0, 0, 0, 0, 0, 0, '')",
      id,
      kind,
      state,
      id,
    )
    await write(
      "INSERT INTO mls_group (group_id, chat_id, status, epoch, policy, last_order, joined_order, joined_epoch, proposals, profile_due) VALUES (?, ?, ?, 1, x'', 1, 1, 1, 0, 0)",
      id,
      id,
      status,
    )
    await write("INSERT INTO member (group_id, leaf_index, account_id, device_id) VALUES (?, 3, ?, ?)", id, account, account)
  }
  const reader: Reader = { read: (sql, ...values) => database.read(sql, values) }
  const answer = await isKnown(reader, account)
  assert.equal((await knownAccounts(reader)).has(toHex(account)), answer)
  return answer
}

const accepted = { kind: "group", status: "active", state: "active" } as const

test("whoever was accepted, verified or met in a group is known", async () => {
  for (const facts of [{ accepted: true }, { verified: true }, { group: accepted }]) assert.ok(await known(facts), JSON.stringify(facts))
})

test("whoever only asked, changed after the verification, was blocked, or stands in a group that was left or never accepted, is not", async () => {
  for (const facts of [
    {},
    { verified: true, changed: true },
    { accepted: true, blocked: true },
    { verified: true, blocked: true },
    { group: { ...accepted, state: "request" } },
    { group: { ...accepted, state: "left", status: "left" } },
    { group: { ...accepted, status: "halted" } },
    { group: { ...accepted, kind: "dm" } },
  ])
    assert.equal(await known(facts), false, JSON.stringify(facts))
})
