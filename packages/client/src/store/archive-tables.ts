// Tables of archives and backups, a part of `schema.ts`.

export const archiveTables: readonly string[] = [
  // Archives that are being taken in, or were.
  `CREATE TABLE archive_import (
      archive_id BLOB PRIMARY KEY,
      made_ms INTEGER NOT NULL,
      next_at INTEGER NOT NULL,         -- where in its content the next record begins
      done INTEGER NOT NULL,            -- 1 once its end was read
      chats TEXT                        -- JSON of the ids of those that were chosen; all of them if NULL
    ) WITHOUT ROWID`,
  // Groups of an archive, until this device joins them: what is shown of them meanwhile, and what asks to be taken in.
  `CREATE TABLE archived_group (
      group_id BLOB PRIMARY KEY,
      chat_id BLOB NOT NULL,
      epoch INTEGER NOT NULL,
      policy BLOB NOT NULL,             -- of that epoch
      seat BLOB,
      secret BLOB,                      -- of the seat
      rejoin_epoch INTEGER,
      rejoin_key BLOB
    ) WITHOUT ROWID`,
  `CREATE TABLE archived_member (group_id BLOB NOT NULL, account_id BLOB NOT NULL, PRIMARY KEY (group_id, account_id)) WITHOUT ROWID`,
  // Deletions and edits of messages that this device does not have. They count when the message comes with an archive.
  `CREATE TABLE early_change (
      chat_id BLOB NOT NULL,
      target_id BLOB NOT NULL,
      account_id BLOB NOT NULL,
      kind TEXT NOT NULL,               -- deleted, edited
      text TEXT NOT NULL,               -- of an edit
      time_ms INTEGER NOT NULL,
      message_id BLOB NOT NULL,         -- of the change; that of an edit is shown as a message meanwhile
      PRIMARY KEY (chat_id, target_id, account_id)
    ) WITHOUT ROWID`,
  // Receipts for messages that this device does not have. They count when the message comes with an archive.
  `CREATE TABLE early_receipt (
      chat_id BLOB NOT NULL,
      message_id BLOB NOT NULL,
      account_id BLOB NOT NULL,
      status INTEGER NOT NULL,          -- as in receipt
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (chat_id, message_id, account_id)
    ) WITHOUT ROWID`,
  `CREATE INDEX early_receipt_account ON early_receipt (chat_id, account_id, at_ms)`,
  // Where backups go, and how the last ones went. One row.
  `CREATE TABLE backup (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      target TEXT NOT NULL,             -- server, file, s3, none
      settings TEXT NOT NULL,           -- JSON: of a bucket
      last_ms INTEGER,                  -- of the newest good one
      last_bytes INTEGER,
      failure TEXT                      -- JSON of code and message, if the last one failed
    )`,
]
