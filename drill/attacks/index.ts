// Every attack of the drill, in the order of its table.

import type { Attack } from "../attack.ts"
import { contentAttacks } from "./content.ts"
import { copiedStoreAttacks } from "./copied-store.ts"
import { deliveryAttacks } from "./delivery.ts"
import { endingAttacks } from "./ending.ts"
import { groupAttacks } from "./group.ts"
import { handleAttacks } from "./handle.ts"
import { identityAttacks } from "./identity.ts"
import { invitationAttacks } from "./invitation.ts"
import { recoveryAttacks } from "./recovery.ts"
import { linkAttacks } from "./link.ts"
import { removalAttacks } from "./removal.ts"
import { removedAttacks } from "./removed.ts"
import { rejoinAttacks } from "./rejoin.ts"
import { seatAttacks } from "./seat.ts"
import { takeoverAttacks } from "./takeover.ts"
import { viewAttacks } from "./view.ts"

export const attacks: readonly Attack[] = [
  ...contentAttacks,
  ...identityAttacks,
  ...groupAttacks,
  ...removalAttacks,
  ...copiedStoreAttacks,
  ...deliveryAttacks,
  ...invitationAttacks,
  ...seatAttacks,
  ...rejoinAttacks,
  ...handleAttacks,
  ...removedAttacks,
  ...linkAttacks,
  ...takeoverAttacks,
  ...recoveryAttacks,
  ...endingAttacks,
  ...viewAttacks,
]
