// A copy of what a device held at one moment, a backup or the work of a minute, tried on everything that comes afterwards by somebody who
// also has the server: the group's bodies in their order.

import { type Environment, type GroupState, MlsError, applyCommit, loadGroup, process } from "@nodoor/mls"
import { nodeProvider } from "@nodoor/mls/node"
import type { DrillWorld, Person } from "../drill-world.ts"
import { type ShownRecord, bodyOf } from "./shown-groups.ts"

const hourMs = 3_600_000

export class CopiedStore {
  /** What the copy opened. */
  readonly read: { readonly text: string; readonly timeMs: number }[] = []
  readonly #env: Environment
  #state: GroupState
  #order: number

  private constructor(env: Environment, state: GroupState, order: number) {
    this.#env = env
    this.#state = state
    this.#order = order
  }

  static async of(world: DrillWorld, person: Person, groupId: Uint8Array): Promise<CopiedStore> {
    const { disk } = person.virtual
    const rows = await disk.read("SELECT key, value FROM mls_record WHERE group_id = ?", [groupId])
    const [group] = await disk.read("SELECT last_order FROM mls_group WHERE group_id = ?", [groupId])
    const env = { crypto: nodeProvider, timeMs: world.time.nowMs() }
    const records = rows.map((row) => ({ key: String(row["key"]), value: row["value"] as Uint8Array }))
    return new CopiedStore(env, loadGroup(env, records), Number(group?.["last_order"]))
  }

  /** Opens what it can, and goes along with every commit that it can follow. */
  follow(records: readonly ShownRecord[]): void {
    for (const record of records) {
      if (record.type === "join" || record.order <= this.#order) continue
      this.#order = record.order
      try {
        const processed = process(this.#env, this.#state, bodyOf(record))
        this.#state = processed.change.state
        if (processed.kind === "application")
          this.read.push({ text: Buffer.from(processed.plaintext).toString(), timeMs: record.hour * hourMs })
        if (processed.kind === "commit") this.#state = applyCommit(this.#env, this.#state, processed.staged).state
      } catch (error) {
        if (!(error instanceof MlsError)) throw error
      }
    }
  }

  /** How many of the texts that hold these words it opened. */
  holding(words: string): number {
    return this.read.filter(({ text }) => text.includes(words)).length
  }
}
