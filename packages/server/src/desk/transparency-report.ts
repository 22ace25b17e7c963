// What may be read of lawful requests: every slot of every day, and the notices of those that were opened. Nothing of a case that is open,
// or whose gag lasts.

import { fromUtf8, toBase64 } from "@nodoor/bytes"
import { inventoryHash } from "../inventory/inventory.ts"
import type { Database } from "../store/sqlite/database.ts"
import { version } from "../version.ts"

export interface Notice {
  readonly id: string
  readonly received: string
  readonly country: string
  readonly instrument: string
  readonly sought: readonly string[]
  readonly accounts: number
  readonly outcome: string
  readonly disclosed: readonly string[]
  readonly export: string | null
  readonly told: string
}

export interface TransparencyReport {
  readonly format: "nodoor-transparency/v1"
  readonly origin: string
  readonly server: string
  readonly inventorySha256: string
  /** Key that signs archives, base64. */
  readonly exportKey: string
  /** The newest first. `key` and `body` (base64) once opened. */
  readonly slots: readonly { readonly day: string; readonly slot: string; readonly key: string | null; readonly body: string | null }[]
  readonly notices: readonly Notice[]
}

/** Days in one report: three years. */
const daysMax = 1_100

export function transparencyReport(
  db: Database,
  { origin, exportKey }: { readonly origin: string; readonly exportKey: Uint8Array },
): TransparencyReport {
  type Row = { day: string; slot: Uint8Array; slot_key: Uint8Array | null; body: Uint8Array | null; opened_day: string | null }
  const rows = db.all<Row>("SELECT day, slot, slot_key, body, opened_day FROM slots WHERE logged = 1 ORDER BY day DESC LIMIT ?", daysMax)
  const opened = rows.filter(({ opened_day: openedDay }) => openedDay !== null)
  return {
    format: "nodoor-transparency/v1",
    origin,
    server: version,
    inventorySha256: inventoryHash(),
    exportKey: toBase64(exportKey),
    slots: rows.map(({ day, slot, slot_key: key, body, opened_day: openedDay }) => ({
      day,
      slot: toBase64(slot),
      key: openedDay === null || key === null ? null : toBase64(key),
      body: openedDay === null || body === null ? null : toBase64(body),
    })),
    notices: opened.flatMap(({ body }) => (JSON.parse(fromUtf8(body ?? new Uint8Array())) as { notices: Notice[] }).notices),
  }
}
