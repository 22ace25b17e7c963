// Another member's body, as it is passed to the file for its kind.

import type { GroupState } from "@nodoor/mls"
import type { MailboxRecord } from "@nodoor/wire"
import type { GroupRow } from "../store/group/groups.ts"
import type { Lookups } from "../trust/trust.ts"

export type BodyRecord = Extract<MailboxRecord, { readonly kind: "post" | "commit" }>

export interface Arrival {
  /** The group as it was before. */
  readonly group: GroupRow
  readonly state: GroupState
  readonly record: BodyRecord
  readonly looks: Lookups
}
