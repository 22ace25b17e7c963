// Receives one record of a group's log. Each kind of record has its own file, and this is the table of them.

import { equal } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import type { JoinRecord } from "../core/group-record.ts"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import { Joining, type JoiningParts } from "../group/join/joining.ts"
import { findHealing } from "../store/rejoin/healing.ts"
import { findGroup } from "../store/group/groups.ts"
import { findOwnSeat } from "../store/group/seats.ts"
import type { PlacedRecord } from "../store/group/waiting-records.ts"
import { Undecided } from "../trust/device/undecided.ts"
import type { Lookups } from "../trust/trust.ts"
import { BodyIntake, type BodyIntakeParts } from "./body.ts"
import type { RecordIntake } from "./record-intake.ts"

export type IntakeParts = JoiningParts & BodyIntakeParts & { readonly random: Random; readonly clock: Clock }

/** The other seat's log brings what is missing. */
const otherSeatRetryMs = 1_000

export class Intake implements RecordIntake {
  readonly #joining: Joining
  readonly #bodies: BodyIntake

  constructor(parts: IntakeParts) {
    this.#joining = new Joining(parts)
    this.#bodies = new BodyIntake(parts)
  }

  /**
   * Nothing is acknowledged before it is stored, and nothing is applied before it is checked. `looks`: what was looked up since the record was
   * first tried.
   * @throws Undecided when accounts must be looked up first; OlderCopy
   */
  async take(tx: Transaction, record: PlacedRecord, looks: Lookups): Promise<void> {
    switch (record.kind) {
      case "join":
        if (await this.#replacesOwnSeat(tx, record)) await this.#bodies.take(tx, { ...record, kind: "commit" }, looks)
        return await this.#joining.take(tx, record, looks)
      case "post":
      case "commit":
        return await this.#bodies.take(tx, record, looks)
    }
  }

  /** Whether the commit also takes this device out, as one does that adds it again. @throws Undecided until everything before it is here */
  async #replacesOwnSeat(tx: Transaction, { groupId, order, removes }: JoinRecord): Promise<boolean> {
    const own = await findOwnSeat(tx, groupId)
    const group = own && (await findGroup(tx, groupId))
    if (!group || (group.status !== "active" && group.status !== "leaving") || order <= group.lastOrder) return false
    if (!removes.some((seat) => equal(seat, own.seat))) return false
    if ((await findHealing(tx, groupId))?.seatOver === true) return false
    if (order > group.lastOrder + 1) throw new Undecided({ waitMs: otherSeatRetryMs })
    return true
  }
}
