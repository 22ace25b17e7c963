// Archives between export and download: files named by the case, kept for seven days after it ended. Their digest stays in the
// notice.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fromUtf8, toHex, toUtf8 } from "@nodoor/bytes"
import { sha256 } from "../../core/crypto.ts"
import type { Clock } from "../../core/ports.ts"
import { ServerError } from "../../core/server-error.ts"
import type { Database } from "../../sqlite/database.ts"
import type { Actor } from "../people/actor.ts"
import type { Archive } from "./archive.ts"
import { readCase } from "../cases/case.ts"
import { appendAudit, auditedStep, inTransaction } from "../store/desk-database.ts"
import { writeWhole } from "../../core/write-whole.ts"

/** How long an archive is kept after its case ended. */
export const archiveKeptMs: number = 7 * 24 * 3_600_000

export interface KeptArchivePorts {
  readonly db: Database
  readonly clock: Clock
  readonly archivesPath: string
}

/**
 * The archive that was handed over, byte for byte. Each call is a line in the desk's log.
 * @throws ServerError `desk_refused` if nothing was exported or its time is over, `desk_damaged` if the files are not those of the notice,
 * `operator_unknown`, `operator_forbidden`
 */
export function readKeptArchive(
  { db, clock, archivesPath }: KeptArchivePorts,
  { caseId, actor }: { readonly caseId: string; readonly actor: Actor },
): { readonly archive: Uint8Array; readonly letter: string } {
  return auditedStep(db, { clock, event: "archive_downloaded", caseId, facts: undefined }, () => {
    const { name } = actor.may(db, "handle")
    const until = archiveUntilMs(db, { caseId, archivesPath })
    if (until === undefined || until <= clock.nowMs())
      throw new ServerError("desk_refused", "This case has no archive. Archives are kept for seven days after a case ends.")
    const { jsonPath, letterPath } = pathsOf(archivesPath, caseId)
    const archive = new Uint8Array(readFileSync(jsonPath))
    const letter = existsSync(letterPath) ? readFileSync(letterPath, "utf8") : ""
    const intact =
      toHex(sha256(archive)) === exportDigestOf(db, caseId) && (JSON.parse(fromUtf8(archive)) as { letter: string }).letter === letter
    if (!intact)
      throw new ServerError(
        "desk_damaged",
        "The archive is not the one that the notice names. Somebody changed it, or the disk is damaged.",
      )
    return { actor: name, result: { archive, letter } }
  })
}

/** Until when the archive of a case is kept; undefined if there is none. */
export function archiveUntilMs(
  db: Database,
  { caseId, archivesPath }: { readonly caseId: string; readonly archivesPath: string },
): number | undefined {
  const { closedAtMs } = readCase(db, caseId)
  if (closedAtMs === undefined || exportDigestOf(db, caseId) === undefined) return undefined
  return existsSync(pathsOf(archivesPath, caseId).jsonPath) ? closedAtMs + archiveKeptMs : undefined
}

/** Both files on the disk as a whole, the letter first. */
export function keepArchive(archivesPath: string, caseId: string, { text, letter }: Archive): void {
  const { jsonPath, letterPath } = pathsOf(archivesPath, caseId)
  mkdirSync(archivesPath, { recursive: true, mode: 0o700 })
  writeWhole(letterPath, toUtf8(letter))
  writeWhole(jsonPath, toUtf8(text))
}

export function dropArchive(archivesPath: string, caseId: string): void {
  const { jsonPath, letterPath } = pathsOf(archivesPath, caseId)
  for (const path of [jsonPath, letterPath]) for (const file of [path, `${path}.part`]) rmSync(file, { force: true })
}

/** Erases archives whose time is over, and what interrupted exports left behind. Answers how many cases had any. */
export function sweepArchives({ db, clock, archivesPath }: KeptArchivePorts): number {
  if (!existsSync(archivesPath)) return 0
  const found = new Set(readdirSync(archivesPath).flatMap((name) => /^([0-9a-f]{10})\.(?:json|html)(?:\.part)?$/.exec(name)?.[1] ?? []))
  let erased = 0
  for (const caseId of found) {
    if (isKept({ db, clock }, caseId)) continue
    const gone = inTransaction(db, () => {
      // A command in another process may have ended the case in the meantime. Its archive was on the disk before that.
      if (isKept({ db, clock }, caseId)) return false
      dropArchive(archivesPath, caseId)
      appendAudit(db, { timeMs: clock.nowMs(), actor: "server", event: "archive_erased", caseId })
      return true
    })
    if (gone) erased++
  }
  return erased
}

function isKept({ db, clock }: Pick<KeptArchivePorts, "db" | "clock">, caseId: string): boolean {
  const row = db.get<{ closed_at_ms: number | null }>("SELECT closed_at_ms FROM cases WHERE case_id = ?", caseId)
  const closedAtMs = row?.closed_at_ms ?? undefined
  return closedAtMs !== undefined && clock.nowMs() < closedAtMs + archiveKeptMs && exportDigestOf(db, caseId) !== undefined
}

/** SHA-256 of what was handed over, hexadecimal, as the notice says it. */
export function exportDigestOf(db: Database, caseId: string): string | undefined {
  const row = db.get<{ body: Uint8Array | null }>("SELECT body FROM notices WHERE case_id = ?", caseId)
  if (row === undefined || row.body === null) return undefined
  return (JSON.parse(fromUtf8(row.body)) as { export: string | null }).export ?? undefined
}

/** @throws ServerError `desk_refused`: a path is made of a case's number and nothing else */
function pathsOf(archivesPath: string, caseId: string): { readonly jsonPath: string; readonly letterPath: string } {
  if (!/^[0-9a-f]{10}$/.test(caseId)) throw new ServerError("desk_refused", "There is no such case.")
  return { jsonPath: join(archivesPath, `${caseId}.json`), letterPath: join(archivesPath, `${caseId}.html`) }
}
