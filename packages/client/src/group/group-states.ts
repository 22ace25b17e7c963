// MLS group states: records in the store, the current state of each group in memory.

import { bytes, toHex } from "@nodoor/bytes"
import { type Change, type CryptoProvider, type Environment, type GroupId, type GroupState, loadGroup, records } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"

/** States are immutable, so the one in memory is always the one on disk: it is replaced after the turn's commit, never before. */
export class GroupStates {
  readonly #crypto: CryptoProvider
  readonly #clock: Clock
  readonly #current = new Map<string, GroupState>()
  readonly #pending = new WeakMap<Transaction, Map<string, GroupState>>()

  constructor(ports: { readonly crypto: CryptoProvider; readonly clock: Clock }) {
    this.#crypto = ports.crypto
    this.#clock = ports.clock
  }

  environment(): Environment {
    return { crypto: this.#crypto, timeMs: this.#clock.nowMs() }
  }

  /** The state as this turn sees it; undefined when the store holds none. */
  async find(tx: Transaction, groupId: Uint8Array): Promise<GroupState | undefined> {
    const id = toHex(groupId)
    const known = this.#pending.get(tx)?.get(id) ?? this.#current.get(id)
    if (known) return known
    const rows = await tx.read("SELECT key, value FROM mls_record WHERE group_id = ?", groupId)
    if (rows.length === 0) return undefined
    const state = loadGroup(
      this.environment(),
      rows.map((row) => ({ key: String(row["key"]), value: row["value"] as Uint8Array })),
    )
    this.#current.set(id, state)
    return state
  }

  /** Writes what changed. Everything after it in the turn sees the new state. */
  save(tx: Transaction, { state, writes }: Change): void {
    for (const { key, value } of writes) {
      if (value === undefined) tx.write("DELETE FROM mls_record WHERE group_id = ? AND key = ?", state.groupId, key)
      else tx.write("INSERT OR REPLACE INTO mls_record (group_id, key, value) VALUES (?, ?, ?)", state.groupId, key, value)
    }
    this.#keep(tx, state)
  }

  /** A whole new state: nothing of an older one of the same id remains. */
  replace(tx: Transaction, { state }: Change): void {
    tx.write("DELETE FROM mls_record WHERE group_id = ?", state.groupId)
    this.save(tx, { state, writes: records(state) })
  }

  /** Erases every secret of the group. */
  erase(tx: Transaction, groupId: Uint8Array): void {
    tx.write("DELETE FROM mls_record WHERE group_id = ?", groupId)
    this.#pending.get(tx)?.delete(toHex(groupId))
    tx.after(() => this.#current.delete(toHex(groupId)))
  }

  #keep(tx: Transaction, state: GroupState): void {
    const id = toHex(state.groupId)
    const pending = this.#pending.get(tx) ?? new Map<string, GroupState>()
    if (pending.size === 0) {
      this.#pending.set(tx, pending)
      tx.after(() => {
        for (const [key, value] of pending) this.#current.set(key, value)
      })
    }
    pending.set(id, state)
  }
}

export function groupIdOf(raw: Uint8Array): GroupId {
  return bytes<"GroupId">(raw)
}
