// Tables of the sending side, a part of `schema.ts`.

export const sendingTables: readonly string[] = [
  // Tokens that were drawn: how far the last batch is, and each of it until it is spent or its key epoch is over.
  `CREATE TABLE token_draw (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      day INTEGER NOT NULL,             -- UTC day by the server's clock
      key_epoch INTEGER NOT NULL,
      done INTEGER NOT NULL             -- whether the server has answered
    )`,
  `CREATE TABLE token (
      input BLOB PRIMARY KEY,           -- what is signed
      use TEXT NOT NULL,                -- claim, pass
      key_epoch INTEGER NOT NULL,
      number INTEGER NOT NULL,          -- place in the batch
      blinded BLOB,                     -- until it is signed: what the server sees of it
      inverse BLOB,                     -- until it is signed: takes the blinding off
      token BLOB                        -- signed
    ) WITHOUT ROWID`,
  // What opens streams of the delivery service, by kind: reading, posting.
  `CREATE TABLE pass (kind TEXT PRIMARY KEY, pass BLOB NOT NULL, expiry_hour INTEGER NOT NULL) WITHOUT ROWID`,
  // KeyPackages that people in chats of two left here, so that their devices can be added to groups without asking the account service. One
  // for each device; each goes when it is used.
  `CREATE TABLE spare_key_package (
      account_id BLOB NOT NULL,
      device_id BLOB NOT NULL,
      group_id BLOB NOT NULL,           -- the chat of two in which it came, and in which the device is introduced
      key_package BLOB NOT NULL,
      arrived_ms INTEGER NOT NULL,
      PRIMARY KEY (account_id, device_id)
    ) WITHOUT ROWID`,
  // Introductions that came as content of a chat of two and are not opened yet.
  `CREATE TABLE arrived_introduction (sealed BLOB PRIMARY KEY) WITHOUT ROWID`,
]
