// Removing somebody, and leaving, fail closed.

import type { Mutation } from "./mutation.ts"

export const removalMutations: readonly Mutation[] = []
