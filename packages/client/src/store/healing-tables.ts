// Tables of what it takes to go on after something went wrong, a part of `schema.ts`.

export const healingTables: readonly string[] = [
  // What a member who cannot go on seals its request with, for each epoch that somebody may still stand in. Goes when its epoch has been over for
  // as long as bodies wait at the server, and with the group.
  `CREATE TABLE rejoin_key (
      group_id BLOB NOT NULL,
      epoch INTEGER NOT NULL,
      key BLOB NOT NULL,                -- MLS-Exporter("nodoor rejoin", epoch, 32)
      made_ms INTEGER NOT NULL,         -- when the epoch began here
      PRIMARY KEY (group_id, epoch)
    ) WITHOUT ROWID`,
]
