// When the last backup was made. The backup writes it beside the data; `doctor` and the console read it.

import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { toUtf8 } from "@nodoor/bytes"
import * as v from "valibot"
import { writeWhole } from "../core/write-whole.ts"
import type { Finding } from "../core/finding.ts"

/** Both absent: there is none. */
export interface BackupState {
  /** Unix time in milliseconds. */
  readonly atMs?: number
  readonly files?: number
}

const fileName = "last-backup.json"
const noted = v.strictObject({ atMs: v.pipe(v.number(), v.safeInteger()), files: v.pipe(v.number(), v.safeInteger()) })

/** A note that cannot be read counts as none: the worst that follows is a warning. */
export function backupState(dataDir: string): BackupState {
  try {
    return v.parse(noted, JSON.parse(readFileSync(join(dataDir, fileName), "utf8")))
  } catch {
    return {}
  }
}

export function noteBackup(dataDir: string, backup: { readonly atMs: number; readonly files: number }): void {
  writeWhole(join(dataDir, fileName), toUtf8(`${JSON.stringify(backup)}\n`))
}

const dayMs = 86_400_000
/** A backup, or a server without one, that is older than this is worth a warning. */
const warnAfterMs = 7 * dayMs

/** A server without accounts, or in its first days, has nothing that would be missed. */
export function backupFinding(dataDir: string, now: { readonly nowMs: number; readonly accountCount: number }): Finding {
  const { atMs, files } = backupState(dataDir)
  const old = now.nowMs - (atMs ?? firstStartMs(dataDir) ?? now.nowMs) > warnAfterMs && now.accountCount > 0
  const advice = "`nodoor-server backup FOLDER` makes one while the server runs"
  const text = atMs === undefined ? `never: ${advice}` : `${ago(now.nowMs - atMs)}, ${files} files${old ? `: ${advice}` : ""}`
  return { what: "last backup", level: old ? "warn" : atMs === undefined ? "note" : "ok", text }
}

/** The key that the first start makes is never written again. */
function firstStartMs(dataDir: string): number | undefined {
  return statSync(join(dataDir, "log", "vrf.key"), { throwIfNoEntry: false })?.mtimeMs
}

function ago(ms: number): string {
  const days = Math.floor(ms / dayMs)
  return days < 1 ? "less than a day ago" : days === 1 ? "1 day ago" : `${days} days ago`
}
