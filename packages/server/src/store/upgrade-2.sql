-- From schema 1 to 2: accounts are suspended and erased by the operator, and mailboxes are measured.

ALTER TABLE accounts ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE accounts ADD COLUMN unused_since INTEGER;
CREATE INDEX accounts_by_state ON accounts (state, last_seen_day);
CREATE INDEX accounts_unused ON accounts (unused_since) WHERE unused_since IS NOT NULL;
-- Nobody registers without a name; only a tombstone has taken it away.
UPDATE accounts SET state = 'erased' WHERE holder_name = '';

CREATE TABLE retired_devices (id_hash BLOB PRIMARY KEY, erased INTEGER NOT NULL) STRICT, WITHOUT ROWID;

ALTER TABLE waiting ADD COLUMN held_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE waiting SET held_bytes = measured.total
  FROM (
    SELECT w.mailbox, w.seq, sum(length(b.body) + coalesce(length(i.body), 0)) OVER (PARTITION BY w.mailbox ORDER BY w.seq) AS total
      FROM waiting w JOIN bodies b ON b.body_id = w.body_id LEFT JOIN bodies i ON i.body_id = b.group_info_id
  ) AS measured
 WHERE waiting.mailbox = measured.mailbox AND waiting.seq = measured.seq;
