-- People get roles and several credentials, keys or passkeys; approvals name the credential. Whoever could decide could also let others in:
-- they become owners.

CREATE TABLE operators_2 (
  operator_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('owner', 'operator', 'reviewer')),
  added_at_ms INTEGER NOT NULL,
  removed_at_ms INTEGER
) STRICT;
INSERT INTO operators_2 SELECT operator_id, name, 'owner', added_at_ms, removed_at_ms FROM operators;

CREATE TABLE credentials (
  credential_id BLOB PRIMARY KEY,
  operator_id INTEGER NOT NULL REFERENCES operators (operator_id),
  kind TEXT NOT NULL CHECK (kind IN ('key', 'passkey')),
  public_key BLOB NOT NULL,
  label TEXT NOT NULL,
  sign_count INTEGER NOT NULL,
  added_at_ms INTEGER NOT NULL,
  used_at_ms INTEGER,
  removed_at_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_by_operator ON credentials (operator_id);
INSERT INTO credentials SELECT public_key, operator_id, 'key', public_key, 'key', 0, added_at_ms, NULL, removed_at_ms FROM operators;

CREATE TABLE approvals_2 (
  case_id TEXT NOT NULL,
  operator_id INTEGER NOT NULL,
  credential_id BLOB NOT NULL,
  case_digest BLOB NOT NULL,
  signature BLOB NOT NULL,
  authenticator_data BLOB,
  client_data BLOB,
  approved_at_ms INTEGER NOT NULL,
  PRIMARY KEY (case_id, operator_id)
) STRICT, WITHOUT ROWID;
-- An approval whose operator is unknown was written past the desk: it stays, and is found when it is checked.
INSERT INTO approvals_2 SELECT a.case_id, a.operator_id, coalesce(o.public_key, x''), a.case_digest, a.signature, NULL, NULL, a.approved_at_ms
  FROM approvals a LEFT JOIN operators o USING (operator_id);

DROP TABLE approvals;
DROP TABLE operators;
ALTER TABLE operators_2 RENAME TO operators;
ALTER TABLE approvals_2 RENAME TO approvals;

CREATE TABLE enrolments (
  code_hash BLOB PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  invited_by INTEGER,
  recovery INTEGER NOT NULL,
  usable_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nobody was told before of what is older.
CREATE TABLE told (
  case_id TEXT NOT NULL,
  account_id BLOB NOT NULL,
  disclosed TEXT NOT NULL,
  tell_after TEXT NOT NULL,
  fetched_day TEXT,
  PRIMARY KEY (case_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_by_account ON told (account_id);
