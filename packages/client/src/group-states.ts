// MLS group states: records in the store, the current state of each group in memory.

import { bytes, toHex } from "@nodoor/bytes"
import { type Change, type CryptoProvider, type Environment, type GroupId, type GroupState, loadGroup, records } from "@nodoor/mls"
import type { Clock } from "./ports.ts"
import type { Turn } from "./turn.ts"

/** States are immutable, so the one in memory is always the one on disk: it is replaced after the turn's commit, never before. */
export class GroupStates {
  readonly #crypto: CryptoProvider
  readonly #clock: Clock
  readonly #current = new Map<string, GroupState>()
  readonly #pending = new WeakMap<Turn, Map<string, GroupState>>()

  constructor(ports: { readonly crypto: CryptoProvider; readonly clock: Clock }) {
    this.#crypto = ports.crypto
    this.#clock = ports.clock
  }

  environment(): Environment {
    return { crypto: this.#crypto, timeMs: this.#clock.nowMs() }
  }

  /** The state as this turn sees it; undefined when the store holds none. */
  async find(turn: Turn, groupId: Uint8Array): Promise<GroupState | undefined> {
    const id = toHex(groupId)
    const known = this.#pending.get(turn)?.get(id) ?? this.#current.get(id)
    if (known) return known
    const rows = await turn.read("SELECT key, value FROM mls_record WHERE group_id = ?", groupId)
    if (rows.length === 0) return undefined
    const state = loadGroup(
      this.environment(),
      rows.map((row) => ({ key: String(row["key"]), value: row["value"] as Uint8Array })),
    )
    this.#current.set(id, state)
    return state
  }

  /** Writes what changed. Everything after it in the turn sees the new state. */
  save(turn: Turn, { state, writes }: Change): void {
    for (const { key, value } of writes) {
      if (value === undefined) turn.write("DELETE FROM mls_record WHERE group_id = ? AND key = ?", state.groupId, key)
      else turn.write("INSERT OR REPLACE INTO mls_record (group_id, key, value) VALUES (?, ?, ?)", state.groupId, key, value)
    }
    this.#keep(turn, state)
  }

  /** A whole new state: nothing of an older one of the same id remains. */
  replace(turn: Turn, { state }: Change): void {
    turn.write("DELETE FROM mls_record WHERE group_id = ?", state.groupId)
    this.save(turn, { state, writes: records(state) })
  }

  /** Erases every secret of the group. */
  erase(turn: Turn, groupId: Uint8Array): void {
    turn.write("DELETE FROM mls_record WHERE group_id = ?", groupId)
    this.#pending.get(turn)?.delete(toHex(groupId))
    turn.after(() => this.#current.delete(toHex(groupId)))
  }

  #keep(turn: Turn, state: GroupState): void {
    const id = toHex(state.groupId)
    const pending = this.#pending.get(turn) ?? new Map<string, GroupState>()
    if (pending.size === 0) {
      this.#pending.set(turn, pending)
      turn.after(() => {
        for (const [key, value] of pending) this.#current.set(key, value)
      })
    }
    pending.set(id, state)
  }
}

export function groupIdOf(raw: Uint8Array): GroupId {
  return bytes<"GroupId">(raw)
}
