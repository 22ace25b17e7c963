import { type RouteMap, buildRouteMap } from "@stricli/core"
import type { CliContext } from "../context.ts"
import { audit } from "./audit.ts"
import { checkpoint } from "./checkpoint.ts"
import { lookup } from "./lookup.ts"
import { verifyEvidenceFile } from "./verify-evidence.ts"
import { watch } from "./watch.ts"
import { witness } from "./witness.ts"

export const kt: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Check transparency logs: yours, a friend's, anybody's; no account is needed" },
  routes: { checkpoint, lookup, watch, audit, witness, "verify-evidence": verifyEvidenceFile },
})
