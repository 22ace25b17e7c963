// `desk.sqlite`, the lawful desk's record of requests, column by column. It is the operator's file about authorities, kept until the operator
// deletes it; nothing in it is about what an account does, but for the day on which a device first asked for a notice.

import { type InventoryEntry, type Owner, type Row, entriesOf } from "./entry.ts"

const columns = (table: string, whose: Owner, rows: Readonly<Record<string, Row>>): InventoryEntry[] =>
  entriesOf(`desk.sqlite ${table}.`, whose, rows)

export const deskDatabase: readonly InventoryEntry[] = [
  ...columns("operators", "operator", {
    operator_id: ["operational", "operator", "number of a person who may act at the desk and in the console"],
    name: ["operational", "operator", "what they are called"],
    role: ["operational", "operator", "what they may do"],
    added_at_ms: ["operational", "operator", "since when they may act"],
    removed_at_ms: ["operational", "operator", "until when they might"],
  }),
  ...columns("credentials", "operator", {
    credential_id: ["operational", "operator", "a public key, or the id that a passkey gave itself"],
    operator_id: ["operational", "operator", "whose it is"],
    kind: ["operational", "operator", "key or passkey"],
    public_key: ["operational", "operator", "what signatures are checked with"],
    label: ["operational", "operator", "what its person calls it"],
    sign_count: ["operational", "operator", "a passkey's own counter, so that a copy is noticed"],
    added_at_ms: ["operational", "operator", "since when it counts"],
    used_at_ms: ["operational", "operator", "when it was last used"],
    removed_at_ms: ["operational", "operator", "until when it counted"],
  }),
  ...columns("enrolments", "operator", {
    code_hash: ["operational", "used", "hash of the code in a link with which somebody adds a passkey"],
    name: ["operational", "used", "whom the link is for"],
    role: ["operational", "used", "what they will be"],
    invited_by: ["operational", "used", "who vouches for them"],
    recovery: ["operational", "used", "whether it replaces all they had"],
    usable_at_ms: ["operational", "used", "from when it works: a recovery waits"],
    expires_at_ms: ["operational", "used", "until when it works"],
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
    credential_id: ["operational", "operator", "what they signed with"],
    case_digest: ["operational", "operator", "what exactly was approved"],
    signature: ["operational", "operator", "their signature"],
    authenticator_data: ["operational", "operator", "signed by a passkey: the host, and that its person was there and verified"],
    client_data: ["operational", "operator", "signed by a passkey: the page's address and the hash of the case"],
    approved_at_ms: ["operational", "operator", "when"],
  }),
  ...columns("notices", "operator", {
    case_id: ["operational", "operator", "which request"],
    gag_until: ["operational", "operator", "until when it may not be spoken of"],
    body: ["operational", "operator", "what the public log says of it: closed lists and counts"],
    slot_day: ["operational", "operator", "the day that proves when it was said"],
  }),
  ...columns("told", "operator", {
    case_id: ["operational", "operator", "which request"],
    account_id: ["operational", "operator", "an account that it named: told of it in its app, and nobody else is"],
    disclosed: ["operational", "operator", "what was handed over about it, by classes"],
    tell_after: ["operational", "operator", "until when it may not be told"],
    fetched_day: ["operational", "operator", "the day on which a device of the account first asked for the notice"],
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
