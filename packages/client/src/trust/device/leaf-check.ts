// All leaves are checked again with newer heads, within a day: a device that its account no longer lists is removed by whoever notices.

import { equal, toHex } from "@nodoor/bytes"
import { type AccountId, type DeviceId, findDevice } from "@nodoor/keylog"
import { WireError } from "@nodoor/wire"
import { encodeIntent } from "../../store/group/intent.ts"
import { enqueue, enqueueRevoke, ranks } from "../../store/group/outbox-item.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Clock } from "../../core/ports.ts"
import type { Row } from "../../core/ports.ts"
import type { Trust } from "../trust.ts"
import type { Transaction, Transactions } from "../../core/transaction.ts"
import type { KeyLog } from "../log/key-log.ts"

export interface LeafParts {
  readonly transactions: Transactions
  readonly keyLog: KeyLog
  readonly trust: Trust
  readonly clock: Clock
  readonly own: OwnDevice
}

/** An account is asked for again when the log has grown and it was not asked for this long, and in any case after a day. */
const afterMs = 3_600_000
const dayMs = 86_400_000 - afterMs
/** Handles the server is asked for in one look: it lets a caller ask for one a second. */
const handlesPerLook = 40

export class LeafCheck {
  readonly #parts: LeafParts
  readonly #kick: (groupId: Uint8Array) => void

  constructor(parts: LeafParts, hooks: { kick(groupId: Uint8Array): void }) {
    this.#parts = parts
    this.#kick = hooks.kick
  }

  /** @throws as `KeyLog.search` */
  async look(): Promise<void> {
    const { trust } = this.#parts
    await trust.askAll(await this.#due(), { claims: false })
    await trust.askAll(await this.#nameless(), { claims: true }).catch((error: unknown) => {
      // What is left over is asked for with the next look.
      if (!(error instanceof WireError && error.code === "rate_limited")) throw error
    })
    await this.removeRevoked()
    await this.#letBackIn()
  }

  /** Has every leaf removed that its account does not list. */
  async removeRevoked(): Promise<void> {
    const { transactions, trust } = this.#parts
    await transactions.run(async (tx) => {
      const rows = await tx.read(
        "SELECT m.group_id, m.account_id, m.device_id FROM member m JOIN mls_group g ON g.group_id = m.group_id WHERE g.status = 'active'",
      )
      const revoked = new Map<string, Row>()
      for (const row of rows) {
        const accountId = row["account_id"] as Uint8Array
        const account = await trust.latest(accountId)
        const listed = !account || findDevice(account.state, row["device_id"] as DeviceId)
        if (listed && !(await trust.hasEnded(accountId))) continue
        revoked.set(`${toHex(row["group_id"] as Uint8Array)}/${toHex(row["account_id"] as Uint8Array)}`, row)
      }
      if (await this.#ownIsRevoked()) return
      for (const row of revoked.values()) {
        const groupId = row["group_id"] as Uint8Array
        await enqueueRevoke(tx, groupId, row["account_id"] as AccountId)
        tx.after(() => this.#kick(groupId))
      }
    })
  }

  /** A person of two whose last device went is let in again as soon as there is one that may be written to, unless they are blocked. */
  async #letBackIn(): Promise<void> {
    const { transactions, trust, own } = this.#parts
    await transactions.run(async (tx) => {
      const rows = await tx.read(
        `SELECT g.group_id, c.peer FROM mls_group g JOIN chat c ON c.chat_id = g.chat_id AND c.group_id = g.group_id
         WHERE g.status = 'active' AND c.kind = 'dm' AND c.state = 'active' AND g.epoch > 0
           AND NOT EXISTS (SELECT 1 FROM contact p WHERE p.account_id = c.peer AND p.blocked = 1)
           AND NOT EXISTS (SELECT 1 FROM member m WHERE m.group_id = g.group_id AND m.account_id != ?)`,
        own.accountId,
      )
      for (const row of rows) {
        const peer = row["peer"] as AccountId
        const account = await trust.latest(peer)
        if (!account || account.state.devices.length === 0 || (await trust.hasEnded(peer)) || (await trust.heldUntilMs(peer)) !== undefined)
          continue
        await this.#add(tx, row["group_id"] as Uint8Array, peer)
      }
    })
  }

  /** Some of those in chats that the person accepted whose handle is not known yet, the longest first. */
  async #nameless(): Promise<readonly AccountId[]> {
    const { transactions, own } = this.#parts
    const rows = await transactions.database.read(
      `SELECT DISTINCT m.account_id, COALESCE(k.checked_ms, 0) AS checked_ms FROM member m
         JOIN mls_group g ON g.group_id = m.group_id JOIN chat c ON c.chat_id = g.chat_id
         LEFT JOIN account_check k ON k.account_id = m.account_id
       WHERE g.status = 'active' AND c.state = 'active' AND m.account_id != ?
         AND NOT EXISTS (SELECT 1 FROM log_handle h WHERE h.account_id = m.account_id) ORDER BY checked_ms LIMIT ?`,
      [own.accountId, handlesPerLook],
    )
    return rows.map((row) => row["account_id"] as AccountId)
  }

  /** Accounts of active groups that the log was not asked about lately, the longest first. */
  async #due(): Promise<readonly AccountId[]> {
    const { transactions, clock, keyLog, own } = this.#parts
    const nowMs = clock.nowMs()
    const rows = await transactions.database.read(
      `SELECT DISTINCT m.account_id, COALESCE(k.checked_ms, 0) AS checked_ms FROM member m
         JOIN mls_group g ON g.group_id = m.group_id LEFT JOIN account_check k ON k.account_id = m.account_id
       WHERE g.status = 'active' AND m.account_id != ?
         AND (k.account_id IS NULL OR k.checked_ms < ? OR (k.checked_ms < ? AND k.size < ?)) ORDER BY checked_ms`,
      [own.accountId, nowMs - dayMs, nowMs - afterMs, keyLog.stored?.head.size ?? 0],
    )
    return rows.map((row) => row["account_id"] as AccountId)
  }

  async #add(tx: Transaction, groupId: Uint8Array, account: AccountId): Promise<void> {
    const payload = encodeIntent({ type: "add", accounts: [account] })
    const present = await tx.read("SELECT payload FROM outbox WHERE group_id = ? AND kind = 'commit'", groupId)
    if (present.some((row) => equal(row["payload"] as Uint8Array, payload))) return
    enqueue(tx, { groupId, kind: "commit", payload, rank: ranks.urgent })
    tx.after(() => this.#kick(groupId))
  }

  async #ownIsRevoked(): Promise<boolean> {
    const { trust, own } = this.#parts
    const account = await trust.latest(own.accountId)
    return account !== undefined && !findDevice(account.state, own.deviceId)
  }
}
