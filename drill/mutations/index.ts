// Every check that `--prove` takes out, by area.

import type { Mutation } from "./mutation.ts"
import { contentMutations } from "./content.ts"
import { deliveryMutations } from "./delivery.ts"
import { deviceMutations } from "./device.ts"
import { groupsMutations } from "./groups.ts"
import { identityMutations } from "./identity.ts"
import { logMutations } from "./log.ts"
import { mlsMutations } from "./mls.ts"
import { policyMutations } from "./policy.ts"
import { removalMutations } from "./removal.ts"
import { removedMutations } from "./removed.ts"
import { serverMutations } from "./server.ts"

export const mutations: readonly Mutation[] = [
  ...mlsMutations,
  ...groupsMutations,
  ...policyMutations,
  ...identityMutations,
  ...removedMutations,
  ...removalMutations,
  ...logMutations,
  ...deliveryMutations,
  ...contentMutations,
  ...deviceMutations,
  ...serverMutations,
]
