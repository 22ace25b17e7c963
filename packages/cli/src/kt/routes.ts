import { type RouteMap, buildRouteMap } from "@stricli/core"
import type { CliContext } from "../context.ts"
import { audit } from "./audit.ts"
import { checkpoint } from "./checkpoint.ts"
import { lookup } from "./lookup.ts"
import { tokenKeys } from "./token-keys.ts"
import { verifyEvidenceFile } from "./verify-evidence.ts"
import { watch } from "./watch.ts"
import { witness } from "./witness.ts"

export const kt: RouteMap<CliContext> = buildRouteMap({
  docs: { brief: "Check key logs: yours, a friend's, anybody's. Needs no account." },
  routes: { checkpoint, lookup, "token-keys": tokenKeys, watch, audit, witness, "verify-evidence": verifyEvidenceFile },
})
