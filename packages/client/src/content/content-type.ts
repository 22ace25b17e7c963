// What one kind of content is: each has a file of its own in this folder, and a line in `types.ts`.

import type { PartRow } from "../store/chat/parts.ts"

export interface ContentType<Shown> {
  /** Also the kind of the parts that it stores. */
  readonly name: string
  /** What a person sees of such a part. Left out by types that only change other messages. */
  readonly view?: (part: PartRow) => Shown
}
