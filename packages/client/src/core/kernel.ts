// What the parts of one device share: who it is, its turns, its group states, whom it trusts, and how to wake the sender.

import type { CryptoProvider, Random } from "@nodoor/mls"
import type { GroupStates } from "../group/group-states.ts"
import type { Jobs } from "./jobs.ts"
import type { OwnDevice } from "./own-device.ts"
import type { Clock, Timers } from "./ports.ts"
import type { Renewals } from "../sending/renewals.ts"
import type { Session } from "./session.ts"
import type { KeyLog } from "../trust/log/key-log.ts"
import type { Watch } from "../trust/watch.ts"
import type { Trust } from "../trust/trust.ts"
import type { Transactions } from "./transaction.ts"

export interface Kernel {
  readonly own: OwnDevice
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly crypto: CryptoProvider
  readonly transactions: Transactions
  readonly states: GroupStates
  readonly session: Session
  /** Everything that is due later. */
  readonly jobs: Jobs
  readonly trust: Trust
  readonly keyLog: KeyLog
  /** Looks after the log: the own account, what others believe of the log, everybody's leaves. */
  readonly watch: Watch
  /** Brings new keys of this device into its groups. */
  readonly renewals: Renewals
  /** There may be something to send in this group. Never throws, does nothing at once. */
  kick(groupId: Uint8Array): void
  /** Somebody's proposal waits in this group for a commit. */
  proposalsWait(groupId: Uint8Array): void
  /** Receipts wait in this group; they are sent together after a moment. */
  receiptsWait(groupId: Uint8Array): void
  /** Whether the receipts that wait in this group may go now. */
  receiptsReady(groupId: Uint8Array): boolean
  /** KeyPackages of this device were used up. */
  keyPackageUsed(): void
  /** A bug or a broken store: told to whoever opened the device, never thrown into a callback. */
  fault(error: unknown): void
}
