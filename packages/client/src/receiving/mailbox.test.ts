import assert from "node:assert/strict"
import { test } from "node:test"
import { type MailboxRecord, WireError } from "@nodoor/wire"
import type { ConnectionStatus } from "./connection-status.ts"
import type { Intake } from "./intake.ts"
import { fakeJobs } from "../core/fixtures/fake-jobs.ts"
import { Mailbox, type MailboxParts } from "./mailbox.ts"
import { openMemoryDatabase } from "../platform/sqlite-node.ts"
import type { Network, MailboxStream } from "../core/ports.ts"
import { StoreError } from "../core/store-error.ts"
import { migrate } from "../store/schema.ts"
import { type Transaction, Transactions } from "../core/transaction.ts"

const groupId = (id: number): Uint8Array => new Uint8Array(32).fill(id)

function postTo(group: number, seq: number): MailboxRecord {
  return { kind: "post", seq, groupId: groupId(group), order: seq, timeMs: 0, body: new Uint8Array([seq]) } as unknown as MailboxRecord
}

test("A record that brings out an error nobody foresaw waits with those of its group, is told once, and stops no other group", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const transactions = new Transactions(database)
  const taken: number[] = []
  const faults: unknown[] = []
  let broken = true
  const intake = {
    take: async (_turn: unknown, record: MailboxRecord) => {
      if (broken && record.seq === 1) throw new TypeError("a bug")
      taken.push(record.seq)
    },
  } as unknown as Intake
  let acknowledged = 0
  const network = {
    openMailbox: (_url: string, handlers: Parameters<Network["openMailbox"]>[1]): MailboxStream => {
      setImmediate(() => {
        handlers.opened()
        handlers.frame({ type: "opened", head: 4, acked: 0 })
        handlers.frame({ type: "records", records: [postTo(1, 1), postTo(2, 2), postTo(1, 3), postTo(2, 4)] })
      })
      return {
        send: (frame: { readonly type: string; readonly seq?: number }) => void (acknowledged = frame.seq ?? acknowledged),
        close: () => {},
      } as MailboxStream
    },
  } as unknown as Network
  const parts = {
    transactions,
    own: { serverUrl: "" },
    session: { token: async () => new Uint8Array() },
    jobs: fakeJobs().jobs,
    fault: (error: unknown) => faults.push(error),
    kick: () => {},
  } as unknown as Omit<MailboxParts, "intake" | "network" | "events">
  const mailbox = new Mailbox({ ...parts, intake, network, events: { status: () => {}, ephemeral: async () => {} } })
  await mailbox.open()
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(holds())
  }
  await until(() => acknowledged === 4 && mailbox.status.status === "online")
  mailbox.retryUndecided()
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.deepEqual(taken, [2, 4])
  assert.equal(faults.length, 1)
  broken = false
  mailbox.retryUndecided()
  await until(() => taken.length === 4)
  assert.deepEqual(taken, [2, 4, 1, 3])
  mailbox.close()
})

test("A suspended account is asked for every quarter of an hour without a flicker, and goes on by itself; an erased one is asked for no more", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const { jobs, due } = fakeJobs()
  const statuses: ConnectionStatus[] = []
  let refusal: "account_suspended" | "account_erased" | undefined
  let signIns = 0
  let stream: Parameters<Network["openMailbox"]>[1] | undefined
  const network = {
    openMailbox: (_url: string, handlers: Parameters<Network["openMailbox"]>[1]): MailboxStream => {
      stream = handlers
      setImmediate(() => {
        handlers.opened()
        handlers.frame({ type: "opened", head: 0, acked: 0 })
      })
      return { send: () => {}, close: () => {} } as unknown as MailboxStream
    },
  } as unknown as Network
  const token = async (): Promise<Uint8Array> => {
    signIns++
    if (refusal) throw new WireError(refusal)
    return new Uint8Array()
  }
  const parts = {
    transactions: new Transactions(database),
    own: { serverUrl: "" },
    session: { token, forget: () => {} },
    jobs,
    fault: (error: unknown) => assert.fail(String(error)),
  } as unknown as Omit<MailboxParts, "intake" | "network" | "events">
  const status = (next: ConnectionStatus): void => void statuses.push(next)
  const mailbox = new Mailbox({ ...parts, intake: {} as Intake, network, events: { status, ephemeral: async () => {} } })
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(holds())
  }
  const codes = (): string[] => statuses.map((each) => (each.status === "refused" ? each.code : each.status))
  await mailbox.open()
  await until(() => mailbox.status.status === "online")

  refusal = "account_suspended"
  stream?.frame({ type: "closed", code: "account_suspended", message: "" })
  await until(() => mailbox.status.status === "refused")
  for (let again = 1; again <= 2; again++) {
    assert.deepEqual(
      due.map(({ afterMs }) => afterMs),
      [15 * 60_000],
    )
    due[0]?.run()
    await until(() => signIns === 1 + again)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  assert.deepEqual(codes(), ["connecting", "online", "account_suspended", "account_suspended", "account_suspended"])
  assert.match(mailbox.status.status === "refused" ? mailbox.status.message : "", /suspended your account/)

  refusal = undefined
  due[0]?.run()
  await until(() => mailbox.status.status === "online")
  refusal = "account_erased"
  stream?.frame({ type: "closed", code: "account_erased", message: "" })
  assert.deepEqual(codes().slice(-3), ["connecting", "online", "account_erased"])
  assert.deepEqual(due, [])
  mailbox.close()
})

test("A store behind what the server says was acknowledged takes in nothing, acknowledges nothing and stays closed, also without a stream", async () => {
  for (const way of ["stream", "plain read"] as const) {
    const database = await openMemoryDatabase()
    await migrate(database)
    const asked: string[] = []
    let failing = way === "plain read" ? 2 : 0
    const network = {
      openMailbox: (_url: string, handlers: Parameters<Network["openMailbox"]>[1]): MailboxStream => {
        setImmediate(() => {
          if (failing-- > 0) return handlers.closed()
          handlers.opened()
          handlers.frame({ type: "opened", head: 4, acked: 3 })
          handlers.frame({ type: "records", records: [{ kind: "gap", seq: 3 }, postTo(1, 4)] })
        })
        return { send: (frame: { readonly type: string }) => void asked.push(frame.type), close: () => {} } as unknown as MailboxStream
      },
      call: async (_url: string, route: { readonly path: string }) => {
        asked.push(route.path)
        return { records: [{ kind: "gap", seq: 3 }, postTo(1, 4)], head: 4, acked: 3 }
      },
    } as unknown as Network
    const parts = {
      transactions: new Transactions(database),
      own: { serverUrl: "" },
      session: { token: async () => new Uint8Array() },
      clock: { nowMs: () => 0 },
      random: (sizeBytes: number) => new Uint8Array(sizeBytes),
      jobs: fakeJobs({ soonMs: 10_000 }).jobs,
      fault: (error: unknown) => assert.fail(String(error)),
    } as unknown as Omit<MailboxParts, "intake" | "network" | "events">
    const intake = { take: () => assert.fail("nothing is taken in") } as unknown as Intake
    const mailbox = new Mailbox({ ...parts, intake, network, events: { status: () => {}, ephemeral: async () => {} } })
    await mailbox.open()
    for (let i = 0; i < 200 && mailbox.status.status !== "refused"; i++) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(mailbox.status.status === "refused" && mailbox.status.code, "older_copy", way)
    assert.deepEqual(asked, way === "stream" ? ["open"] : ["/v1/mailbox/read"])
    assert.deepEqual((await database.read("SELECT proof FROM older_copy"))[0], { proof: "server" })
  }
})

test("A store that fails once and works again takes in the very record it failed at, in its order, and acknowledges it only then", async () => {
  for (const failing of [1, 2, 3, 4]) {
    const disk = await openMemoryDatabase()
    await migrate(disk)
    let commits = 0
    const database = {
      ...disk,
      commit: async (statements: Parameters<typeof disk.commit>[0]) => {
        if (++commits === failing || commits === failing + 1) throw new StoreError("store_full")
        await disk.commit(statements)
      },
    }
    const taken: number[] = []
    const intake = {
      take: async (tx: Transaction, record: MailboxRecord) => tx.after(() => void taken.push(record.seq)),
    } as unknown as Intake
    const acknowledged: number[] = []
    const network = {
      openMailbox: (_url: string, handlers: Parameters<Network["openMailbox"]>[1]): MailboxStream => {
        setImmediate(() => handlers.opened())
        return {
          send: (frame: { readonly type: string; readonly seq?: number; readonly after?: number }) => {
            if (frame.type === "ack") acknowledged.push(frame.seq ?? 0)
            if (frame.type !== "open") return
            handlers.frame({ type: "opened", head: 4, acked: 0 })
            for (let seq = (frame.after ?? 0) + 1; seq <= 4; seq++) handlers.frame({ type: "records", records: [postTo(seq % 2, seq)] })
          },
          close: () => {},
        } as MailboxStream
      },
    } as unknown as Network
    const statuses: ConnectionStatus[] = []
    const parts = {
      transactions: new Transactions(database),
      own: { serverUrl: "" },
      session: { token: async () => new Uint8Array() },
      clock: { nowMs: () => 0 },
      random: (sizeBytes: number) => new Uint8Array(sizeBytes),
      jobs: fakeJobs({ soonMs: 10_000 }).jobs,
      fault: (error: unknown) => assert.fail(String(error)),
      kick: () => {},
    } as unknown as Omit<MailboxParts, "intake" | "network" | "events">
    const mailbox = new Mailbox({ ...parts, intake, network, events: { status: (next) => statuses.push(next), ephemeral: async () => {} } })
    await mailbox.open()
    for (let i = 0; i < 200 && acknowledged.at(-1) !== 4; i++) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(taken, [1, 2, 3, 4])
    assert.deepEqual(acknowledged, [1, 2, 3, 4])
    assert.equal((await disk.read("SELECT COUNT(*) AS n FROM inbox"))[0]?.["n"], 0)
    assert.equal(mailbox.status.status, "online")
    assert.ok(statuses.some((status) => status.status === "offline" && status.trouble?.code === "store_full"))
    mailbox.close()
  }
})

test("A connection that is doubted answers within two seconds or is given up, and one that is missing is made at once", async () => {
  const database = await openMemoryDatabase()
  await migrate(database)
  const { jobs, due } = fakeJobs()
  const statuses: string[] = []
  const sent: string[] = []
  let handlers: Parameters<Network["openMailbox"]>[1] | undefined
  let opened = 0
  const network = {
    openMailbox: (_url: string, given: Parameters<Network["openMailbox"]>[1]): MailboxStream => {
      opened++
      handlers = given
      setImmediate(() => given.frame({ type: "opened", head: 0, acked: 0 }))
      return { send: ({ type }: { readonly type: string }) => void sent.push(type), close: () => {} } as unknown as MailboxStream
    },
  } as unknown as Network
  const parts = {
    transactions: new Transactions(database),
    own: { serverUrl: "" },
    clock: { nowMs: () => 0 },
    random: (sizeBytes: number) => new Uint8Array(sizeBytes),
    session: { token: async () => new Uint8Array() },
    jobs,
    fault: (error: unknown) => assert.fail(String(error)),
  } as unknown as Omit<MailboxParts, "intake" | "network" | "events">
  const status = (next: ConnectionStatus): void => void statuses.push(next.status)
  const mailbox = new Mailbox({ ...parts, intake: {} as Intake, network, events: { status, ephemeral: async () => {} } })
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
    assert.ok(holds())
  }
  await mailbox.open()
  await until(() => mailbox.status.status === "online")
  const waits = (): readonly number[] => due.map(({ afterMs }) => afterMs)

  mailbox.look()
  assert.deepEqual([sent.at(-1), waits()], ["ping", [2_000]])
  handlers?.frame({ type: "pong" })
  assert.deepEqual(waits(), [30_000], "it answered")

  mailbox.look()
  const [deadline] = due
  mailbox.look()
  assert.equal(due[0], deadline, "asked again, it gets no more time")
  deadline?.run()
  assert.equal(mailbox.status.status, "offline")

  assert.equal(opened, 1)
  mailbox.look()
  mailbox.look()
  await until(() => mailbox.status.status === "online")
  assert.equal(opened, 2)
  assert.deepEqual(statuses, ["connecting", "online", "offline", "connecting", "online"])
  mailbox.look()
  assert.deepEqual(waits(), [2_000], "the doubt about the one before is over")
  mailbox.close()
})
