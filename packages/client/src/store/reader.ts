// What the queries of this folder are asked of.

import type { Row, SqlValue } from "../core/ports.ts"

/** A transaction or a database: whatever can be asked. */
export interface Reader {
  read(sql: string, ...values: SqlValue[]): Promise<readonly Row[]>
}

/** A column that may be NULL, as a number or undefined. */
export function optionalNumber(value: SqlValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined
}
