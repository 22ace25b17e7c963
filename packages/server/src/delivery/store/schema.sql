-- What the delivery service holds on disk, and so what anybody who takes the disk or serves an order on the operator can get of
-- conversations: random ids, ciphertexts and days. Nothing here leads to an account, a device, a name or an address, and nothing in
-- the other database leads here. Every column says who can read it and when it goes; a test fails for a column that does not.
-- "Operator" is whoever runs the server, and everybody who can make them. Rows stand in the order of their random ids, not in the order in
-- which they came; times are days; there is no counter across groups. Deleted rows are overwritten (secure_delete), and once a day the
-- file is written anew. What came in the last minutes may stand in a segment file beside this one, in the order in which it came.

CREATE TABLE settings ( -- what this service is
  name TEXT PRIMARY KEY, -- operator; nothing of a group or a person; stays
  value BLOB NOT NULL -- operator; the random key of passes, and how far segment files were taken over; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE groups ( -- a conversation as far as delivery needs it: no name, no accounts, no keys that open anything
  group_id BLOB PRIMARY KEY, -- operator and the members; 32 random bytes; while a seat is left, or until nothing came for retention.message_days and 90 days
  epoch INTEGER NOT NULL, -- operator and the members; how many commits there were; while a seat is left
  delivery_key BLOB NOT NULL, -- operator and the members; tells a member's post from a stranger's and no member from another; one epoch
  previous_key BLOB, -- operator and the members; the key of the epoch before, unless that ended with a removal; one epoch
  last_order INTEGER NOT NULL, -- operator and the members; how many bodies there were; while a seat is left
  last_hour INTEGER NOT NULL, -- operator and the members; Unix hour in which the four weeks of the newest body began; while a seat is left
  create_hash BLOB NOT NULL -- operator; recognises the same create request sent again; while a seat is left
) STRICT, WITHOUT ROWID;

-- How far each seat has read stands nowhere: the nights on which that changes are the days on which its device came, and all seats of one
-- device would change on the same.
CREATE TABLE seats ( -- places in a group's log, one for each device; whose they are stands nowhere on this machine
  group_id BLOB NOT NULL, -- operator and the members; until a commit removed the seat and its reader knows, or retention.message_days
  seat BLOB NOT NULL, -- operator and the members; 16 random bytes, others in each group; as long as the row stays
  public_key BLOB NOT NULL, -- operator and the members; signs commits, another one in each group; while the seat is there
  read_hash BLOB NOT NULL, -- operator; SHA-256 of the secret with which its reader reads; while the seat is there
  rekeyed INTEGER NOT NULL, -- operator; number of the reader's last change of keys; while the seat is there
  from_order INTEGER NOT NULL, -- operator and the members; the commit that added it, 0 for the creator's; while the seat is there
  end_order INTEGER, -- operator and the members; the commit that removed it, else NULL; until its reader knows, or retention.message_days
  PRIMARY KEY (group_id, seat)
) STRICT, WITHOUT ROWID;

CREATE TABLE bodies ( -- ciphertexts on their way, each once however many seats wait for it
  group_id BLOB NOT NULL, -- operator and the members; until every seat acknowledged the body, or retention.message_days
  group_order INTEGER NOT NULL, -- operator and the members; place in the group's log, without gaps; until the last acknowledgement
  day INTEGER NOT NULL, -- operator and the members; Unix hour in which the day began on which it came; until the last acknowledgement
  hidden_hour INTEGER NOT NULL, -- the running server only; the hour of that day under a key in memory, and the key's random name; until the last acknowledgement
  kind INTEGER NOT NULL, -- operator and the members; 0 a post, 1 a commit with what its seat signed; until the last acknowledgement
  size INTEGER NOT NULL, -- operator and the members; bytes of the next two; until the last acknowledgement
  body BLOB NOT NULL, -- MLS ciphertext: only the members' devices; until the last acknowledgement, or retention.message_days
  group_info BLOB, -- encrypted for the devices that the commit adds; until the last acknowledgement, or retention.message_days
  PRIMARY KEY (group_id, group_order)
) STRICT, WITHOUT ROWID;

CREATE TABLE placed ( -- which bodies were taken, so that the same one sent again is not placed twice
  group_id BLOB NOT NULL, -- operator and the members; until 48 hours have passed
  first_order INTEGER NOT NULL, -- operator and the members; the first of those in this row; until 48 hours have passed
  hour INTEGER NOT NULL, -- operator and the members; in which the day of the last of them began; until 48 hours have passed
  entries BLOB NOT NULL, -- operator and the members; half of each ciphertext's hash, order and day; until 48 hours have passed
  fanout BLOB, -- operator and the members; for a commit, hash of the seats it left in the group; until 48 hours have passed
  PRIMARY KEY (group_id, first_order)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent ( -- tokens that bought a pass, so that none buys two; who drew them is known to nobody
  token_hash BLOB PRIMARY KEY, -- operator; SHA-256 of what the token's signature covers; until its key has been over for three days
  key_epoch INTEGER NOT NULL -- operator; number of the signing key, which changes every three days; as long as the row stays
) STRICT, WITHOUT ROWID;

-- What devices store for themselves, such as backups. A row says neither when it came nor when it is read, and nothing in it leads to a group.
CREATE TABLE blobs ( -- ciphertexts in files of their own; whose they are stands nowhere on this machine
  id_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the random id that reads it; until until_day or until it is deleted
  secret_hash BLOB NOT NULL, -- operator; SHA-256 of the random secret that extends, replaces and deletes it; as long as the row stays
  file BLOB NOT NULL, -- operator; random name of its file; as long as the row stays
  size INTEGER NOT NULL, -- operator; bytes, which the device rounded up; as long as the row stays
  until_day INTEGER NOT NULL -- operator; Unix day after which it is erased, at most 400 days ahead; as long as the row stays
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads ( -- blobs that are not whole yet
  id_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the random id that will read it; until it is whole or was left for two days
  secret_hash BLOB NOT NULL, -- operator; SHA-256 of the random secret that goes on with it; as long as the row stays
  file BLOB NOT NULL, -- operator; random name of its file; as long as the row stays
  size INTEGER NOT NULL, -- operator; bytes that it will have; as long as the row stays
  until_day INTEGER NOT NULL, -- operator; as in blobs; as long as the row stays
  received INTEGER NOT NULL, -- operator; bytes that are on the disk; as long as the row stays
  begun_day INTEGER NOT NULL -- operator; Unix day on which it began; as long as the row stays
) STRICT, WITHOUT ROWID;
