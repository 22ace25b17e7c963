// What takes one record in. Each kind of record has its own file; `intake.ts` is the table of them.

import type { Transaction } from "../core/transaction.ts"
import type { PlacedRecord } from "../store/group/waiting-records.ts"
import type { Lookups } from "../trust/trust.ts"

export interface RecordIntake {
  /**
   * Nothing is acknowledged before it is stored, and nothing is applied before it is checked. `looks`: what was looked up since the record was
   * first tried.
   * @throws Undecided when accounts must be looked up first; OlderCopy
   */
  take(tx: Transaction, record: PlacedRecord, looks: Lookups): Promise<void>
}
