// The store in Node: better-sqlite3 with SQLite3MultipleCiphers, encrypted at rest by the same cipher as in the browser.

import { chmodSync, closeSync, openSync } from "node:fs"
import { createRequire } from "node:module"
import { toHex } from "@nodoor/bytes"
import { ClientError } from "../core/client-error.ts"
import type { Database, Row, SqlValue } from "../core/ports.ts"
import { StoreError, storeErrorOf } from "../core/store-error.ts"
import { storeTexts } from "../texts/en.ts"
import { databaseOn } from "./connection.ts"

/** The part of the driver used here. Its package has no types for modules. */
interface Driver {
  prepare(sql: string): DriverStatement
  exec(sql: string): void
  pragma(text: string): unknown
  close(): void
}
interface DriverStatement {
  /** Whether it answers with rows. */
  readonly reader: boolean
  all(...values: unknown[]): unknown[]
  run(...values: unknown[]): unknown
}
const Sqlite = createRequire(import.meta.url)("better-sqlite3-multiple-ciphers") as new (path: string) => Driver

/**
 * Opens or makes the encrypted store (ChaCha20-Poly1305 per page; file mode 0600). `key`: 32 bytes, kept by the caller.
 * Commits are durable: WAL with synchronous FULL.
 * @throws ClientError `store_unreadable` for another key or a file that is no store
 */
export async function openDatabase({ path, key }: { readonly path: string; readonly key: Uint8Array }): Promise<Database> {
  closeSync(openSync(path, "a", 0o600))
  chmodSync(path, 0o600)
  return openSqlite(path, key)
}

/** An unencrypted store that lives as long as the process; for tests and simulations. */
export async function openMemoryDatabase(): Promise<Database> {
  return openSqlite(":memory:", undefined)
}

function openSqlite(path: string, key: Uint8Array | undefined): Database {
  const sqlite = new Sqlite(path)
  try {
    if (key) {
      sqlite.pragma("cipher = 'chacha20'")
      sqlite.pragma(`key = 'raw:${toHex(key)}'`)
    }
    sqlite.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON")
  } catch (error) {
    sqlite.close()
    const failure = storeError(error)
    if (failure instanceof StoreError && failure.passes) throw failure
    throw new ClientError("store_unreadable", storeTexts.wrongKey, { cause: error })
  }
  const prepared = new Map<string, DriverStatement>()
  const prepare = (sql: string): DriverStatement => {
    const known = prepared.get(sql)
    if (known) return known
    const statement = sqlite.prepare(sql)
    if (prepared.size < preparedMax && !/^(?:PRAGMA|CREATE|DROP|ALTER)/.test(sql)) prepared.set(sql, statement)
    return statement
  }
  return databaseOn({
    run: (sql, values) => {
      const statement = prepare(sql)
      const bound = values.map(toBuffer)
      if (statement.reader) return statement.all(...bound) as Row[]
      statement.run(...bound)
      return []
    },
    close: () => {
      prepared.clear()
      sqlite.close()
    },
    storeError,
  })
}

/** The driver names SQLite's result codes, extended ones with their primary code in front. */
const resultCodes = { BUSY: 5, LOCKED: 6, NOMEM: 7, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, PROTOCOL: 15, NOTADB: 26 }

function storeError(error: unknown): unknown {
  const name = error instanceof Error && "code" in error ? /^SQLITE_([A-Z]+)/.exec(String(error.code))?.[1] : undefined
  const code = Object.entries(resultCodes).find(([known]) => known === name)?.[1]
  return (code === undefined ? undefined : storeErrorOf(code, error)) ?? error
}

/** Statements of this package number about a hundred; a few are made with lists and would pile up. */
const preparedMax = 300

/** The driver binds Buffers only; they share the memory. */
function toBuffer(value: SqlValue): null | number | string | Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}
