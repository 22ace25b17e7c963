// Table of the recovery key's lock that is not proven yet, a part of `schema.ts`.

export const recoveryTables: readonly string[] = [
  // A passkey that is to open the recovery key, until it has done so once; then it is an entry that the account's other devices know too.
  `CREATE TABLE recovery_passkey (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      passkey BLOB NOT NULL,            -- encodeRecoveryPasskey: its id, the salt, and the key wrapped by what it makes of the salt
      made_ms INTEGER NOT NULL
    )`,
]
