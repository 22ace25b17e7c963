// Every check that `--prove` takes out, by area.

import type { Mutation } from "./mutation.ts"
import { blobMutations } from "./streams/blobs.ts"
import { cliMutations } from "./cli.ts"
import { connectionsMutations } from "./streams/connections.ts"
import { contentMutations } from "./content.ts"
import { deliveryMutations } from "./delivery.ts"
import { attackMutations } from "./streams/attacks.ts"
import { deliveryHalfMutations } from "./streams/delivery-half.ts"
import { rejoinHalfMutations } from "./streams/rejoin-half.ts"
import { deviceMutations } from "./device.ts"
import { archiveMutations } from "./device-parts/archives.ts"
import { rejoinMutations } from "./devices/rejoin.ts"
import { missedMutations } from "./devices/missed.ts"
import { deviceCallsMutations } from "./device-calls.ts"
import { firstHourMutations } from "./first-hour.ts"
import { groupsMutations } from "./groups.ts"
import { identityMutations } from "./identity.ts"
import { keepingMutations } from "./keeping.ts"
import { leavesMutations } from "./leaves.ts"
import { logMutations } from "./log.ts"
import { mediaMutations } from "./device-parts/media.ts"
import { mlsMutations } from "./mls.ts"
import { policyMutations } from "./policy.ts"
import { commitsMutations } from "./commits.ts"
import { ephemeralMutations } from "./ephemeral.ts"
import { invitationsMutations } from "./invitations.ts"
import { readingMutations } from "./streams/reading.ts"
import { recoveryMutations } from "./account/recovery.ts"
import { removalMutations } from "./removal.ts"
import { removedMutations } from "./removed.ts"
import { seatMutations } from "./seats.ts"
import { sendingHalfMutations } from "./sending-half.ts"
import { serverMutations } from "./server.ts"
import { linkMutations } from "./devices/link.ts"
import { sharedHistoryMutations } from "./devices/shared-history.ts"
import { successorMutations } from "./devices/successors.ts"
import { syncMutations } from "./devices/sync.ts"
import { textMutations } from "./text.ts"
import { tokenMutations } from "./tokens.ts"

export const mutations: readonly Mutation[] = [
  ...mlsMutations,
  ...mediaMutations,
  ...groupsMutations,
  ...policyMutations,
  ...invitationsMutations,
  ...seatMutations,
  ...ephemeralMutations,
  ...commitsMutations,
  ...identityMutations,
  ...removedMutations,
  ...removalMutations,
  ...logMutations,
  ...deliveryMutations,
  ...attackMutations,
  ...deliveryHalfMutations,
  ...rejoinHalfMutations,
  ...contentMutations,
  ...successorMutations,
  ...linkMutations,
  ...syncMutations,
  ...sharedHistoryMutations,
  ...sendingHalfMutations,
  ...deviceMutations,
  ...rejoinMutations,
  ...missedMutations,
  ...deviceCallsMutations,
  ...archiveMutations,
  ...keepingMutations,
  ...leavesMutations,
  ...serverMutations,
  ...tokenMutations,
  ...blobMutations,
  ...recoveryMutations,
  ...cliMutations,
  ...connectionsMutations,
  ...readingMutations,
  ...textMutations,
  ...firstHourMutations,
]

/** Several checks refuse these, so that no single one that is taken out lets them through: each has a test of its own that then fails. */
export const refusedTwice: Readonly<Record<string, readonly string[]>> = {
  "rejoin-forged": ["rejoin-asked", "rejoin-signature", "rejoin-place", "rejoin-account"],
  "rejoin-replayed": ["rejoin-place", "rejoin-removes", "rejoin-once"],
}
