// Tables of messages that this device missed, and of what others ask of it, a part of `schema.ts`.

export const missedTables: readonly string[] = [
  // Lines that stand for what could not be read.
  `CREATE INDEX message_waiting ON message (group_id, ord) WHERE kind = 'waiting'`,
  // Places in a group's log that this device was let in again without. Goes when it asks for what stood there.
  `CREATE TABLE missed_due (
      group_id BLOB NOT NULL,
      to_ord INTEGER NOT NULL,
      from_ord INTEGER,                 -- NULL: from what an archive has
      from_ms INTEGER NOT NULL,
      until_ms INTEGER NOT NULL,
      why TEXT NOT NULL,                -- retention, copy, keys
      PRIMARY KEY (group_id, to_ord)
    ) WITHOUT ROWID`,
  // What this device asks for. Goes when nothing of it is missing.
  `CREATE TABLE missed (
      request_id BLOB PRIMARY KEY,      -- the last byte of the id that is sent counts the tries; here it is 0
      group_id BLOB NOT NULL,
      ranges BLOB NOT NULL,             -- CBOR [[first order, last order]…]
      secret BLOB NOT NULL,             -- of the key that answers are sealed to; empty when none are taken any more
      from_ms INTEGER NOT NULL,         -- between when and when it was placed
      until_ms INTEGER NOT NULL,
      why TEXT NOT NULL,                -- as above, or line: single bodies that did not open
      stage TEXT NOT NULL,              -- new, own (the own devices were asked), all (so were the senders), over
      since_ms INTEGER NOT NULL,        -- of the stage
      made_ms INTEGER NOT NULL,
      tries INTEGER NOT NULL,           -- how often it was asked for before
      again_from INTEGER,               -- somebody has more from this order on than fitted
      line BLOB                         -- the line of the chat that says what is missing
    ) WITHOUT ROWID`,
  // Accounts that have said all they have to say to one.
  `CREATE TABLE missed_answer (request_id BLOB NOT NULL, account_id BLOB NOT NULL, PRIMARY KEY (request_id, account_id)) WITHOUT ROWID`,
  // What others ask of this device. Goes when it has answered.
  `CREATE TABLE resend_due (
      request_id BLOB PRIMARY KEY,
      group_id BLOB NOT NULL,           -- in which it was asked
      about BLOB NOT NULL,              -- the group that it is about
      account_id BLOB NOT NULL,
      kem_key BLOB NOT NULL,
      ranges BLOB NOT NULL,
      arrived_ms INTEGER NOT NULL
    ) WITHOUT ROWID`,
  // What it has answered.
  `CREATE TABLE resend_done (request_id BLOB PRIMARY KEY, about BLOB NOT NULL, account_id BLOB NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID`,
]
