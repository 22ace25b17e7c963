// What the queries of this folder are asked of.

import type { Database, Row, SqlValue } from "../core/ports.ts"

/** A transaction or a database: whatever can be asked. */
export interface Reader {
  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]>
}

/** Reads committed data. Inside a transaction, use the transaction's own `read`. */
export function readerOf(database: Pick<Database, "read">): Reader {
  return { read: (sql, ...values) => database.read(sql, values) }
}

/** A column that may be NULL, as a number or undefined. */
export function optionalNumber(value: SqlValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined
}

/** A column that may be NULL, as bytes or undefined. */
export function optionalBytes(value: SqlValue | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined
}
