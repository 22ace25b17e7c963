// Tables of what it takes to go on after something went wrong, a part of `schema.ts`.

export const healingTables: readonly string[] = [
  // What a member who cannot go on seals its request with, for each epoch that somebody may still stand in. Goes when its epoch has been over for
  // as long as bodies wait at the server, and with the group.
  `CREATE TABLE rejoin_key (
      group_id BLOB NOT NULL,
      epoch INTEGER NOT NULL,
      key BLOB NOT NULL,                -- MLS-Exporter("nodoor rejoin", epoch, 32)
      made_ms INTEGER NOT NULL,         -- when the epoch began here
      shape BLOB,                       -- SHA-256 of its policy but for the name, then of who was in it; NULL if an archive brought the key
      PRIMARY KEY (group_id, epoch)
    ) WITHOUT ROWID`,
  // Groups in which this device cannot go on as it stands: nothing is sent there until it was let in again.
  `CREATE TABLE healing (
      group_id BLOB PRIMARY KEY,
      reason TEXT NOT NULL,             -- commit, message, gap, copy, restored
      since_ms INTEGER NOT NULL,
      from_ms INTEGER NOT NULL,         -- the hour of the newest record before it began
      from_ord INTEGER,                 -- its order; NULL for a group that only an archive knows
      over_ms INTEGER                   -- since when the server no longer knows the seat that asked
    ) WITHOUT ROWID`,
  // What this device asked for. One for each group, and until it has joined again, those before it: any of them may be answered.
  `CREATE TABLE rejoin (
      group_id BLOB NOT NULL,
      seat BLOB NOT NULL,               -- the new one, drawn here
      secret BLOB NOT NULL,             -- of the new seat
      ref BLOB NOT NULL,                -- of the KeyPackage
      asked_seat BLOB NOT NULL,         -- the old one
      asked_secret BLOB NOT NULL,
      request BLOB NOT NULL,            -- exactly what is posted
      made_ms INTEGER NOT NULL,
      PRIMARY KEY (group_id, seat)
    ) WITHOUT ROWID`,
  // When this device was last let in again, or refused how it was to be.
  `CREATE TABLE healed (group_id BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) WITHOUT ROWID`,
  // What the readers of other seats ask for, opened and checked as far as the group alone says. Goes when it was done, or cannot be.
  `CREATE TABLE rejoin_request (
      group_id BLOB NOT NULL,
      seat BLOB NOT NULL,               -- who asks
      epoch INTEGER NOT NULL,
      content BLOB NOT NULL,            -- what was sealed
      arrived_ms INTEGER NOT NULL,
      PRIMARY KEY (group_id, seat)
    ) WITHOUT ROWID`,
]
