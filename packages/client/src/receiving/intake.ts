// Receives one record of the mailbox per transaction. Each kind of record has its own file, and this is the table of them.

import type { Random } from "@nodoor/mls"
import type { MailboxRecord } from "@nodoor/wire"
import type { Clock } from "../core/ports.ts"
import type { Transaction } from "../core/transaction.ts"
import { Joining, type JoiningParts } from "../group/join/joining.ts"
import type { Lookups } from "../trust/trust.ts"
import { BodyIntake, type BodyIntakeParts } from "./body.ts"
import { takeGap } from "./gap.ts"

export type IntakeParts = JoiningParts & BodyIntakeParts & { readonly random: Random; readonly clock: Clock }

export class Intake {
  readonly #parts: IntakeParts
  readonly #joining: Joining
  readonly #bodies: BodyIntake

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#joining = new Joining(parts)
    this.#bodies = new BodyIntake(parts)
  }

  /**
   * Nothing is acknowledged before it is stored, and nothing is applied before it is checked. `looks`: what was looked up since the record was
   * first tried.
   * @throws Undecided when accounts must be looked up first; OlderCopy
   */
  async take(tx: Transaction, record: MailboxRecord, looks: Lookups): Promise<void> {
    switch (record.kind) {
      case "gap":
        return takeGap(this.#parts, tx)
      case "welcome":
        return await this.#joining.take(tx, record, looks)
      case "post":
      case "commit":
        return await this.#bodies.take(tx, record, looks)
    }
  }
}
