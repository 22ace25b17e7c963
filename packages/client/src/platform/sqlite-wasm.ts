// The store on wa-sqlite with SQLite3MultipleCiphers: the same SQL and the same cipher as in Node, on whatever file system is handed in.

import { toHex } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import type { Database, Row, SqlValue } from "../core/ports.ts"
import { StoreError, storeErrorOf } from "../core/store-error.ts"
import { storeTexts } from "../texts/en.ts"
import { databaseOn } from "./connection.ts"

/** The part of wa-sqlite's API used here. */
export interface SqliteApi {
  vfs_register(vfs: unknown, makeDefault: boolean): number
  open_v2(name: string): Promise<number>
  close(db: number): Promise<number>
  statements(db: number, sql: string, options: { readonly unscoped: boolean }): AsyncIterable<number>
  finalize(statement: number): Promise<number>
  reset(statement: number): Promise<number>
  step(statement: number): Promise<number>
  bind_null(statement: number, at: number): number
  bind_text(statement: number, at: number, value: string): number
  bind_int64(statement: number, at: number, value: bigint): number
  bind_blob(statement: number, at: number, value: Uint8Array): number
  column_names(statement: number): readonly string[]
  column(statement: number, at: number): unknown
}

/** The part of its WebAssembly module used here. */
export interface SqliteModule {
  ccall(name: string, returns: string, types: readonly string[], values: readonly unknown[]): number
  _sqlite3_bind_zeroblob(statement: number, at: number, sizeBytes: number): number
}

const sqliteRow = 100
/** Statements of this package number about a hundred; a few are made with lists and would pile up. */
const preparedMax = 300

/** @throws ClientError `store_unreadable` for another key or a file that is no store */
export async function openWasmDatabase(input: {
  readonly api: SqliteApi
  readonly module: SqliteModule
  /** A VFS of wa-sqlite, not registered yet; its name must be its own. */
  readonly vfs: { readonly name: string }
  readonly path: string
  /** 32 bytes. */
  readonly key: Uint8Array
}): Promise<Database> {
  const { api, module, vfs, path, key } = input
  api.vfs_register(vfs, false)
  const wrapped = module.ccall("sqlite3mc_vfs_create", "number", ["string", "number"], [vfs.name, 1])
  if (wrapped !== 0) throw new ClientError("store_unreadable", storeTexts.notEncryptable)
  const connection = new Connection(api, module, await api.open_v2(path))
  try {
    await connection.run("PRAGMA cipher = 'chacha20'")
    await connection.run(`PRAGMA key = 'raw:${toHex(key)}'`)
    await connection.run("PRAGMA locking_mode = EXCLUSIVE")
    await connection.run("PRAGMA journal_mode = WAL")
    await connection.run("PRAGMA synchronous = FULL")
    await connection.run("PRAGMA temp_store = MEMORY")
    await connection.run("PRAGMA secure_delete = ON")
    await connection.run("SELECT COUNT(*) FROM sqlite_schema")
  } catch (error) {
    await connection.close().catch(() => undefined)
    const failure = storeError(error)
    if (failure instanceof StoreError && failure.passes) throw failure
    throw new ClientError("store_unreadable", storeTexts.wrongKey, { cause: error })
  }
  return databaseOn({ run: (sql, values) => connection.run(sql, values), close: () => connection.close(), storeError })
}

/** wa-sqlite's errors carry SQLite's result code. */
function storeError(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return (typeof code === "number" ? storeErrorOf(code, error) : undefined) ?? error
}

/** Its columns are named when it first brings a row. */
interface Prepared {
  readonly statement: number
  columns: readonly string[] | undefined
}

class Connection {
  readonly #api: SqliteApi
  readonly #module: SqliteModule
  readonly #db: number
  readonly #prepared = new Map<string, Prepared>()

  constructor(api: SqliteApi, module: SqliteModule, db: number) {
    this.#api = api
    this.#module = module
    this.#db = db
  }

  async run(sql: string, values: readonly SqlValue[] = []): Promise<readonly Row[]> {
    const changesTables = /^(?:PRAGMA|CREATE|DROP|ALTER)/.test(sql)
    if (changesTables) for (const prepared of this.#prepared.values()) prepared.columns = undefined
    const prepared = this.#prepared.get(sql) ?? (await this.#prepare(sql, !changesTables))
    const { statement } = prepared
    try {
      for (const [i, value] of values.entries()) this.#bind(statement, i + 1, value)
      const rows: Row[] = []
      while ((await this.#api.step(statement)) === sqliteRow) {
        prepared.columns ??= this.#api.column_names(statement)
        rows.push(this.#row(statement, prepared.columns))
      }
      return rows
    } finally {
      if (this.#prepared.get(sql) === prepared) await this.#api.reset(statement).catch(() => undefined)
      else await this.#api.finalize(statement).catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    for (const { statement } of this.#prepared.values()) await this.#api.finalize(statement)
    this.#prepared.clear()
    await this.#api.close(this.#db)
  }

  async #prepare(sql: string, keep: boolean): Promise<Prepared> {
    for await (const statement of this.#api.statements(this.#db, sql, { unscoped: true })) {
      const prepared = { statement, columns: undefined }
      if (keep && this.#prepared.size < preparedMax) this.#prepared.set(sql, prepared)
      return prepared
    }
    throw new TypeError("a statement without SQL")
  }

  #bind(statement: number, at: number, value: SqlValue): void {
    if (value === null) this.#api.bind_null(statement, at)
    else if (typeof value === "number") this.#api.bind_int64(statement, at, BigInt(value))
    else if (typeof value === "string") this.#api.bind_text(statement, at, value)
    // An empty allocation has no address, and an address of zero would bind NULL.
    else if (value.length === 0) this.#module._sqlite3_bind_zeroblob(statement, at, 0)
    else this.#api.bind_blob(statement, at, value)
  }

  #row(statement: number, columns: readonly string[]): Row {
    const row: Record<string, SqlValue> = {}
    for (const [i, name] of columns.entries()) {
      const value = this.#api.column(statement, i)
      // Blobs are views of the WebAssembly memory and die with the next step.
      row[name] = value instanceof Uint8Array ? value.slice() : (value as SqlValue)
    }
    return row
  }
}
