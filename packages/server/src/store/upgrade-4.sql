-- From schema 3 to 4: tokens and introductions; sessions are in memory.

DROP TABLE sessions;

CREATE TABLE token_keys (
  epoch INTEGER PRIMARY KEY,
  private_key BLOB NOT NULL,
  public_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_tokens (
  token_hash BLOB PRIMARY KEY,
  key_epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_tokens_by_key ON spent_tokens (key_epoch);

CREATE TABLE introductions (
  address_hash BLOB PRIMARY KEY,
  device_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  introduction_id BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX introductions_of_device ON introductions (device_id, introduction_id);
CREATE INDEX introductions_by_age ON introductions (day);
