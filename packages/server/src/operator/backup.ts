// Backups: a folder with a snapshot of every database, the keys and the documents, and a list of them with their hashes. Made while the
// server runs; put back only whole, and only by a version that knows the data. The two services lie in folders of their own, which can be
// kept in two places: neither says anything of the other.

import { createHash } from "node:crypto"
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs"
import { dirname, join, sep } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { toUtf8 } from "@nodoor/bytes"
import * as v from "valibot"
import { dataDirPaths, databaseNames, takeDataDir } from "../sqlite/data-dir.ts"
import { writeWhole } from "../core/write-whole.ts"
import { ServerError } from "../core/server-error.ts"
import { noteBackup } from "./backup-state.ts"
import { copyDelivery } from "./delivery-copy.ts"
import { schemasOfFiles, versionsOf } from "./schema-version.ts"

const listName = "backup.json"
const list = v.strictObject({
  format: v.literal("nodoor-backup/v2"),
  server: v.string(),
  createdAtMs: v.pipe(v.number(), v.safeInteger()),
  files: v.array(
    v.strictObject({
      path: v.pipe(v.string(), v.regex(/^(?:[a-z0-9][a-z0-9.-]*\/){0,3}[a-z0-9][a-z0-9.-]*$/)),
      sizeBytes: v.number(),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
})

/**
 * Writes a backup into a new folder; answers how many files it holds. The log is copied before the accounts: accounts that are newer than
 * their log can be logged again, a log that is newer than its accounts cannot be served. Documents and keys come after the databases,
 * because they are written before the rows that name them.
 * @throws ServerError `backup_refused`
 */
export function backUp(dataDir: string, folder: string, about: { readonly nowMs: number; readonly server: string }): number {
  if (!existsSync(dataDirPaths(dataDir).databasePath)) throw refused(`${dataDir} has no server data yet. Start the server first.`)
  if (existsSync(folder)) throw refused(`${folder} already exists. Name a new folder.`)
  const unfinished = `${folder}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  const { delivery } = dataDirPaths(dataDir)
  const paths: string[] = []
  const take = (path: string, copy: (from: string, to: string) => void): void => {
    const to = join(unfinished, "accounts", path)
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    copy(join(dataDir, path), to)
    paths.push(`accounts/${path}`)
  }
  for (const path of Object.keys(schemasOfFiles))
    if (existsSync(join(dataDir, path)) && join(dataDir, path) !== delivery.database) take(path, snapshot)
  for (const path of otherFiles(dataDir)) take(path, copyFileSync)
  if (existsSync(delivery.database))
    paths.push(...copyDelivery(delivery, join(unfinished, "delivery"), snapshot).map((path) => `delivery/${path.split(sep).join("/")}`))
  const files = paths.map((path) => ({ path, ...measured(join(unfinished, path)) }))
  const text = JSON.stringify({ format: "nodoor-backup/v2", server: about.server, createdAtMs: about.nowMs, files }, undefined, 2)
  writeWhole(join(unfinished, listName), toUtf8(`${text}\n`))
  renameSync(unfinished, folder)
  noteBackup(dataDir, { atMs: about.nowMs, files: files.length })
  return files.length
}

/**
 * Puts a backup into an empty data directory, once every file of it was found whole and of a version that this program knows.
 * @throws ServerError `backup_refused`, `database_newer`, `data_dir_older`, `database_foreign`, `data_dir_in_use`; nothing was written
 */
export function restore(folder: string, dataDir: string): number {
  const { files, createdAtMs } = readList(folder)
  for (const half of halves)
    if (files.some(({ path }) => path.startsWith(`${half}/`)) && !existsSync(join(folder, half))) throw refused(missingHalf(half))
  for (const { path, sizeBytes, sha256: expected } of files) {
    const source = join(folder, path)
    if (!existsSync(source)) throw refused(`${path} is missing from the backup. Use another backup.`)
    const found = measured(source)
    if (found.sizeBytes !== sizeBytes || found.sha256 !== expected)
      throw refused(`${path} differs from the file that was backed up. Use another backup.`)
  }
  for (const [half, path] of Object.entries(databaseNames))
    if (!files.some((file) => file.path === `${half}/${path}`)) throw refused(`The backup has no ${path}. Use another backup.`)
  for (const half of halves) versionsOf(join(folder, half))
  const taken = takeDataDir(dataDir)
  try {
    const there = readdirSync(dataDir).filter((name) => !name.startsWith("server.lock") && name !== "nodoor.toml")
    if (there.length > 0) throw refused(`${dataDir} is not empty. Move its contents away first, or set NODOOR_DATA to another directory.`)
    // The accounts come last: without them a restore that was cut off is no server.
    const isAccounts = (path: string): number => Number(path === `accounts/${databaseNames.accounts}`)
    for (const { path: source } of files.toSorted((a, b) => isAccounts(a.path) - isAccounts(b.path))) {
      const path = source.slice(source.indexOf("/") + 1)
      if (path === "nodoor.toml" && existsSync(join(dataDir, path))) continue
      mkdirSync(dirname(join(dataDir, path)), { recursive: true, mode: 0o700 })
      if (source.startsWith("delivery/blobs/")) putBack(join(folder, source), join(dataDir, path))
      else writeWhole(join(dataDir, path), readFileSync(join(folder, source)))
    }
    noteBackup(dataDir, { atMs: createdAtMs, files: files.length })
  } finally {
    taken.release()
  }
  return files.length
}

const halves = ["accounts", "delivery"] as const
/** Without these a restored server would be none. */

function missingHalf(half: (typeof halves)[number]): string {
  const consequence =
    half === "accounts"
      ? "Conversations without accounts could not be used by anybody"
      : "Accounts without their conversations could not write to anybody whom they know"
  return `The folder ${half} of the backup is not here. ${consequence}, so both are put back together. Lay it beside backup.json and try again.`
}

/** As of one moment, whatever is written meanwhile, and without what was deleted before. */
function snapshot(from: string, to: string): void {
  const db = new DatabaseSync(from)
  try {
    db.exec("PRAGMA busy_timeout = 5000")
    db.prepare("VACUUM INTO ?").run(to)
  } finally {
    db.close()
  }
}

/** Keys, documents and the configuration; neither databases nor what belongs to a running process. The outbox stays: its codes are old by then. */
function otherFiles(dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(join(dataDir, "x").length - 1)
        .split(sep)
        .join("/"),
    )
    .filter((path) =>
      /^(?:nodoor\.toml|log\/[a-z0-9-]+\.key|desk\/export\.key|desk\/canary\.json|desk\/canaries\/[0-9a-f]{64}\.json|desk\/documents\/[0-9a-f]{64})$/.test(
        path,
      ),
    )
    .toSorted()
}

/** In parts: a blob may be larger than what fits into memory. */
function measured(path: string): { readonly sizeBytes: number; readonly sha256: string } {
  const hash = createHash("sha256")
  const part = Buffer.alloc(1 << 20)
  const file = openSync(path, "r")
  try {
    for (let size = readSync(file, part); size > 0; size = readSync(file, part)) hash.update(part.subarray(0, size))
    return { sizeBytes: fstatSync(file).size, sha256: hash.digest("hex") }
  } finally {
    closeSync(file)
  }
}

/** On the disk, in parts. */
function putBack(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  chmodSync(to, 0o600)
  const file = openSync(to, "r")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function readList(folder: string): v.InferOutput<typeof list> {
  try {
    return v.parse(list, JSON.parse(readFileSync(join(folder, listName), "utf8")))
  } catch (error) {
    throw new ServerError("backup_refused", `${folder} is not a backup: its ${listName} can't be read.`, { cause: error })
  }
}

function refused(message: string): ServerError {
  return new ServerError("backup_refused", message)
}
