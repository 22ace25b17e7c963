// `log/log.sqlite`, the transparency log, column by column. Nothing of it is in an export: what it says of an account is public.

import { type InventoryEntry, type Owner, type Row, entriesOf } from "./entry.ts"

const columns = (table: string, whose: Owner, rows: Readonly<Record<string, Row>>): InventoryEntry[] =>
  entriesOf(`log.sqlite ${table}.`, whose, rows)

export const logDatabase: readonly InventoryEntry[] = [
  ...columns("entries", "everybody", {
    entry_index: ["operational", "ever", "place in the public log"],
    kind: ["operational", "ever", "what kind of entry it is"],
    entry: ["operational", "ever", "the entry; names no person"],
  }),
  ...columns("tiles", "everybody", {
    level: ["operational", "ever", "place in the log's tree"],
    tile_index: ["operational", "ever", "place in the log's tree"],
    hashes: ["operational", "ever", "hashes of entries"],
  }),
  ...columns("epochs", "everybody", {
    epoch: ["operational", "ever", "number of the batch"],
    entry_index: ["operational", "ever", "its entry"],
    delta: ["operational", "ever", "pseudorandom rows that say that something changed, and not whose"],
  }),
  ...columns("versions", "account", {
    label: ["operational", "ever", "account id or handle that a row belongs to"],
    version: ["operational", "ever", "how often it changed"],
    epoch: ["operational", "ever", "in which batch"],
    map_index: ["operational", "ever", "the pseudorandom row"],
    vrf_proof: ["operational", "ever", "proof for whoever looks the account up"],
    opening: ["operational", "ended", "opens the commitment for whoever looks the account up"],
    value: ["operational", "ended", "signed device list or handle binding, public keys only"],
  }),
  ...columns("ended", "account", {
    label: ["operational", "ended", "account that its person deleted, until what the log holds of it is erased"],
    epoch: ["operational", "ended", "batch in which it ended"],
  }),
  ...columns("vrf_proofs", "account", {
    label: ["operational", "used", "account id or handle"],
    version: ["operational", "used", "version that does not exist yet"],
    map_index: ["operational", "used", "where it would stand"],
    vrf_proof: ["operational", "used", "kept because it takes milliseconds to make"],
  }),
  ...columns("pending", "operator", {
    pending_order: ["operational", "used", "order of entries that wait for the next batch"],
    entry: ["operational", "used", "the entry, public once logged"],
  }),
  ...columns("policy_changes", "everybody", {
    entry_index: ["operational", "ever", "batch with which a policy came into force"],
    before_hash: ["operational", "ever", "the policy before"],
    note: ["operational", "ever", "the checkpoint that its witnesses signed"],
  }),
  ...columns("progress", "operator", {
    id: ["operational", "ever", "always 1"],
    feed_position: ["operational", "ever", "last account state that is in the log"],
    size: ["operational", "ever", "entries in the log"],
    published_note: ["operational", "used", "the public checkpoint"],
    audited_note: ["operational", "used", "the last one that auditors signed"],
  }),
  ...columns("sqlite_sequence", "operator", {
    name: ["operational", "ever", "SQLite's own: which table numbers its rows"],
    seq: ["operational", "ever", "the last number, so that none is given twice"],
  }),
]
