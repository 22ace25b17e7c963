// Groups of an archive in which this account has a place whose device is gone: this device asks the members to let it in there. While the account
// has another device, that one has the place, and adds this one.

import type { VerifiedAccountState } from "@nodoor/keylog"
import type { JobEnd, Jobs } from "../core/jobs.ts"
import type { OwnDevice } from "../core/own-device.ts"
import type { Part } from "../core/part.ts"
import type { Transactions } from "../core/transaction.ts"
import type { RejoinAsking } from "../sending/rejoin/rejoin-asking.ts"
import { listArchivedGroups } from "../store/archive/archived-groups.ts"

const kind = "restored-groups"

export interface RestoredGroupsParts {
  readonly own: Pick<OwnDevice, "deviceId">
  readonly transactions: Transactions
  readonly jobs: Pick<Jobs, "register" | "schedule">
  readonly asking: Pick<RejoinAsking, "restore">
  /** The account as its owner knows it. */
  known(): Promise<VerifiedAccountState | undefined>
}

export class RestoredGroups implements Part {
  readonly #parts: RestoredGroupsParts

  constructor(parts: RestoredGroupsParts) {
    this.#parts = parts
    parts.jobs.register({ kind, run: () => this.#ask() })
  }

  /** An archive has brought groups. */
  look(): void {
    this.#parts.jobs.schedule({ kind, inMs: 0 })
  }

  online(): void {
    this.look()
  }

  offline(): void {}
  close(): void {}

  async #ask(): Promise<JobEnd> {
    const { transactions, asking } = this.#parts
    const account = await this.#parts.known()
    if (account?.state.devices.length !== 1) return
    await transactions.run(async (tx) => {
      for (const { groupId, policy, rejoin } of await listArchivedGroups(tx)) {
        // The group of the account's own devices had no other members.
        if (policy.kind === "self" || rejoin?.key === undefined) continue
        const { seat, secret: seatSecret, epoch, key: rejoinKey } = rejoin
        await asking.restore(tx, groupId, { seat, seatSecret, epoch, rejoinKey })
      }
    })
  }
}
