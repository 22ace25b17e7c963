-- The lawful desk: who asked for what, who decided, what was handed over. Apart from the server's database, so that it can be kept, backed
-- up and read apart. It holds no messages and no keys that open any. Every step is in `audit`, whose rows are chained by their hashes.

CREATE TABLE operators ( -- people who may act
  operator_id INTEGER PRIMARY KEY, -- operator; stays
  name TEXT NOT NULL UNIQUE, -- operator; as they call themselves; stays
  role TEXT NOT NULL CHECK (role IN ('owner', 'operator', 'reviewer')), -- operator; what they may do; stays
  added_at_ms INTEGER NOT NULL, -- operator; stays
  removed_at_ms INTEGER -- operator; NULL while they may act; stays
) STRICT;

CREATE TABLE credentials ( -- what people prove themselves with: several of one person are one person
  credential_id BLOB PRIMARY KEY, -- operator; the public key, or the id that a passkey gave itself; stays
  operator_id INTEGER NOT NULL REFERENCES operators (operator_id), -- operator; whose; stays
  kind TEXT NOT NULL CHECK (kind IN ('key', 'passkey')), -- operator; stays
  public_key BLOB NOT NULL, -- operator; Ed25519, 32 bytes, or a COSE key; stays
  label TEXT NOT NULL, -- operator; what its person calls it; stays
  sign_count INTEGER NOT NULL, -- operator; a passkey's own counter, so that a copy is noticed; stays
  added_at_ms INTEGER NOT NULL, -- operator; stays
  used_at_ms INTEGER, -- operator; last time; stays
  removed_at_ms INTEGER -- operator; NULL while it counts; stays
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_by_operator ON credentials (operator_id);

CREATE TABLE enrolments ( -- links for people who have no passkey yet
  code_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the code, which only the link has; until used or expired
  name TEXT NOT NULL UNIQUE, -- operator; whom it is for; until used or expired
  role TEXT NOT NULL, -- operator; until used or expired
  invited_by INTEGER, -- operator; who vouches, NULL for the machine's command line; until used or expired
  recovery INTEGER NOT NULL, -- operator; 1 if it replaces all passkeys and keys of that person; until used or expired
  usable_at_ms INTEGER NOT NULL, -- operator; a recovery waits, so that the others see it; until used or expired
  expires_at_ms INTEGER NOT NULL -- operator; until used or expired
) STRICT, WITHOUT ROWID;

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
  credential_id BLOB NOT NULL, -- operator; what it was signed with; stays
  case_digest BLOB NOT NULL, -- operator; what was signed: a later change of the case makes it void; stays
  signature BLOB NOT NULL, -- operator; stays
  authenticator_data BLOB, -- operator; signed by a passkey with the next, NULL for a key; stays
  client_data BLOB, -- operator; holds the hash of the case; stays
  approved_at_ms INTEGER NOT NULL, -- operator; stays
  PRIMARY KEY (case_id, operator_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices ( -- a place in the public log for every case, taken before anything is handed over
  case_id TEXT PRIMARY KEY, -- operator, public once opened; stays
  gag_until TEXT NOT NULL, -- operator; a UTC day, or empty; stays
  body BLOB, -- operator, public once opened; canonical JSON, NULL until the case is closed; stays
  slot_day TEXT -- operator, public once opened; the day in whose slot it stands; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE told ( -- accounts that a case named, and that are told of it once they may be
  case_id TEXT NOT NULL, -- operator, and the account itself; stays
  account_id BLOB NOT NULL, -- operator, and the account itself; stays
  disclosed TEXT NOT NULL, -- operator, and the account itself; JSON: the classes handed over about it; stays
  tell_after TEXT NOT NULL, -- operator; the last UTC day of a gag, or empty; stays
  fetched_day TEXT, -- operator; the UTC day on which a device of the account first asked for it; stays
  PRIMARY KEY (case_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_by_account ON told (account_id);

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
