// A message that could not be decrypted. receiving/unreadable.ts stores it.

import type { ContentType } from "./content-type.ts"

/** Could not be decrypted. It is kept, and shown in its place. */
export interface WaitingContent {
  readonly type: "waiting"
  readonly reason: string
}

export const waiting: ContentType<never, WaitingContent> = {
  name: "waiting",
  view: (part) => ({ type: "waiting", reason: part.text }),
}
