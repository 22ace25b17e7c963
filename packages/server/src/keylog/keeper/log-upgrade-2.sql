-- From schema 1 to 2: what the log holds of accounts that were deleted is erased after a while.

CREATE TABLE ended (label BLOB PRIMARY KEY, epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
