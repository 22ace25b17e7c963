// Backups of this device: by themselves once a day where the person wants them, at once when asked for, and back again.

import type { ClientErrorCode } from "../../core/client-error.ts"
import { ClientError, asClientError } from "../../core/client-error.ts"
import type { Jobs } from "../../core/jobs.ts"
import type { OwnDevice } from "../../core/own-device.ts"
import type { Part } from "../../core/part.ts"
import type { Blobs, BucketNetwork } from "../../core/ports.ts"
import { newestArchiveMs } from "../../store/archive/archive-imports.ts"
import {
  type BackupState,
  readBackupState,
  saveBackupFailure,
  saveBackupMade,
  saveBackupSettings,
} from "../../store/archive/backup-state.ts"
import { archiveTexts, faultText } from "../../texts/en.ts"
import type { VerifiedAccountState } from "@nodoor/keylog"
import { readRecoverySeed } from "../../trust/account/recovery-key.ts"
import type { ArchivePreview, BackupSettings, BackupView } from "../../view/backup-view.ts"
import { Bucket } from "../bucket/bucket.ts"
import type { ArchiveSource } from "../format/archive-reader.ts"
import type { ArchiveKey } from "../format/header.ts"
import { type ArchiveImportOptions, type ArchiveImportParts, type ArchiveImportResult, importArchive } from "../import-archive.ts"
import { type OpenedArchive, type VerifiedArchive, previewArchive, verifyArchive } from "../preview-archive.ts"
import { type ArchiveProgress, type ArchiveWriterParts, type WritingArchive, writeArchive } from "../write-archive.ts"
import type { BackupPlace, KeptBackup } from "../backup-place.ts"
import { ServerBackups } from "./server-backups.ts"

const dayMs = 86_400_000
/** Three that did not happen in a row are worth a word. */
const staleAfterMs = 3 * dayMs
const kind = "backup"
/** Listeners hear of progress so often. */
const shownEvery = 250

export interface BackupParts extends ArchiveWriterParts, ArchiveImportParts {
  readonly own: OwnDevice
  readonly jobs: Jobs
  readonly blobs: Blobs
  readonly bucket: BucketNetwork | undefined
  readonly trust: { shownInLog(accountId: OwnDevice["accountId"]): Promise<VerifiedAccountState | undefined> }
  show(backup: BackupView): void
}

export interface RestoreOptions extends Partial<Omit<ArchiveImportOptions, "source">> {
  readonly hears?: (progress: ArchiveProgress) => void
}

export class Backups implements Part {
  readonly #parts: BackupParts
  #running: ArchiveProgress | undefined
  #restoring: Promise<unknown> | undefined
  /** Of the archive that is being taken in. */
  #restored: ArchiveProgress | undefined
  #closed = false

  constructor(parts: BackupParts) {
    this.#parts = parts
    parts.jobs.register({
      kind: "backup",
      whileOnline: true,
      stored: true,
      backoff: { firstMs: 60_000, lastMs: 6 * 3_600_000 },
      run: () => this.#run(),
    })
  }

  online(): void {}
  offline(): void {}
  close(): void {
    this.#closed = true
  }

  async view(): Promise<BackupView> {
    const state = await readBackupState(this.#parts.reader)
    const { lastMs, lastBytes, failure, settings } = state
    return {
      status: this.#running ? "running" : this.#statusOf(state),
      target: settings.target,
      ...(lastMs !== undefined && { lastMs }),
      ...(lastBytes !== undefined && { bytes: lastBytes }),
      ...(this.#running && { progress: this.#running }),
      ...(this.#restored && { restoring: this.#restored }),
      ...(failure && !this.#running && { failure }),
    }
  }

  #statusOf({ lastMs, failure, settings }: BackupState): BackupView["status"] {
    if (failure) return "failed"
    if (lastMs === undefined) return "never"
    const isOld = this.#parts.clock.nowMs() - lastMs > staleAfterMs
    return isOld && settings.target !== "none" && settings.target !== "file" ? "stale" : "fresh"
  }

  /** @throws ClientError `invalid_input`, `not_allowed` where there is no way to a bucket, `no_recovery_key` */
  async set(settings: BackupSettings): Promise<void> {
    const { transactions, jobs, reader } = this.#parts
    if (settings.target === "server" || settings.target === "s3") await this.#place(settings)
    const before = (await readBackupState(reader)).settings
    await transactions.run(async (tx) => {
      saveBackupSettings(tx, settings, { isSamePlace: JSON.stringify({ ...before }) === JSON.stringify({ ...settings }) })
      if (settings.target === "server" || settings.target === "s3") jobs.schedule({ kind, inMs: 0 }, tx)
      else jobs.cancel(kind, "", tx)
    })
    await this.#show()
  }

  /** @throws ClientError `not_allowed` when backups go nowhere by themselves, `no_recovery_key` */
  async now(): Promise<void> {
    const { settings } = await readBackupState(this.#parts.reader)
    await this.#place(settings)
    // One that is at work is the one that was asked for.
    if (!this.#running) this.#parts.jobs.schedule({ kind, inMs: 0, keepSooner: true })
  }

  /** What can be kept at the place of the settings, the newest first. */
  async list(): Promise<readonly KeptBackup[]> {
    return await (await this.#restorable()).list()
  }

  /** The newest one at the place of the settings, or on the server. */
  async preview(): Promise<ArchivePreview | undefined> {
    const newest = await this.#newest()
    if (!newest) return undefined
    const { accountHandle, madeAtMs, chats, messages, from, to } = await previewArchive(this.#parts.crypto, newest, await this.key())
    return { accountHandle, madeAtMs, chats, messages, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  }

  /** @throws ClientError `not_found` when there is none, and what `importArchive` throws */
  async restoreNewest(options: Pick<RestoreOptions, "chats"> = {}): Promise<void> {
    const newest = await this.#newest()
    if (!newest) throw new ClientError("not_found", archiveTexts.noBackup)
    await this.restore(newest, options)
  }

  /** One import at a time; a second call waits for its turn. */
  async restore(source: ArchiveSource, { hears, ...options }: RestoreOptions = {}): Promise<ArchiveImportResult> {
    const key = options.key ?? (await this.key())
    const before = this.#restoring
    const show = (progress: ArchiveProgress | undefined): void => {
      this.#restored = progress
      void this.#show()
    }
    const run = async (): Promise<ArchiveImportResult> => {
      await before?.catch(() => undefined)
      const parts = { ...this.#parts, isClosed: () => this.#closed }
      show({ done: 0, total: 0 })
      try {
        return await importArchive(parts, { source, ...options, key }, (progress) => {
          show(progress)
          hears?.(progress)
        })
      } finally {
        show(undefined)
      }
    }
    const done = run()
    this.#restoring = done
    return await done
  }

  /** An archive that the recovery key opens. It counts as a backup once `made` was called. */
  async write(hears?: (progress: ArchiveProgress) => void): Promise<WritingArchive> {
    return await writeArchive(this.#parts, { for: "backup", recoverySeed: await this.#recoverySeed() }, hears)
  }

  /** A backup that was written elsewhere, such as to a file, is safe there. */
  async made({ madeAtMs, bytes }: { readonly madeAtMs: number; readonly bytes: number }): Promise<void> {
    await this.#parts.transactions.run(async (tx) => saveBackupMade(tx, { madeMs: madeAtMs, bytes }))
    await this.#show()
  }

  async open(source: ArchiveSource, key?: ArchiveKey): Promise<OpenedArchive> {
    return await previewArchive(this.#parts.crypto, source, key ?? (await this.key()))
  }

  async verify(source: ArchiveSource, key?: ArchiveKey, hears?: (progress: ArchiveProgress) => void): Promise<VerifiedArchive> {
    return await verifyArchive(this.#parts.crypto, source, key ?? (await this.key()), hears)
  }

  async source(name: string): Promise<ArchiveSource> {
    return await (await this.#restorable()).source(name)
  }

  /** When the newest archive was made that this device knows of. */
  async newestKnownMs(): Promise<number | undefined> {
    return await newestArchiveMs(this.#parts.reader)
  }

  /** What opens the backups of this account. @throws ClientError `no_recovery_key` */
  async key(): Promise<ArchiveKey> {
    return { kind: "recovery", seed: await this.#recoverySeed() }
  }

  async #recoverySeed(): Promise<Uint8Array> {
    const { reader, crypto, trust, own } = this.#parts
    const seed = await readRecoverySeed(reader, { crypto, account: await trust.shownInLog(own.accountId) })
    if (!seed) throw new ClientError("no_recovery_key", archiveTexts.noRecoveryKey)
    return seed
  }

  async #place(settings: BackupSettings): Promise<BackupPlace> {
    const { blobs, crypto, random, bucket, clock } = this.#parts
    if (settings.target === "server") return new ServerBackups({ blobs, crypto, random, recoverySeed: await this.#recoverySeed() })
    if (settings.target !== "s3" || !bucket) throw new ClientError("not_allowed", archiveTexts.noBucketHere)
    return new Bucket({ network: bucket, crypto, clock }, settings)
  }

  async #restorable(): Promise<BackupPlace> {
    const { settings } = await readBackupState(this.#parts.reader)
    return await this.#place(settings.target === "s3" ? settings : { target: "server" })
  }

  async #newest(): Promise<ArchiveSource | undefined> {
    const place = await this.#restorable()
    const [newest] = await place.list()
    return newest && (await place.source(newest.name))
  }

  async #run(): Promise<"failed" | { readonly againInMs: number } | void> {
    const { reader, transactions } = this.#parts
    this.#running = { done: 0, total: 0 }
    try {
      const { settings } = await readBackupState(reader)
      if (settings.target !== "server" && settings.target !== "s3") return
      await this.#show()
      const place = await this.#place(settings)
      let shown = 0
      const archive = await this.write((progress) => {
        this.#running = progress
        if (progress.done < shown + shownEvery) return
        shown = progress.done
        void this.#show()
      })
      const bytes = await place.write(archive)
      await transactions.run(async (tx) => saveBackupMade(tx, { madeMs: archive.madeAtMs, bytes }))
      return { againInMs: dayMs }
    } catch (error) {
      if (this.#closed) return "failed"
      await transactions.run(async (tx) => saveBackupFailure(tx, failureOf(error)))
      return "failed"
    } finally {
      this.#running = undefined
      await this.#show()
    }
  }

  async #show(): Promise<void> {
    if (!this.#closed) this.#parts.show(await this.view())
  }
}

function failureOf(error: unknown): { readonly code: ClientErrorCode | "internal"; readonly message: string } {
  const shown = asClientError(error)
  if (shown instanceof ClientError) return { code: shown.code, message: shown.message }
  return { code: "internal", message: faultText(error instanceof Error ? error.name : "unknown") }
}
