// Table of groups that go on in another one, a part of `schema.ts`.

export const successorTables: readonly string[] = [
  // Groups that a commit broke which no honest device makes, and where their chats go on. Goes with the secrets of the group's last epoch.
  `CREATE TABLE broken_group (
      group_id BLOB PRIMARY KEY,
      epoch INTEGER NOT NULL,           -- the last good one
      commit_hash BLOB NOT NULL,        -- SHA-256 of the commit
      leaf_index INTEGER NOT NULL,      -- whose seat signed it; it has no place in the successor
      code TEXT NOT NULL,               -- what is wrong with it
      broken_ms INTEGER NOT NULL,       -- when this device found that
      successor BLOB,                   -- the group in which the chat goes on; none yet
      founded_ms INTEGER,               -- hour of the commit that let everybody into it; none while this device is still making it
      rank INTEGER                      -- of who made it, among those who could
    ) WITHOUT ROWID`,
]
