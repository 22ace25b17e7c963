// What a device lets a person do with their devices, their backups and their recovery key. Each part of the library that carries some of
// it out adds the interface to `Device`.

import type { ArchivePreview, BackupSettings, BackupView } from "../view/backup-view.ts"
import type { RestoreOptions } from "../archive/backup/backups.ts"
import type { KeptBackup } from "../archive/backup-place.ts"
import type { ArchiveSource } from "../archive/format/archive-reader.ts"
import type { ArchiveKey } from "../archive/format/header.ts"
import type { ArchiveImportResult } from "../archive/import-archive.ts"
import type { OpenedArchive, VerifiedArchive } from "../archive/preview-archive.ts"
import type { ArchiveProgress, WritingArchive } from "../archive/write-archive.ts"
import type { LinkView } from "../view/link-view.ts"
import type { RecoveryView, WordsCheck } from "../view/recovery-view.ts"
import type { Hex } from "../core/hex.ts"

export interface LinkCalls {
  /** Shows a code, or takes the one of the other device. How it goes on is told by the event `link`. */
  startLink(how: { readonly show: true } | { readonly code: string }): Promise<LinkView>
  /** The number that the new device shows, or a refusal. A wrong number ends the attempt for good. */
  answerLink(answer: { readonly number: number } | { readonly deny: true }): Promise<void>
  cancelLink(): Promise<void>
  /** What the person calls a device of theirs. `not_found` for one that the account does not list. */
  renameDevice(deviceId: Hex, name: string): Promise<void>
}

export interface BackupCalls {
  backup(): Promise<BackupView>
  setBackup(settings: BackupSettings): Promise<void>
  /** Resolves when the backup has begun. Its progress and its end are told by the event `backup`. */
  backupNow(): Promise<void>
  /** The newest backup that the recovery key of this account finds on the server. Undefined if there is none. */
  previewBackup(): Promise<ArchivePreview | undefined>
  /**
   * Takes it in, or of its chats only those with these ids of the preview: the others stay in the backup, and can be taken in later. The event
   * `backup` tells how far it has come. `archive_older` if this device knows of a newer one.
   */
  restoreBackup(options?: { readonly chats?: readonly Hex[] }): Promise<void>
}

/** Archives as streams of bytes, for a caller in the same program. The account's recovery key opens them unless another key is given. */
export interface ArchiveCalls {
  /** What the place of the backups has, the newest first. */
  list(): Promise<readonly KeptBackup[]>
  source(name: string): Promise<ArchiveSource>
  write(hears?: (progress: ArchiveProgress) => void): Promise<WritingArchive>
  /** What was written is safe where it is: it counts as the newest backup. */
  made(archive: { readonly madeAtMs: number; readonly bytes: number }): Promise<void>
  open(source: ArchiveSource, key?: ArchiveKey): Promise<OpenedArchive>
  verify(source: ArchiveSource, key?: ArchiveKey, hears?: (progress: ArchiveProgress) => void): Promise<VerifiedArchive>
  restore(source: ArchiveSource, options?: RestoreOptions): Promise<ArchiveImportResult>
  /** When the newest archive was made that this device has made or taken in. */
  newestKnownMs(): Promise<number | undefined>
}

export interface RecoveryCalls {
  recovery(): Promise<RecoveryView>
  recoveryWords(): Promise<readonly string[]>
  /** The words at the places that were asked for. `at` counts from 0. `invalid_input` if one is wrong. */
  confirmRecovery(words: readonly { readonly at: number; readonly word: string }[]): Promise<void>
  checkRecoveryWords(words: readonly string[]): Promise<WordsCheck>
  /** Stores the key wrapped by what a passkey's PRF made of `salt`. It counts after `confirmRecoveryPasskey`. */
  addRecoveryPasskey(passkey: { readonly id: Hex; readonly salt: Hex; readonly secret: Hex }): Promise<void>
  /** Opens what was stored with what the passkey gave a second time. `invalid_input` if that does not open it. */
  confirmRecoveryPasskey(secret: Hex): Promise<void>
  removeRecoveryPasskey(): Promise<void>
}
