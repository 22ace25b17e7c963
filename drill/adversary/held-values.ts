// Every value of a database that is long enough to be somebody's.

import type { DatabaseSync } from "node:sqlite"

/** A value of a database, with where it stands. */
export interface HeldValue {
  readonly column: string
  readonly bytes: Uint8Array
}

export function valuesOf(database: DatabaseSync): readonly HeldValue[] {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return tables.flatMap(({ name }) =>
    database
      .prepare(`SELECT * FROM "${String(name)}"`)
      .all()
      .flatMap((row) =>
        Object.entries(row).flatMap(([column, value]) =>
          value instanceof Uint8Array && value.length >= 16 ? [{ column: `${String(name)}.${column}`, bytes: value }] : [],
        ),
      ),
  )
}
