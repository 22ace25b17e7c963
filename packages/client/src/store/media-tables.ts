// Table of sealed files, a part of `schema.ts`.

export const mediaTables: readonly string[] = [
  // What this device has, or had, of the photo or file of a message: sealed, in its file store. The key stands in the message. Goes with the
  // message.
  `CREATE TABLE sealed_file (
      chat_id BLOB NOT NULL,
      message_id BLOB NOT NULL,
      blob_id BLOB NOT NULL,            -- where it stands on the server
      secret BLOB,                      -- of the blob, on the device that uploaded it: to upload it again, and to erase it
      file TEXT UNIQUE,                 -- its name in the file store, random; NULL when what was kept made room for something else
      sealed_bytes INTEGER NOT NULL,
      whole INTEGER NOT NULL,           -- all of it is in the file store
      state TEXT NOT NULL,              -- kept; sending: to be uploaded; again: to be uploaded because a member asked for it
      used_ms INTEGER NOT NULL,         -- by this device's clock: what was not opened for longest makes room first
      asked_ms INTEGER,                 -- when it was last uploaded, or its time extended, because a member asked
      PRIMARY KEY (chat_id, message_id)
    ) WITHOUT ROWID`,
]
