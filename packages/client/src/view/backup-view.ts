// What a person sees of backups: whether there is a fresh one, and what one holds before anything of it is applied.

import type { Hex } from "../core/hex.ts"
import type { BackupTarget } from "../store/archive/backup-settings.ts"

export type { BackupSettings, BackupTarget } from "../store/archive/backup-settings.ts"

export interface BackupView {
  /** `stale`: the newest one is older than the schedule allows. `failed`: the last attempt failed; `lastMs` is that of the newest good one. */
  readonly status: "never" | "running" | "fresh" | "stale" | "failed"
  readonly lastMs?: number
  readonly bytes?: number
  readonly target: BackupTarget
  readonly progress?: { readonly done: number; readonly total: number }
  /** An archive is being taken in, from wherever it comes: messages that came by, of those that were chosen. */
  readonly restoring?: { readonly done: number; readonly total: number }
  readonly failure?: { readonly code: string; readonly message: string }
}

/** What an archive holds. Nothing of it has been applied. */
export interface ArchivePreview {
  readonly accountHandle: string
  readonly madeAtMs: number
  readonly chats: readonly ArchivedChat[]
  readonly messages: number
  /** When the oldest and the newest message were written. */
  readonly from?: number
  readonly to?: number
}

export interface ArchivedChat {
  /** As the archive has it, to choose it by. */
  readonly id: Hex
  readonly title: string
  readonly kind: "dm" | "group"
  readonly messages: number
  /** When its oldest and its newest message were written. */
  readonly from?: number
  readonly to?: number
}
