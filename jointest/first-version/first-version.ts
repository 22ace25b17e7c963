// The data directory of the first version, which kept a mailbox for each device: one file, and in it who talks to whom. The test must
// solve it, or the test is blind. Filled by what that version did, without its checks.

import { hash } from "node:crypto"
import { readFileSync } from "node:fs"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"
import { type Chance, seededChance } from "../../sim/randomness.ts"
import { Names } from "../target/names.ts"
import type { Change, Night, Post, Target } from "../target/target.ts"

export class FirstVersion implements Target {
  readonly names: Names = new Names()
  readonly #db = new DatabaseSync(":memory:")
  readonly #chance: Chance
  readonly #accounts: Uint8Array[] = []
  readonly #devices: { readonly id: Uint8Array; readonly account: Uint8Array }[] = []
  readonly #groups: Uint8Array[] = []

  constructor(seed: number) {
    this.#chance = seededChance(seed ^ 0x5eed)
    this.#db.exec(readFileSync(new URL("layout.sql", import.meta.url), "utf8"))
  }

  register(device: number, account: number, atMs: number): void {
    if (this.#accounts[account] === undefined) {
      const id = (this.#accounts[account] = this.#chance.bytes(16))
      this.names.account(account, id)
      const handle = Buffer.from(this.#chance.bytes(9)).toString("hex")
      const day = new Date(atMs).toISOString().slice(0, 10)
      this.#run(
        "INSERT INTO accounts (account_id, handle, holder_name, email, created_at_ms, last_seen_day, handle_binding, verified_state) VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
        id,
        handle,
        `Holder of ${handle}`,
        atMs,
        day,
        this.#chance.bytes(120),
        this.#chance.bytes(200),
      )
      this.#run("INSERT INTO addresses VALUES (?, ?, ?, ?)", id, `198.51.100.${account % 250}`, atMs, atMs)
    }
    const accountId = this.#accounts[account] as Uint8Array
    const id = this.#chance.bytes(16)
    this.#devices[device] = { id, account: accountId }
    this.names.device(device, id)
    this.#run("INSERT INTO devices VALUES (?, ?, ?)", id, accountId, this.#chance.bytes(32))
    this.#run("INSERT INTO mailboxes (mailbox, floor) VALUES (?, 0)", id)
    for (let at = 0; at < 10; at++) this.#keyPackage(id)
  }

  come(device: number, _: unknown, atMs: number): void {
    const { id, account } = this.#devices[device] as { id: Uint8Array; account: Uint8Array }
    const day = new Date(atMs).toISOString().slice(0, 10)
    this.#run("UPDATE accounts SET last_seen_day = ? WHERE account_id = ?", day, account)
    this.#run("UPDATE addresses SET last_seen_ms = ? WHERE account_id = ?", atMs, account)
    this.#run("DELETE FROM sessions WHERE expires_at_ms < ?", atMs)
    this.#run("INSERT INTO sessions VALUES (?, ?, ?)", this.#chance.bytes(32), id, atMs + 3_600_000)
    this.#acknowledge(id)
  }

  leave(): void {}

  create(group: number, device: number, atMs: number): void {
    const id = (this.#groups[group] = this.#chance.bytes(32))
    this.names.group(group, id)
    this.#run("INSERT INTO groups VALUES (?, 0, ?, NULL, 0, ?, ?)", id, this.#chance.bytes(32), atMs, this.#chance.bytes(32))
    this.#seat(group, device)
  }

  add(group: number, { devices, readers }: Change, atMs: number): void {
    for (const device of devices) {
      const { id } = this.#devices[device] as { id: Uint8Array }
      this.#run("DELETE FROM key_packages WHERE package_order = (SELECT min(package_order) FROM key_packages WHERE device_id = ?)", id)
      this.#keyPackage(id)
      this.#run("INSERT INTO used_claims VALUES (?, ?)", this.#chance.bytes(32), atMs + 86_400_000)
      this.#seat(group, device)
    }
    this.#body(group, "commit", 900, atMs, readers)
  }

  remove(group: number, { devices, readers }: Change, atMs: number): void {
    this.#body(group, "commit", 900, atMs, readers)
    const id = this.#groups[group] as Uint8Array
    for (const device of devices) this.#run("DELETE FROM deliveries WHERE group_id = ? AND mailbox = ?", id, this.#idOf(device))
  }

  /** That version knew no such thing: a store that was put back went on. */
  ask(): void {}

  readmit(): void {}

  post(group: number, { sizeBytes, readers }: Post, atMs: number): void {
    this.#body(group, "post", sizeBytes, atMs, readers)
  }

  night(_: number, atMs: number): Night {
    return { files: [{ path: "nodoor.sqlite", half: "both", bytes: this.#db.serialize(), mtimeMs: atMs }], scrapes: [] }
  }

  close(): void {
    this.#db.close()
  }

  #idOf(device: number): Uint8Array {
    return (this.#devices[device] as { id: Uint8Array }).id
  }

  #seat(group: number, device: number): void {
    const [groupId, id] = [this.#groups[group] as Uint8Array, this.#idOf(device)]
    if (this.names.seatOf(group, device) === undefined) this.names.seat(group, device, id)
    this.#run("INSERT OR IGNORE INTO deliveries VALUES (?, ?)", groupId, id)
  }

  #keyPackage(device: Uint8Array): void {
    const bytes = this.#chance.bytes(300)
    const columns = "(device_id, last_resort, package_hash, package)"
    this.#run(`INSERT INTO key_packages ${columns} VALUES (?, 0, ?, ?)`, device, new Uint8Array(hash("sha256", bytes, "buffer")), bytes)
  }

  #body(group: number, kind: string, sizeBytes: number, atMs: number, readers: readonly number[]): void {
    const groupId = this.#groups[group] as Uint8Array
    const body = this.#chance.bytes(sizeBytes)
    const row = this.#db
      .prepare("UPDATE groups SET last_order = last_order + 1, last_time_ms = ? WHERE group_id = ? RETURNING last_order")
      .get(atMs, groupId) as { last_order: number }
    const boxes = this.#db.prepare("SELECT mailbox FROM deliveries WHERE group_id = ?").all(groupId) as { mailbox: Uint8Array }[]
    const { lastInsertRowid } = this.#db
      .prepare("INSERT INTO bodies (waiting, kind, group_id, group_order, time_ms, body) VALUES (?, ?, ?, ?, ?, ?)")
      .run(boxes.length, kind, groupId, row.last_order, atMs, body)
    for (const { mailbox } of boxes)
      this.#run(
        `INSERT INTO waiting SELECT mailbox, floor + 1 + (SELECT count(*) FROM waiting w WHERE w.mailbox = m.mailbox), ?, 0
           FROM mailboxes m WHERE mailbox = ?`,
        lastInsertRowid,
        mailbox,
      )
    for (const reader of readers) this.#acknowledge(this.#idOf(reader))
  }

  #acknowledge(mailbox: Uint8Array): void {
    const head = this.#db.prepare("SELECT max(seq) AS seq FROM waiting WHERE mailbox = ?").get(mailbox) as { seq: number | null }
    if (head.seq === null) return
    this.#run("UPDATE mailboxes SET floor = ?, acked = ? WHERE mailbox = ?", head.seq, head.seq, mailbox)
    const gone = this.#db.prepare("DELETE FROM waiting WHERE mailbox = ? RETURNING body_id").all(mailbox) as { body_id: number }[]
    for (const { body_id } of gone) {
      this.#run("UPDATE bodies SET waiting = waiting - 1 WHERE body_id = ?", body_id)
      this.#run("DELETE FROM bodies WHERE body_id = ? AND waiting = 0", body_id)
    }
  }

  #run(statement: string, ...values: SQLInputValue[]): void {
    this.#db.prepare(statement).run(...values)
  }
}
