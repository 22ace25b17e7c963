// What a group lets in besides the default.

import type { GroupOptions } from "../api/api.ts"
import { defaultMaxLifetimeS } from "./limits.ts"

export function resolveOptions(options: GroupOptions | undefined): Required<GroupOptions> {
  return {
    handshakes: options?.handshakes ?? "private",
    externalCommits: options?.externalCommits ?? false,
    externalProposals: options?.externalProposals ?? false,
    maxLifetimeS: options?.maxLifetimeS ?? defaultMaxLifetimeS,
  }
}

export function maxLifetimeOf(options: Required<GroupOptions>): number | undefined {
  return Number.isFinite(options.maxLifetimeS) ? options.maxLifetimeS : undefined
}
