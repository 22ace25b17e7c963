// `desk.sqlite`, the lawful desk's record of requests, column by column. It is the operator's file about authorities, kept until the operator
// deletes it; nothing in it is about what an account does.

import { type InventoryEntry, type Owner, type Row, entriesOf } from "./entry.ts"

const columns = (table: string, whose: Owner, rows: Readonly<Record<string, Row>>): InventoryEntry[] =>
  entriesOf(`desk.sqlite ${table}.`, whose, rows)

export const deskDatabase: readonly InventoryEntry[] = [
  ...columns("operators", "operator", {
    operator_id: ["operational", "operator", "number of a person who may decide"],
    name: ["operational", "operator", "what they are called"],
    public_key: ["operational", "operator", "what their signatures are checked with"],
    added_at_ms: ["operational", "operator", "since when they may decide"],
    removed_at_ms: ["operational", "operator", "until when they might"],
  }),
  ...columns("cases", "operator", {
    case_id: ["operational", "operator", "random number of a request"],
    request: ["operational", "operator", "the request as written down: authority, instrument, reference, which accounts and classes"],
    opened_at_ms: ["operational", "operator", "when it was written down"],
    outcome: ["operational", "operator", "how it ended"],
    closed_at_ms: ["operational", "operator", "when it ended"],
  }),
  ...columns("documents", "operator", {
    case_id: ["operational", "operator", "which request it came with"],
    content_hash: ["operational", "operator", "hash of the document, and the name of its file"],
    name: ["operational", "operator", "what it was called"],
    size_bytes: ["operational", "operator", "its size"],
  }),
  ...columns("approvals", "operator", {
    case_id: ["operational", "operator", "which request"],
    operator_id: ["operational", "operator", "who approved it"],
    case_digest: ["operational", "operator", "what exactly was approved"],
    signature: ["operational", "operator", "their signature"],
    approved_at_ms: ["operational", "operator", "when"],
  }),
  ...columns("notices", "operator", {
    case_id: ["operational", "operator", "which request"],
    gag_until: ["operational", "operator", "until when it may not be spoken of"],
    body: ["operational", "operator", "what the public log says of it: closed lists and counts"],
    slot_day: ["operational", "operator", "the day that proves when it was said"],
  }),
  ...columns("slots", "operator", {
    day: ["operational", "operator", "a UTC day"],
    slot: ["operational", "operator", "its 32 public bytes"],
    slot_key: ["operational", "operator", "shows what they stand for, public once opened"],
    body: ["operational", "operator", "what they stand for, public once opened"],
    open_after: ["operational", "operator", "the day after which they are opened"],
    opened_day: ["operational", "operator", "the day on which they were"],
    logged: ["operational", "operator", "whether they stand in the log"],
  }),
  ...columns("audit", "operator", {
    seq: ["operational", "operator", "number of a step"],
    entry: ["operational", "operator", "who did what in which case, when, and the hash of the step before"],
    hash: ["operational", "operator", "hash of the step"],
  }),
]
