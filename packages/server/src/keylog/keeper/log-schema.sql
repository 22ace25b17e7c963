-- The transparency log on disk. Everything in it is public or becomes public with the next checkpoint, except openings and VRF proofs,
-- which are given to whoever asks for that label: they tell which of the map's pseudorandom rows belong to whom. The keys that sign
-- and that place labels are not here but in files beside it. Deleted rows are overwritten (secure_delete), and
-- copies of them in unused parts of the file go when it is written anew, at most a day later.

CREATE TABLE entries ( -- the leaves of the log
  entry_index INTEGER PRIMARY KEY, -- public; stays, as a log's history does
  kind TEXT NOT NULL, -- public; config, policy, rekey, release, notice, end or epoch; stays
  entry BLOB NOT NULL -- public; its exact bytes; stays
) STRICT;
CREATE INDEX entries_other_than_epochs ON entries (entry_index) WHERE kind <> 'epoch';

CREATE TABLE tiles ( -- hashes of the log's tree, 256 to a tile
  level INTEGER NOT NULL, -- public; stays
  tile_index INTEGER NOT NULL, -- public; stays
  hashes BLOB NOT NULL, -- public; 32 bytes each, the last tile of a level grows; stays
  PRIMARY KEY (level, tile_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs ( -- what each epoch added to the map
  epoch INTEGER PRIMARY KEY, -- public; stays
  entry_index INTEGER NOT NULL, -- public; stays
  delta BLOB NOT NULL -- public; pseudorandom indices and commitments, ascending; stays
) STRICT;

CREATE TABLE versions ( -- what is committed to
  label BLOB NOT NULL, -- anyone who knows the account id or the handle; stays, as a log's history does
  version INTEGER NOT NULL, -- anyone who looks the label up; stays, as a log's history does
  epoch INTEGER NOT NULL, -- anyone who looks the label up; stays, as a log's history does
  map_index BLOB NOT NULL, -- public, but not whose it is; stays, as a log's history does
  vrf_proof BLOB NOT NULL, -- anyone who looks the label up; stays, as a log's history does
  opening BLOB NOT NULL, -- anyone who looks the label up; 16 random bytes; until two days after the account was deleted, then empty but for its end
  value BLOB NOT NULL, -- anyone who looks the label up; signed account state or handle binding; until two days after the account was deleted, then empty but for its end
  PRIMARY KEY (label, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE ended ( -- accounts that were deleted, of which values, or copies of them, are still to be erased
  label BLOB PRIMARY KEY, -- anyone who knows the account id; until three days after the account was deleted
  epoch INTEGER NOT NULL -- anyone who looks the label up; -1 once only copies may be left; until three days after the account was deleted
) STRICT, WITHOUT ROWID;

CREATE TABLE vrf_proofs ( -- proofs of versions that do not exist yet, kept because each takes milliseconds to make
  label BLOB NOT NULL, -- anyone who looks the label up; until the version exists
  version INTEGER NOT NULL, -- anyone who looks the label up; until the version exists
  map_index BLOB NOT NULL, -- anyone who looks the label up; until the version exists
  vrf_proof BLOB NOT NULL, -- anyone who looks the label up; until the version exists
  PRIMARY KEY (label, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE pending ( -- entries of the operator's that wait for the next epoch
  pending_order INTEGER PRIMARY KEY AUTOINCREMENT, -- operator; until logged
  entry BLOB NOT NULL -- operator, public once logged; until logged
) STRICT;

CREATE TABLE policy_changes ( -- the checkpoints with which policies came into force, for devices that missed them
  entry_index INTEGER PRIMARY KEY, -- public; the epoch that first names the new policy; stays
  before_hash BLOB NOT NULL, -- public; SHA-256 of the policy entry before; stays
  note BLOB NOT NULL -- public; cosigned by a quorum of the policy before; stays
) STRICT;

CREATE TABLE progress ( -- how far the log is; one row
  id INTEGER PRIMARY KEY CHECK (id = 1), -- operator; stays
  feed_position INTEGER NOT NULL, -- operator; the last account state that is in the log; stays
  size INTEGER NOT NULL, -- public with the next checkpoint; entries in the tree; stays
  published_note BLOB, -- public; the last checkpoint with its cosignatures; until the next replaces it
  audited_note BLOB -- public; the last checkpoint that auditors signed; until the next replaces it
) STRICT;
INSERT INTO progress (id, feed_position, size) VALUES (1, 0, 0);
