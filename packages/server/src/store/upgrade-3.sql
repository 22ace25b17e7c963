-- From schema 2 to 3: what a device acknowledged is told apart from what was dropped. Of earlier acknowledgements nothing is claimed.

ALTER TABLE mailboxes ADD COLUMN acked INTEGER NOT NULL DEFAULT 0;
