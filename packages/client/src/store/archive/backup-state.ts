// Where backups go and how the last ones went: table `backup`.

import type { Transaction } from "../../core/transaction.ts"
import type { BackupSettings, BackupTarget } from "./backup-settings.ts"
import { type Reader, optionalNumber } from "../reader.ts"

export interface BackupState {
  readonly settings: BackupSettings
  /** Of the newest good one at this place. */
  readonly lastMs: number | undefined
  readonly lastBytes: number | undefined
  readonly failure: { readonly code: string; readonly message: string } | undefined
}

export async function readBackupState(reader: Reader): Promise<BackupState> {
  const [row] = await reader.read("SELECT * FROM backup WHERE id = 1")
  const failure = row?.["failure"]
  return {
    settings: row ? (JSON.parse(String(row["settings"])) as BackupSettings) : { target: "none" },
    lastMs: optionalNumber(row?.["last_ms"]),
    lastBytes: optionalNumber(row?.["last_bytes"]),
    failure: typeof failure === "string" ? (JSON.parse(failure) as BackupState["failure"]) : undefined,
  }
}

/** Another place knows nothing of earlier backups. */
export function saveBackupSettings(tx: Transaction, settings: BackupSettings, { isSamePlace }: { readonly isSamePlace: boolean }): void {
  tx.write(
    `INSERT INTO backup (id, target, settings) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET target = excluded.target, settings = excluded.settings,
       failure = NULL${isSamePlace ? "" : ", last_ms = NULL, last_bytes = NULL"}`,
    settings.target satisfies BackupTarget,
    JSON.stringify(settings),
  )
}

export function saveBackupMade(tx: Transaction, made: { readonly madeMs: number; readonly bytes: number }): void {
  tx.write(
    `INSERT INTO backup (id, target, settings, last_ms, last_bytes) VALUES (1, 'none', '{"target":"none"}', ?, ?)
     ON CONFLICT DO UPDATE SET last_ms = excluded.last_ms, last_bytes = excluded.last_bytes, failure = NULL`,
    made.madeMs,
    made.bytes,
  )
}

export function saveBackupFailure(tx: Transaction, failure: { readonly code: string; readonly message: string }): void {
  tx.write("UPDATE backup SET failure = ? WHERE id = 1", JSON.stringify({ code: failure.code, message: failure.message }))
}
