// Another member's body, as it is passed to the file for its kind.

import type { GroupState } from "@nodoor/mls"
import type { CommitRecord, PostRecord } from "../core/group-record.ts"
import type { GroupRow } from "../store/group/groups.ts"
import type { Lookups } from "../trust/trust.ts"

export type BodyRecord = PostRecord | CommitRecord

export interface Arrival<Record extends BodyRecord = BodyRecord> {
  /** The group as it was before. */
  readonly group: GroupRow
  readonly state: GroupState
  readonly record: Record
  readonly looks: Lookups
}
