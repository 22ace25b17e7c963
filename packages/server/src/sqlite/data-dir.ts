// The data directory: one server at a time, and nobody else on the machine reads it.

import { accessSync, chmodSync, constants, existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { ServerError } from "../core/server-error.ts"
import { asServerError } from "./database.ts"

/** Accounts, groups and mailboxes in one file, before version 2. */
const firstVersionFile = "nodoor.sqlite"

/** The databases of the two services. */
export const databaseNames = { accounts: "accounts.db", delivery: "delivery.db" } as const

export interface DataDir {
  readonly databasePath: string
  readonly outboxPath: string
  /** The delivery service's own files. */
  readonly delivery: { readonly database: string; readonly segments: string; readonly blobs: string }
  /** Lets another server have it. */
  release(): void
}

/**
 * Creates the directory if necessary and locks it for this process. The operating system holds the lock, so it ends with the process in any case.
 * @throws ServerError `data_dir_older`, `data_dir_unusable`, `data_dir_in_use`, `disk_full`
 */
export function takeDataDir(path: string): DataDir {
  const paths = dataDirPaths(path)
  prepareDataDir(path)
  const lock = takeLock(join(path, "server.lock"))
  return { ...paths, release: () => lock.close() }
}

/** @throws ServerError `data_dir_unusable` */
export function prepareDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ServerError(
      "data_dir_unusable",
      `${path} can't be written. Check its permissions, or set NODOOR_DATA to another directory.`,
      {
        cause: error,
      },
    )
  }
  try {
    chmodSync(path, 0o700)
  } catch {
    // A directory of another owner keeps the owner's permissions.
  }
}

/** @throws ServerError `data_dir_older` for one of the first version, which is left as it is */
export function dataDirPaths(path: string): Omit<DataDir, "release"> {
  if (existsSync(join(path, firstVersionFile)))
    throw new ServerError(
      "data_dir_older",
      `${path} was written by an older version of this program, which kept accounts and messages in one file. This version cannot read it, and has changed nothing. Set NODOOR_DATA to an empty directory and let people register again; or start the older version.`,
    )
  return {
    databasePath: join(path, databaseNames.accounts),
    outboxPath: join(path, "outbox"),
    delivery: { database: join(path, databaseNames.delivery), segments: join(path, "delivery"), blobs: join(path, "blobs") },
  }
}

function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(path)
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    return lock
  } catch (error) {
    lock?.close()
    if (!isBusy(error)) throw asServerError(error)
    throw new ServerError(
      "data_dir_in_use",
      "Another server is using this data directory. Stop it, or set NODOOR_DATA to another directory.",
      { cause: error },
    )
  }
}

/** SQLITE_BUSY: somebody else holds the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && Number(error.errcode) === 5
}
