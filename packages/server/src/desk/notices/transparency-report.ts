// The public part of lawful requests: every day's slot, and the notices that were opened. Nothing about a case that is open,
// or still under a gag.

import { fromUtf8, toBase64 } from "@nodoor/bytes"
import { inventoryHash } from "../../inventory/inventory.ts"
import type { Database } from "../../sqlite/database.ts"
import { version } from "../../core/version.ts"

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

/** A day's 32 bytes (base64). */
export interface ReportedSlot {
  readonly day: string
  readonly slot: string
  /** Index of its `kt-notice/v1` entry among the log's leaves; null while it waits for an epoch. */
  readonly entry: number | null
  /** Base64, once opened: HMAC-SHA256(key, body) is the slot. */
  readonly key: string | null
  readonly body: string | null
}

export interface TransparencyReport {
  readonly format: "nodoor-transparency/v1"
  readonly origin: string
  readonly server: string
  readonly inventorySha256: string
  /** Key that signs archives, base64. */
  readonly exportKey: string
  /** The newest first. */
  readonly slots: readonly ReportedSlot[]
  readonly notices: readonly Notice[]
}

/** Days in one report: three years. */
const daysMax = 1_100

export function transparencyReport(
  db: Database,
  {
    origin,
    exportKey,
    places,
  }: {
    readonly origin: string
    readonly exportKey: Uint8Array
    /** Answers where the notices of these days stand in the log. */
    readonly places: (days: readonly string[]) => ReadonlyMap<string, number>
  },
): TransparencyReport {
  type Row = { day: string; slot: Uint8Array; slot_key: Uint8Array | null; body: Uint8Array | null; opened_day: string | null }
  const rows = db.all<Row>("SELECT day, slot, slot_key, body, opened_day FROM slots WHERE logged = 1 ORDER BY day DESC LIMIT ?", daysMax)
  const entryOf = places(rows.map(({ day }) => day))
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
      entry: entryOf.get(day) ?? null,
      key: openedDay === null || key === null ? null : toBase64(key),
      body: openedDay === null || body === null ? null : toBase64(body),
    })),
    notices: opened.flatMap(({ body }) => (JSON.parse(fromUtf8(body ?? new Uint8Array())) as { notices: Notice[] }).notices),
  }
}
