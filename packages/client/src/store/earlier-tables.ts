// Tables of what new members of a group are shown, a part of `schema.ts`.

export const earlierTables: readonly string[] = [
  // This device let somebody in, and has not sent them yet what was written before.
  `CREATE TABLE earlier_due (
      group_id BLOB NOT NULL,
      ord INTEGER NOT NULL,             -- of the commit that let them in
      accounts BLOB NOT NULL,           -- CBOR list of account ids
      PRIMARY KEY (group_id, ord)
    ) WITHOUT ROWID`,
]
