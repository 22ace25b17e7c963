// What a member says inside a message: edits, deletions, reactions, receipts.

import type { Mutation } from "./mutation.ts"

export const contentMutations: readonly Mutation[] = []
