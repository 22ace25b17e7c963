// A message that cannot be decrypted yet. The device that received it writes it itself (`receiving/intake.ts`).

import type { ContentType } from "./content-type.ts"

/** Not decryptable yet: kept, never skipped silently. */
export interface WaitingContent {
  readonly type: "waiting"
  readonly reason: string
}

export const waiting: ContentType<never, WaitingContent> = {
  name: "waiting",
  view: (part) => ({ type: "waiting", reason: part.text }),
}
