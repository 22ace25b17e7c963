// Tables of what the devices of the account tell each other, a part of `schema.ts`.

export const syncTables: readonly string[] = [
  // What the person set, read, accepted or deleted, as all their devices keep it (docs/sync.md).
  `CREATE TABLE sync_entry (
      key TEXT PRIMARY KEY,
      value BLOB NOT NULL,              -- CBOR; null when it was taken away
      ms INTEGER NOT NULL,              -- the stamp: ms, counter and device decide which of two values stays
      counter INTEGER NOT NULL,
      device BLOB NOT NULL,
      due INTEGER NOT NULL,             -- the other devices have not been told
      shared_ms INTEGER NOT NULL,       -- the newest stamp that they may have: of a value that is due, the one before it
      shared_counter INTEGER NOT NULL,
      open INTEGER NOT NULL             -- not applied: what it is about is not known here yet
    ) WITHOUT ROWID`,
  `CREATE INDEX sync_entry_due ON sync_entry (key) WHERE due = 1`,
  `CREATE INDEX sync_entry_open ON sync_entry (key) WHERE open = 1`,
]
