// What the database holds of one account that may be handed over: the columns that the inventory exports, and no others.

import { toHex } from "@nodoor/bytes"
import { accountsDatabase } from "../../../inventory/accounts-database.ts"
import type { DisclosableTable, OperationInput } from "../store.ts"
import type { Database, SqlRow } from "../../../sqlite/database.ts"

interface Source {
  readonly table: string
  readonly columns: readonly string[]
  readonly counted: boolean
}

const sources: readonly Source[] = exportedSources()

/** Each value once: columns in the inventory's order, rows in the order of their values. */
export function disclosableTables(db: Database, { accountId }: OperationInput<"disclosableTables">): readonly DisclosableTable[] {
  if (db.get("SELECT 1 FROM accounts WHERE account_id = ?", accountId) === undefined) return []
  return sources.map(({ table, columns, counted }) => {
    const list = counted ? "count(*) AS count" : columns.join(", ")
    const order = counted ? "" : ` ORDER BY ${list}`
    const rows = db.all<SqlRow>(`SELECT ${list} FROM ${table} WHERE account_id = ?${order}`, accountId)
    return { table, columns: counted ? ["count"] : columns, rows: rows.map((row) => Object.values(row).map(plain)) }
  })
}

function exportedSources(): Source[] {
  const tables = new Map<string, { columns: string[]; counted: boolean }>()
  for (const { place, exported } of accountsDatabase) {
    if (exported === "no") continue
    const [table = "", column = ""] = place.replace("accounts.db ", "").split(".")
    const source = tables.get(table) ?? { columns: [], counted: exported === "count" }
    source.columns.push(column)
    tables.set(table, source)
  }
  return [...tables].map(([table, source]) => ({ table, ...source }))
}

function plain(value: SqlRow[string]): string | number | null {
  if (value instanceof Uint8Array) return toHex(value)
  return typeof value === "string" || typeof value === "number" ? value : null
}
