-- What this server holds on disk, and so what anybody who takes the disk or serves an order on the operator can get.
-- Every column says who can read it and when it goes; a test fails for a column that does not. "Operator" is whoever runs
-- the server, and everybody who can make them. There is no column for content: bodies are MLS ciphertexts (RFC 9420) whose
-- keys never reach this machine. Deleted rows are overwritten (secure_delete). Copies that SQLite left where it had moved rows
-- go when the file is written anew: once a day, and within the hour after an account was erased. The write-ahead log is emptied hourly.

CREATE TABLE settings ( -- what this server is
  name TEXT PRIMARY KEY, -- operator; nothing of a person; stays
  value BLOB NOT NULL -- operator; the origin, and the random key under which claim tokens are issued; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts ( -- the operator's record of who registered; with `addresses` all that can ever be disclosed
  account_id BLOB PRIMARY KEY, -- 16 random bytes, public; stays with the handle
  handle TEXT NOT NULL UNIQUE, -- anyone who knows it; stays after the account is erased, so that nobody takes the name over
  holder_name TEXT NOT NULL, -- as given at registration: operator and the account's own devices; until the account is erased
  email TEXT, -- operator and the account's own devices, NULL if none was given; until the account is erased
  created_at_ms INTEGER NOT NULL, -- operator and the account's own devices; when the UTC day began, not the time; stays with the handle
  last_seen_day TEXT NOT NULL, -- operator and the account's own devices; first day of the UTC week, written for all accounts at once; stays with the handle
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
  device_id BLOB PRIMARY KEY, -- 16 random bytes, public, also the name of the device's mailbox; until the account revokes the device
  account_id BLOB NOT NULL, -- public; until the account revokes the device
  signature_key BLOB NOT NULL -- public Ed25519 key; until the account revokes the device
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_of_account ON devices (account_id, device_id);

CREATE TABLE retired_devices ( -- ids that nobody registers again: groups that have not noticed yet would deliver to whoever did
  id_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the id, which is not kept; stays
  erased INTEGER NOT NULL -- operator; 1 if the server erased the account, so that the device is told so; stays
) STRICT, WITHOUT ROWID;

CREATE TABLE addresses ( -- where an account connected from; empty if retention.ip_days is 0
  account_id BLOB NOT NULL, -- operator and the account's own devices; retention.ip_days after the last time
  address TEXT NOT NULL, -- operator and the account's own devices; IP address at sign-in; retention.ip_days after the week of the last time
  first_seen_ms INTEGER NOT NULL, -- operator and the account's own devices; when the UTC week began, not the day; retention.ip_days after the week of the last time
  last_seen_ms INTEGER NOT NULL, -- operator and the account's own devices; when the UTC week began, not the day; retention.ip_days after the week of the last time
  PRIMARY KEY (account_id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_age ON addresses (last_seen_ms);

CREATE TABLE invites ( -- codes that let somebody register
  code_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the code, which is not kept; until it expires or is used up
  label TEXT NOT NULL, -- operator; which command made it, nothing of a person; until it expires or is used up
  uses_left INTEGER NOT NULL, -- operator; who used a code is not recorded; until it expires or is used up
  expires_at_ms INTEGER NOT NULL -- operator; until then
) STRICT, WITHOUT ROWID;

CREATE TABLE key_packages ( -- public keys with which others add a device to a group while it is away (RFC 9420 section 10)
  package_order INTEGER PRIMARY KEY, -- operator; the oldest is given out first; until it is given out
  device_id BLOB NOT NULL, -- anyone who claims it; until it is given out
  last_resort INTEGER NOT NULL, -- anyone who claims it; 1 for the one that may be given out again; until replaced
  package_hash BLOB NOT NULL, -- operator and the device; until it is given out
  package BLOB NOT NULL, -- anyone who claims it, public keys only; until it is given out, a last resort until replaced
  UNIQUE (device_id, last_resort, package_hash)
) STRICT;

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

CREATE TABLE introductions ( -- sealed introductions that wait for a device; where they can be left is told by an address that is not stored
  address_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the address, which whoever claimed it knows; until the device has taken the introduction, 14 days at most
  device_id BLOB NOT NULL, -- operator; not who left it, nor for which group; until the device has taken the introduction, 14 days at most
  day INTEGER NOT NULL, -- operator; number of the UTC day on which the address was given out; until the device has taken the introduction, 14 days at most
  introduction_id BLOB NOT NULL, -- operator and the device; random; until the device has taken the introduction, 14 days at most
  sealed BLOB NOT NULL -- only the device can open it, 4,096 bytes whatever it says; until the device has taken it, 14 days at most
) STRICT, WITHOUT ROWID;
CREATE INDEX introductions_of_device ON introductions (device_id, introduction_id);
CREATE INDEX introductions_by_age ON introductions (day);

CREATE TABLE blocks ( -- accounts that may not claim KeyPackages of this one
  account_id BLOB NOT NULL, -- operator and this account; until it lifts the block
  blocked_account_id BLOB NOT NULL, -- operator and the account that blocks; until it lifts the block
  PRIMARY KEY (account_id, blocked_account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mutes ( -- groups whose posts a device does not want
  mailbox BLOB NOT NULL, -- operator and the device; until it lifts the block or is revoked
  group_id BLOB NOT NULL, -- operator and the device; until it lifts the block or is revoked
  PRIMARY KEY (mailbox, group_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE used_claims ( -- claim tokens that were used, so that none is used twice; not who asked for them, nor for which mailbox
  token_hash BLOB PRIMARY KEY, -- operator; SHA-256 of the token; 24 hours
  expires_at_ms INTEGER NOT NULL -- operator; 24 hours
) STRICT, WITHOUT ROWID;
CREATE INDEX used_claims_by_age ON used_claims (expires_at_ms);

CREATE TABLE groups ( -- a group as far as delivery needs it: no name, no accounts, no keys that open anything
  group_id BLOB PRIMARY KEY, -- operator and the members; 32 random bytes; while the group exists
  epoch INTEGER NOT NULL, -- operator and the members; how many commits there were; while the group exists
  delivery_key BLOB NOT NULL, -- operator and the members; public key that posts verify under, tells no member from another; one epoch
  previous_key BLOB, -- operator and the members; the key of the epoch before, unless that ended with a removal; one epoch
  last_order INTEGER NOT NULL, -- operator and the members; how many bodies there were; while the group exists
  last_time_ms INTEGER NOT NULL, -- operator and the members; while the group exists
  create_hash BLOB NOT NULL -- operator; recognises the same create request sent again; while the group exists
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries ( -- which mailboxes a group's bodies go to
  group_id BLOB NOT NULL, -- operator and the members; until a commit removes the mailbox
  mailbox BLOB NOT NULL, -- operator and the members; a device id; until a commit removes it
  PRIMARY KEY (group_id, mailbox)
) STRICT, WITHOUT ROWID;

CREATE TABLE placed ( -- which bodies were taken, so that the same one sent again is not placed twice
  group_id BLOB NOT NULL, -- operator and the members; retention.mailbox_days
  body_hash BLOB NOT NULL, -- operator and the members; SHA-256 of a ciphertext; retention.mailbox_days
  group_order INTEGER NOT NULL, -- operator and the members; retention.mailbox_days
  time_ms INTEGER NOT NULL, -- operator and the members; retention.mailbox_days
  fanout BLOB, -- operator and the members; for commits, hash of the mailboxes of the next epoch; retention.mailbox_days
  PRIMARY KEY (group_id, body_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX placed_by_age ON placed (time_ms);

CREATE TABLE bodies ( -- ciphertexts on their way, each stored once however many mailboxes it waits in
  body_id INTEGER PRIMARY KEY AUTOINCREMENT, -- operator; until the last mailbox has acknowledged the body
  waiting INTEGER NOT NULL, -- operator; how many mailboxes it still waits in; until that is none, then the row is erased
  kind TEXT NOT NULL, -- operator and the receivers; post, commit, welcome or group_info; until the last acknowledgement
  group_id BLOB NOT NULL, -- operator and the receivers; until the last acknowledgement
  group_order INTEGER NOT NULL, -- operator and the receivers; until the last acknowledgement
  time_ms INTEGER NOT NULL, -- operator and the receivers; until the last acknowledgement
  fanout BLOB, -- operator and the receivers; for commits and welcomes; until the last acknowledgement
  group_info_id INTEGER, -- operator; for welcomes, the body that holds the shared GroupInfo; until the last acknowledgement
  body BLOB NOT NULL -- MLS ciphertext: only the devices it was encrypted to; until the last acknowledgement or retention.mailbox_days
) STRICT;

CREATE TABLE mailboxes ( -- one per device
  mailbox BLOB PRIMARY KEY, -- operator and the device, whose id it is; until the account revokes the device
  floor INTEGER NOT NULL, -- operator and the device; the newest sequence number that is gone; until the account revokes the device
  acked INTEGER NOT NULL DEFAULT 0 -- operator and the device; the newest that the device said it has safe; until the account revokes the device
) STRICT, WITHOUT ROWID;

CREATE TABLE waiting ( -- what each mailbox holds: a pointer, never a second copy
  mailbox BLOB NOT NULL, -- operator and the device; until it acknowledges, or retention.mailbox_days
  seq INTEGER NOT NULL, -- operator and the device; place in the mailbox, without gaps; until it acknowledges, or retention.mailbox_days
  body_id INTEGER NOT NULL, -- operator; until the device acknowledges, or retention.mailbox_days
  held_bytes INTEGER NOT NULL DEFAULT 0, -- operator; size of this body and of those placed before it; until the device acknowledges
  PRIMARY KEY (mailbox, seq)
) STRICT, WITHOUT ROWID;
