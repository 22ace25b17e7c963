-- What this server holds on disk, and so what anybody who takes the disk or serves an order on the operator can get.
-- Every column says who can read it and when it goes; a test fails for a column that does not. "Operator" is whoever runs
-- the server, and everybody who can make them. There is no column for content: bodies are MLS ciphertexts (RFC 9420) whose
-- keys never reach this machine. Deleted rows are overwritten (secure_delete). Copies that SQLite left where it had moved rows
-- go when the file is written anew: once a day, and within the hour after an account was erased. The write-ahead log is emptied hourly.

CREATE TABLE settings ( -- what this server is
  name TEXT PRIMARY KEY, -- operator; nothing of a person; stays
  value BLOB NOT NULL -- operator; the origin, and the random key that makes addresses for introductions; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts ( -- the operator's record of who registered; with `addresses` all that can ever be disclosed
  account_id BLOB PRIMARY KEY, -- 16 random bytes, public; stays with the handle
  handle TEXT NOT NULL UNIQUE, -- anyone who knows it; stays after the account is erased, so that nobody takes the name over
  holder_name TEXT NOT NULL, -- as given at registration: operator and the account's own devices; until the account is erased
  email TEXT, -- operator and the account's own devices, NULL if none was given; until the account is erased
  created_at_ms INTEGER NOT NULL, -- operator and the account's own devices; when the UTC day began, not the time; stays with the handle
  last_seen_day TEXT NOT NULL, -- operator and the account's own devices; first day of the four weeks, written for all accounts at once; stays with the handle
  handle_binding BLOB NOT NULL, -- signed by the account, public; until two days after its person deleted the account, then empty
  verified_state BLOB NOT NULL, -- the newest account state as checked, public; until the next one replaces it
  state TEXT NOT NULL DEFAULT 'active', -- operator; active, suspended or erased, without when or why; stays with the handle
  unused_since INTEGER -- operator; number of the observed day on which disuse was noticed, else NULL; until the next sign-in
) STRICT, WITHOUT ROWID;
CREATE INDEX accounts_by_state ON accounts (state, last_seen_day);
CREATE INDEX accounts_unused ON accounts (unused_since) WHERE unused_since IS NOT NULL;

CREATE TABLE account_states ( -- every account's chain of signed device lists, in the order in which a log takes them
  global_order INTEGER PRIMARY KEY AUTOINCREMENT, -- public; place of the state among all accounts' states; until two days after the account's person deleted it; that it ended stays
  account_id BLOB NOT NULL, -- public; until two days after the account's person deleted it; that it ended stays
  version INTEGER NOT NULL, -- public; until two days after the account's person deleted it; that it ended stays
  state BLOB NOT NULL, -- signed by the account's devices, public: device ids and public keys; until two days after the account's person deleted it; that it ended stays
  state_hash BLOB NOT NULL, -- public; until two days after the account's person deleted it; that it ended stays
  UNIQUE (account_id, version)
) STRICT;

CREATE TABLE devices ( -- which device may open a session: an index over the newest account states
  device_id BLOB PRIMARY KEY, -- 16 random bytes, public; until the account revokes the device
  account_id BLOB NOT NULL, -- public; until the account revokes the device
  signature_key BLOB NOT NULL -- public Ed25519 key; until the account revokes the device
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_of_account ON devices (account_id, device_id);

CREATE TABLE retired_devices ( -- ids that nobody registers again: members of groups that have not noticed yet would take whoever did for the device
  id_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the id, which is not kept; stays
  erased INTEGER NOT NULL -- operator; 1 if the server erased the account, so that the device is told so; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE addresses ( -- where an account connected from; empty if retention.ip_days is 0
  account_id BLOB NOT NULL, -- operator and the account's own devices; retention.ip_days after last_seen_ms
  address TEXT NOT NULL, -- operator and the account's own devices; IP address at sign-in; retention.ip_days after last_seen_ms
  first_seen_ms INTEGER NOT NULL, -- operator and the account's own devices; day of the registration, or when it was written for all; retention.ip_days after last_seen_ms
  last_seen_ms INTEGER NOT NULL, -- operator and the account's own devices; the same of the last time: end of four weeks, or the server stopped; retention.ip_days after it
  PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_age ON addresses (last_seen_ms);

CREATE TABLE invites ( -- codes that let somebody register
  code_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the code, which is not kept; until it expires or is used up
  label TEXT NOT NULL, -- operator; which command made it, nothing of a person; until it expires or is used up
  uses_left INTEGER NOT NULL, -- operator; who used a code is not recorded; until it expires or is used up
  expires_at_ms INTEGER NOT NULL -- operator; until then
) STRICT, WITHOUT ROWID;

-- KeyPackages that are given out once, and introductions that wait for a device, are in memory only: rows that come and go would tell on which
-- night somebody asked for the device, and a conversation that has a new seat on that night could be its.
CREATE TABLE key_packages ( -- public keys of last resort, with which others add a device to a group (RFC 9420 section 10)
  device_id BLOB PRIMARY KEY, -- anyone who claims it; until the device is revoked
  package_hash BLOB NOT NULL, -- operator and the device; until the device replaces it
  package BLOB NOT NULL -- anyone who claims it, public keys only; until the device replaces it
) STRICT, WITHOUT ROWID;

CREATE TABLE token_keys ( -- keys that sign tokens without seeing them: one for each three days
  epoch INTEGER PRIMARY KEY, -- public; number of the three days; until three days after they are over
  private_key BLOB NOT NULL, -- operator; makes tokens, and tells nothing about any token; until three days after its own are over
  public_key BLOB NOT NULL -- public, in the log; stays there, here until three days after its own are over
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_tokens ( -- tokens that were spent here, so that none is spent twice; neither by whom nor for whom
  token_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the token; until its key is over
  key_epoch INTEGER NOT NULL -- operator; which key it was made with; until that key is over
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_tokens_by_key ON spent_tokens (key_epoch);
