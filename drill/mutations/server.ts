// What the server refuses of devices and of strangers.

import type { Mutation } from "./mutation.ts"

export const serverMutations: readonly Mutation[] = []
