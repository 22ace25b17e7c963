// A device and its own store.

import type { Mutation } from "./mutation.ts"

export const deviceMutations: readonly Mutation[] = []
