// MLS group states: records in the store, the current state of each group in memory.

import { toHex } from "@nodoor/bytes"
import { type Change, type CryptoProvider, type Environment, type GroupState, type RecordWrite, loadGroup, records } from "@nodoor/mls"
import type { Clock } from "../core/ports.ts"
import { deleteRecords, listRecords, writeRecords } from "../store/group/mls-records.ts"
import type { Transaction } from "../core/transaction.ts"

/** States are immutable, so the one in memory is always the one on disk: it is replaced after the transaction is committed, never before. */
export class GroupStates {
  readonly #crypto: CryptoProvider
  readonly #clock: Clock
  readonly #current = new Map<string, GroupState>()
  readonly #pending = new WeakMap<Transaction, Map<string, GroupState>>()
  /** What a transaction has to write for each group, by key: a burst of messages replaces the same records many times. */
  readonly #writes = new WeakMap<Transaction, Map<string, Map<string, RecordWrite>>>()

  constructor(ports: { readonly crypto: CryptoProvider; readonly clock: Clock }) {
    this.#crypto = ports.crypto
    this.#clock = ports.clock
  }

  environment(): Environment {
    return { crypto: this.#crypto, timeMs: this.#clock.nowMs() }
  }

  /** The state as this transaction sees it. Undefined when the store holds none. */
  async find(tx: Transaction, groupId: Uint8Array): Promise<GroupState | undefined> {
    const id = toHex(groupId)
    const known = this.#pending.get(tx)?.get(id) ?? this.#current.get(id)
    if (known) return known
    const stored = await listRecords(tx, groupId)
    if (stored.length === 0) return undefined
    const state = loadGroup(this.environment(), stored)
    this.#current.set(id, state)
    return state
  }

  /** Writes what changed. Later calls in the transaction see the new state. */
  save(tx: Transaction, { state, writes }: Change): void {
    const ofGroup = this.#writesOf(tx, state.groupId)
    for (const write of writes) ofGroup.set(write.key, write)
    this.#keep(tx, state)
  }

  /** Replaces the whole state. Nothing of an older one with the same id remains. */
  replace(tx: Transaction, { state }: Change): void {
    this.#delete(tx, state.groupId)
    this.save(tx, { state, writes: records(state) })
  }

  /** Erases every secret of the group. */
  erase(tx: Transaction, groupId: Uint8Array): void {
    this.#delete(tx, groupId)
    this.#pending.get(tx)?.delete(toHex(groupId))
    tx.after(() => this.#current.delete(toHex(groupId)))
  }

  #delete(tx: Transaction, groupId: Uint8Array): void {
    deleteRecords(tx, groupId)
    this.#writesOf(tx, groupId).clear()
  }

  #writesOf(tx: Transaction, groupId: Uint8Array): Map<string, RecordWrite> {
    const id = toHex(groupId)
    const all = this.#writes.get(tx) ?? new Map<string, Map<string, RecordWrite>>()
    this.#writes.set(tx, all)
    const known = all.get(id)
    if (known) return known
    const fresh = new Map<string, RecordWrite>()
    all.set(id, fresh)
    tx.atEnd(() => writeRecords(tx, groupId, [...fresh.values()]))
    return fresh
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
