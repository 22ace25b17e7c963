-- What devices store for themselves, and devices that ask to be let in anew.

CREATE TABLE rejoins ( -- devices that ask the others of their group to let them in anew; all of one size, one for each seat
  group_id BLOB NOT NULL, -- operator and the members; until the seat is replaced, or retention.message_days
  seat BLOB NOT NULL, -- operator and the members; who asks; as long as the row stays
  day INTEGER NOT NULL, -- operator; Unix day; as long as the row stays
  epoch INTEGER NOT NULL, -- operator and the members; of the key that opens it, which only members have; as long as the row stays
  sealed BLOB NOT NULL, -- encrypted for the members of the group; as long as the row stays
  PRIMARY KEY (group_id, seat)
) STRICT, WITHOUT ROWID;

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
