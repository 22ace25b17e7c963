import assert from "node:assert/strict"
import { test } from "node:test"
import type { MailboxRecord, StreamFrame } from "@nodoor/wire"
import type { Intake } from "./intake.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Mailbox, type MailboxParts } from "./mailbox.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import type { Network, MailboxStream } from "../core/ports.ts"
import { Undecided } from "../trust/device/undecided.ts"
import { migrate } from "../store/schema.ts"
import { Transactions } from "../core/transaction.ts"

function post(seq: number): MailboxRecord {
  return { kind: "post", seq, groupId: new Uint8Array(32).fill(1), order: seq, timeMs: 0, body: new Uint8Array([seq]) }
}

/** A mailbox whose server sends these frames on the first connection; records in `stalled` cannot be decided. */
async function received(
  frames: readonly StreamFrame[],
  stalled: readonly number[] = [],
): Promise<{
  readonly taken: readonly number[]
  readonly cursor: number
  readonly waiting: readonly number[]
  readonly connections: number
}> {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  await transactions.run(async (tx) => {
    const columns = await tx.read(
      "SELECT name FROM pragma_table_info('device') WHERE \"notnull\" = 1 AND dflt_value IS NULL AND name != 'id'",
    )
    const names = columns.map((row) => String(row["name"]))
    tx.write(`INSERT OR IGNORE INTO device (id, ${names.join(", ")}) VALUES (1, ${names.map(() => "0").join(", ")})`)
  })
  const taken: number[] = []
  const intake = {
    take: async (_turn: unknown, record: MailboxRecord) => {
      if (stalled.includes(record.seq)) throw new Undecided({ waitMs: 60_000 })
      taken.push(record.seq)
    },
  } as unknown as Intake
  let connections = 0
  const network = {
    openMailbox: (_url: string, handlers: Parameters<Network["openMailbox"]>[1]): MailboxStream => {
      if (++connections === 1)
        setImmediate(() => {
          handlers.opened()
          for (const frame of frames) handlers.frame(frame)
        })
      return { send: () => {}, close: () => {} } as unknown as MailboxStream
    },
  } as unknown as Network
  const parts = {
    transactions,
    own: { serverUrl: "" },
    session: { token: async () => new Uint8Array() },
    jobs: fakeJobs({ soonMs: 1_000 }).jobs,
    clock: { nowMs: () => 0 },
    random: (sizeBytes: number) => new Uint8Array(sizeBytes),
    fault: (error: unknown) => assert.fail(String(error)),
    kick: () => {},
  } as unknown as Omit<MailboxParts, "intake" | "network" | "events">
  const mailbox = new Mailbox({ ...parts, intake, network, events: { status: () => {}, ephemeral: async () => {} } })
  await mailbox.open()
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2))
  mailbox.close()
  const [device] = await database.read("SELECT cursor FROM device")
  const waiting = await database.read("SELECT seq FROM inbox ORDER BY seq")
  return { taken, cursor: Number(device?.["cursor"]), waiting: waiting.map((row) => Number(row["seq"])), connections }
}

const opened = (head: number): StreamFrame => ({ type: "opened", head, acked: 0 })

test("A record that comes again is not taken in again, and the cursor is on disk with the record", async () => {
  const { taken, cursor, connections } = await received([
    opened(2),
    { type: "records", records: [post(1), post(2)] },
    { type: "records", records: [post(1), post(2)] },
  ])
  assert.deepEqual([taken, cursor, connections], [[1, 2], 2, 1])
})

test("A record that is missing in between is asked for on a new connection, and what came after it is not taken in before it", async () => {
  const { taken, cursor, connections } = await received([opened(3), { type: "records", records: [post(1), post(3)] }])
  assert.deepEqual([taken, cursor, connections], [[1], 1, 2])
})

test("What comes for a group waits behind what cannot be decided there yet, and is safe on disk", async () => {
  const { taken, cursor, waiting } = await received([opened(3), { type: "records", records: [post(1), post(2), post(3)] }], [2])
  assert.deepEqual([taken, cursor, waiting], [[1], 3, [2, 3]])
})
