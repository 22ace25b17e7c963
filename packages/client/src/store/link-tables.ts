// Tables of linking and of what an account's own devices leave with each other, a part of `schema.ts`.

export const linkTables: readonly string[] = [
  // A device that is being let in, from when the person has confirmed it until the log shows it; or, on the new device, how it gets in. One row.
  `CREATE TABLE link_attempt (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      role TEXT NOT NULL,               -- old, new
      stage TEXT NOT NULL,              -- granted: the other device has still to sign; signed: the log has still to show it
      secret BLOB NOT NULL,             -- of the code
      taker BLOB NOT NULL,              -- what this device takes messages with
      until_ms INTEGER NOT NULL,
      round INTEGER NOT NULL,           -- how often it was begun again because the account changed meanwhile
      hello BLOB NOT NULL,              -- what the new device said of itself
      transcript BLOB NOT NULL,
      next BLOB NOT NULL,               -- the version of the account that adds it
      sealed BLOB NOT NULL              -- what is left for the other device, so that it is the same when it is left again
    )`,
  // Since when the log has had versions of the own account that brought a device.
  `CREATE TABLE own_logged (version INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL)`,
  // KeyPackages that the other devices of this account left for this one. Each goes when it is used.
  `CREATE TABLE own_key_package (
      device_id BLOB NOT NULL,
      key_package BLOB NOT NULL,
      arrived_ms INTEGER NOT NULL,
      PRIMARY KEY (device_id, key_package)
    ) WITHOUT ROWID`,
  // Devices that this one let in and that have not had the history. Of this device itself: it awaits the history.
  `CREATE TABLE history_due (device_id BLOB PRIMARY KEY) WITHOUT ROWID`,
  // Where parts of the history stand that another own device hands over, until all of it is taken in.
  `CREATE TABLE history_part (
      number INTEGER PRIMARY KEY,
      archive_key BLOB NOT NULL,
      blob_id BLOB NOT NULL,
      size INTEGER NOT NULL,
      last INTEGER NOT NULL
    )`,
]
