// A place where backups are kept.

import type { ArchiveSource } from "./format/archive-reader.ts"
import type { WritingArchive } from "./write-archive.ts"

export interface KeptBackup {
  /** Tells it from the others at this place. */
  readonly name: string
  readonly madeAtMs: number
  readonly bytes: number
}

export interface BackupPlace {
  /** Keeps it, and lets go of old ones. Durable when it resolves, with the bytes that it has. */
  write(archive: WritingArchive): Promise<number>
  /** The newest first. */
  list(): Promise<readonly KeptBackup[]>
  /** @throws ClientError `not_found` */
  source(name: string): Promise<ArchiveSource>
}

/** So many are kept: one that was just written may turn out to be bad. */
export const backupsKept = 2
