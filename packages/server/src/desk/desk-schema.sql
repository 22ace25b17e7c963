-- The lawful desk: who asked for what, who decided, what was handed over. Apart from the server's database, so that it can be kept, backed
-- up and read apart. It holds no messages and no keys that open any. Every step is in `audit`, whose rows are chained by their hashes.

CREATE TABLE operators ( -- people who may decide, by the public halves of their keys
  operator_id INTEGER PRIMARY KEY, -- operator; stays
  name TEXT NOT NULL UNIQUE, -- operator; as they call themselves; stays
  public_key BLOB NOT NULL UNIQUE, -- operator; Ed25519, 32 bytes; stays
  added_at_ms INTEGER NOT NULL, -- operator; stays
  removed_at_ms INTEGER -- operator; NULL while they may decide; stays
) STRICT;

CREATE TABLE cases ( -- requests, as received
  case_id TEXT PRIMARY KEY, -- operator, public in its notice; 10 random hexadecimal digits; stays
  request BLOB NOT NULL, -- operator; canonical JSON: authority, instrument, reference, accounts, classes; stays
  opened_at_ms INTEGER NOT NULL, -- operator; stays
  outcome TEXT, -- operator, public in its notice; NULL while open; stays
  closed_at_ms INTEGER -- operator; stays
) STRICT;

CREATE TABLE documents ( -- what came with a request; the bytes are files named by their hash
  case_id TEXT NOT NULL, -- operator; stays
  content_hash BLOB NOT NULL, -- operator; SHA-256; stays
  name TEXT NOT NULL, -- operator; as it came, never used as a path; stays
  size_bytes INTEGER NOT NULL, -- operator; stays
  PRIMARY KEY (case_id, content_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE approvals ( -- signatures over a case as it stood
  case_id TEXT NOT NULL, -- operator; stays
  operator_id INTEGER NOT NULL, -- operator; stays
  case_digest BLOB NOT NULL, -- operator; what was signed: a later change of the case makes it void; stays
  signature BLOB NOT NULL, -- operator; stays
  approved_at_ms INTEGER NOT NULL, -- operator; stays
  PRIMARY KEY (case_id, operator_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices ( -- a place in the public log for every case, taken before anything is handed over
  case_id TEXT PRIMARY KEY, -- operator, public once opened; stays
  gag_until TEXT NOT NULL, -- operator; a UTC day, or empty; stays
  body BLOB, -- operator, public once opened; canonical JSON, NULL until the case is closed; stays
  slot_day TEXT -- operator, public once opened; the day in whose slot it stands; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE slots ( -- the 32 bytes of each day
  day TEXT PRIMARY KEY, -- public; UTC; stays
  slot BLOB NOT NULL, -- public; random, or HMAC of the body under the key; stays
  slot_key BLOB, -- operator, public once opened; NULL for a random slot; stays
  body BLOB, -- operator, public once opened; the notices of that day; NULL for a random slot; stays
  open_after TEXT, -- operator; a UTC day, or empty for no gag; NULL for a random slot; stays
  opened_day TEXT, -- public; the day whose entry opened it; stays
  logged INTEGER NOT NULL DEFAULT 0 -- operator; 1 once it was seen in the log; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE audit ( -- every step, in order, for ever
  seq INTEGER PRIMARY KEY, -- operator; without gaps; stays
  entry BLOB NOT NULL, -- operator; canonical JSON: time, who, what, about which case, and the hash before; stays
  hash BLOB NOT NULL -- operator; SHA-256 of the entry; stays
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
