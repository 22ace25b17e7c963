// What most parts of a device are handed: what it stands on, how it reaches the server, and when something is sent.

import { compose } from "../content/compose.ts"
import { introduction } from "../content/introduction.ts"
import { sync as syncContent } from "../content/sync.ts"
import type { Transaction } from "../core/transaction.ts"
import { ProposalTiming } from "../group/commit/proposal-timing.ts"
import { KeyPackageSupply } from "../group/join/key-package-supply.ts"
import { replenishKeyPackages } from "../group/join/key-packages.ts"
import { placeLost } from "../group/membership/place-lost.ts"
import { endedHealing } from "../group/rejoin/healing.ts"
import { IntroductionSending } from "../sending/introductions.ts"
import { ReceiptTiming } from "../sending/receipt-timing.ts"
import { Renewals } from "../sending/renewals.ts"
import { Sync } from "../sync/sync.ts"
import type { Foundation } from "./foundation.ts"
import type { ServerAccess } from "./server-access.ts"

/** What is told to parts that are made from these. */
export interface Later {
  readonly introductionArrived: () => void
  readonly ownDevicesDue: () => void
  readonly ownDevicesDueSoon: () => void
  readonly historyArrived: () => void
  readonly historyWanted: () => void
  /** A file is to be uploaded, or no longer. */
  readonly filesDue: () => void
  readonly rejoinDue: (groupId: Uint8Array) => void
  /** Something is there that could not be read, or a group can be read again. */
  readonly missedDue: () => void
  /** Other seats are to be read. */
  readonly seatsChanged: () => void
}

export interface SharedParts extends Foundation, Later, Pick<ServerAccess, "tokens" | "posting" | "blobs"> {
  readonly renewals: Renewals
  readonly sync: Sync
  readonly proposalsWait: (groupId: Uint8Array) => void
  readonly receiptsWait: (groupId: Uint8Array) => void
  readonly introductionsDue: () => void
  readonly healed: (tx: Transaction, at: Parameters<typeof endedHealing>[2]) => Promise<void>
  readonly placeLost: (tx: Transaction, groupId: Uint8Array) => Promise<void>
  readonly joinPending: () => void
  readonly keyPackageUsed: () => void
}

/** Those that decide when, beside what the others are handed of them. */
export interface SharingParts {
  readonly shared: SharedParts
  readonly receipts: ReceiptTiming
  readonly proposals: ProposalTiming
  readonly keyPackages: KeyPackageSupply
  readonly introducing: IntroductionSending
}

export function shareParts(foundation: Foundation, { tokens, posting, blobs }: ServerAccess, later: Later): SharingParts {
  const renewals = new Renewals(foundation)
  const receipts = new ReceiptTiming(foundation)
  const proposals = new ProposalTiming(foundation)
  const keyPackages = new KeyPackageSupply({ jobs: foundation.jobs, replenish: () => replenishKeyPackages(shared) })
  const introducing = new IntroductionSending({
    ...foundation,
    pass: (tx, group, sealed): Promise<unknown> => compose(shared, tx, group, { type: introduction, input: { sealed } }),
  })
  const proposalsWait = (groupId: Uint8Array): void => proposals.wait(groupId)
  const receiptsWait = (groupId: Uint8Array): void => receipts.wait(groupId)
  const sync: Sync = new Sync({
    ...foundation,
    receiptsWait,
    proposalsWait,
    post: (tx, group, entries): Promise<unknown> => compose(shared, tx, group, { type: syncContent, input: { entries } }),
  })
  const shared: SharedParts = {
    ...foundation,
    ...later,
    tokens,
    posting,
    blobs,
    renewals,
    sync,
    proposalsWait,
    receiptsWait,
    introductionsDue: () => introducing.due(),
    healed: (tx, at) => endedHealing(shared, tx, at),
    placeLost: (tx, groupId) => placeLost(shared, tx, groupId),
    seatsChanged: () => {
      later.seatsChanged()
      later.ownDevicesDueSoon()
    },
    joinPending: () => later.seatsChanged(),
    keyPackageUsed: () => {
      keyPackages.used()
      later.ownDevicesDue()
    },
  }
  return { shared, receipts, proposals, keyPackages, introducing }
}
