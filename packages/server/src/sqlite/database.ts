// One SQLite file: opened with the durability this server promises, of our schema and no other.

import { readFileSync } from "node:fs"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import { assert } from "@nodoor/bytes"
import { ServerError } from "../core/server-error.ts"

/** Version of the account service's schema.sql; rises by one with every change of it. */
export const schemaVersion = 1
/** "ndac": marks the file as the account service's (SQLite's `application_id`). */
const applicationId = 0x6e646163

export const schemaUrl: URL = new URL("../accounts/store/schema.sql", import.meta.url)

/** What a fault test may break: a statement, or the commit of the transaction before or after it reached the disk. */
export type Step = "statement" | "commit" | "committed"

export type SqlRow = Record<string, SQLInputValue>

/** An open database. Synchronous; statements are prepared once. */
export interface Database {
  run(sql: string, ...values: SQLInputValue[]): number
  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[]
  /** Whether a transaction is open: SQLite itself ends one on some failures, such as a full disk. */
  readonly inTransaction: boolean
  close(): void
}

/**
 * Which tables a file holds, and how it is told from others. A change of the schema raises `version` by one and adds an SQL file to
 * `upgrades` that leads there from the version before; `fixtures/schemas/` keeps the old schema's text, from which
 * `upgrade.test.ts` proves that an upgraded file and a new one are built alike. An upgrade says nothing of transactions and
 * versions: all that a file lacks run in one, at the next opening, with foreign keys off and checked at the end, so that a table can be
 * made anew under its name.
 */
export interface DatabaseSchema {
  readonly url: URL
  /** SQLite's `user_version`. */
  readonly version: number
  /** SQLite's `application_id`. */
  readonly applicationId: number
  /** The first version whose files are still read, and upgraded; a file from before is refused. Default: 1. */
  readonly oldest?: number
  /** By the version that they lead to: every one from that after `oldest` to `version`. */
  readonly upgrades?: Readonly<Record<number, URL>>
}

export const mainSchema: DatabaseSchema = {
  url: schemaUrl,
  version: schemaVersion,
  applicationId,
}

export interface DatabaseOptions {
  /** Default: that of the account service. */
  readonly schema?: DatabaseSchema | undefined
  /** Called before each step of an operation or an upgrade; what it throws, the step fails with. */
  readonly onStep?: ((step: Step) => void) | undefined
}

/**
 * Opens the file, makes it, or brings it from an older version of the schema to this one. `:memory:` is a database that goes with the process.
 * @throws ServerError `database_newer`, `data_dir_older`, `database_foreign`, `database_damaged`, `data_dir_unusable`, `disk_full`
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Database {
  const raw = open(path)
  const schema = options.schema ?? mainSchema
  try {
    raw.exec("PRAGMA busy_timeout = 5000")
    checkVersion(raw, schema)
    raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000")
    raw.exec("PRAGMA foreign_keys = OFF; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY")
    if (userVersion(raw) !== schema.version) migrate(raw, schema, options.onStep)
    raw.exec("PRAGMA foreign_keys = ON")
  } catch (error) {
    raw.close()
    throw asServerError(error)
  }
  return database(raw, options.onStep)
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { allowExtension: false, enableDoubleQuotedStringLiterals: false })
  } catch (error) {
    throw asServerError(error)
  }
}

/** What a failure of SQLite's means for whoever runs the server. */
export function asServerError(error: unknown): unknown {
  if (error instanceof ServerError) return error
  // The primary code: extended ones hold it in their lowest byte.
  const extended = (error as { errcode?: number }).errcode
  const errcode = extended === undefined ? undefined : extended & 0xff
  if (errcode === 26)
    return new ServerError(
      "database_foreign",
      "The database file is not a SQLite database. Move it away, or set NODOOR_DATA to another directory.",
      {
        cause: error,
      },
    )
  if (errcode === 11)
    return new ServerError("database_damaged", "The database file is damaged. Restore it from a backup.", { cause: error })
  if (errcode === 13)
    return new ServerError(
      "disk_full",
      "The disk of the data directory is full. Free some space and start again. Nothing that was stored is lost.",
      {
        cause: error,
      },
    )
  if (errcode === 10)
    return new ServerError(
      "data_dir_unusable",
      "The disk of the data directory gave an error: look whether it is full or failing. Nothing was changed.",
      { cause: error },
    )
  if (errcode !== undefined)
    return new ServerError("data_dir_unusable", "The database file can't be opened. Check its permissions and the free space.", {
      cause: error,
    })
  return error
}

function userVersion(raw: DatabaseSync): number {
  return (raw.prepare("PRAGMA user_version").get() as { user_version: number }).user_version
}

function checkVersion(raw: DatabaseSync, schema: DatabaseSchema): void {
  const { application_id: found } = raw.prepare("PRAGMA application_id").get() as { application_id: number }
  const version = userVersion(raw)
  const tables = raw.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as { n: number }
  if (found !== schema.applicationId && (found !== 0 || version !== 0 || tables.n > 0)) {
    throw new ServerError(
      "database_foreign",
      "The database file belongs to another program. Move it away, or set NODOOR_DATA to another directory.",
    )
  }
  if (version > schema.version) {
    throw new ServerError(
      "database_newer",
      `The database was written by a newer version of this program (schema ${version}, this one knows ${schema.version}). Start the newer version; nothing was changed.`,
    )
  }
  if (version > 0 && version < (schema.oldest ?? 1)) {
    throw new ServerError(
      "data_dir_older",
      `The database was written by an older version of this program (schema ${version}, this one reads ${schema.oldest} and later). This version cannot read it, and has changed nothing. Set NODOOR_DATA to an empty directory and let people register again; or start the older version.`,
    )
  }
}

/** From the version found to the one known, all or nothing: a crash in between leaves the file as it was. */
function migrate(raw: DatabaseSync, schema: DatabaseSchema, onStep: ((step: Step) => void) | undefined): void {
  raw.exec("BEGIN EXCLUSIVE")
  try {
    // Another process may have been here first.
    checkVersion(raw, schema)
    const found = userVersion(raw)
    if (found === 0) raw.exec(readFileSync(schema.url, "utf8"))
    for (let version = found + 1; found > 0 && version <= schema.version; version++) {
      const url = schema.upgrades?.[version]
      assert(url !== undefined, "every version of a schema can be reached from the one before")
      onStep?.("statement")
      raw.exec(readFileSync(url, "utf8"))
    }
    if (raw.prepare("PRAGMA foreign_key_check").get() !== undefined)
      throw new ServerError(
        "database_damaged",
        "The database refers to rows that it does not hold. Nothing was changed: restore it from a backup.",
      )
    raw.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = ${schema.version}`)
    if (found > 0) onStep?.("commit")
    raw.exec("COMMIT")
  } catch (error) {
    if (raw.isTransaction) raw.exec("ROLLBACK")
    throw error
  }
}

function database(raw: DatabaseSync, onStep: ((step: Step) => void) | undefined): Database {
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql)
    if (found === undefined) prepared.set(sql, (found = raw.prepare(sql)))
    onStep?.(sql === "COMMIT" ? "commit" : "statement")
    return found
  }
  return {
    run: (sql, ...values) => {
      const changes = Number(statement(sql).run(...values).changes)
      if (sql === "COMMIT") onStep?.("committed")
      return changes
    },
    get: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as Row | undefined,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[],
    get inTransaction() {
      return raw.isTransaction
    },
    close: () => {
      if (raw.isOpen) raw.close()
    },
  }
}
