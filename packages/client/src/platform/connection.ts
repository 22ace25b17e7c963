// The `Database` port on one connection of SQLite, whichever build of it: one call after the other, and transactions that are whole.

import type { Database, Row, SqlValue, Statement } from "../core/ports.ts"

/** One open connection, as each build offers it. Calls never overlap. */
export interface Sqlite {
  run(sql: string, values: readonly SqlValue[]): readonly Row[] | Promise<readonly Row[]>
  close(): void | Promise<void>
  /** `StoreError` for what says something of the store, other errors as they are. */
  storeError(error: unknown): unknown
}

export function databaseOn(sqlite: Sqlite): Database {
  const connection = new Connection(sqlite)
  return {
    read: (sql, values = []) => connection.read(sql, values),
    readAfter: (statements, sql, values = []) => connection.readAfter(statements, sql, values),
    commit: (statements) => connection.commit(statements),
    rollback: () => connection.rollback(),
    close: () => connection.close(),
  }
}

class Connection {
  readonly #sqlite: Sqlite
  #tail: Promise<unknown> = Promise.resolve()
  /** What a transaction that is not committed yet has run of its statements, inside an open transaction of SQLite. */
  #ahead: { readonly statements: readonly Statement[]; done: number } | undefined

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite
  }

  read(sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#exclusive(async () => {
      await this.#undo()
      return await this.#sqlite.run(sql, values)
    })
  }

  readAfter(statements: readonly Statement[], sql: string, values: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#whole(async () => {
      await this.#runAhead(statements)
      return await this.#sqlite.run(sql, values)
    })
  }

  commit(statements: readonly Statement[]): Promise<void> {
    return this.#whole(async () => {
      await this.#runAhead(statements)
      await this.#sqlite.run("COMMIT", [])
      this.#ahead = undefined
    })
  }

  rollback(): Promise<void> {
    return this.#exclusive(() => this.#undo())
  }

  close(): Promise<void> {
    return this.#exclusive(async () => {
      await this.#undo()
      await this.#sqlite.close()
    })
  }

  async #runAhead(statements: readonly Statement[]): Promise<void> {
    if (this.#ahead?.statements !== statements) {
      await this.#undo()
      await this.#sqlite.run("BEGIN IMMEDIATE", [])
      this.#ahead = { statements, done: 0 }
    }
    const ahead = this.#ahead
    for (const { sql, values } of statements.slice(ahead.done)) {
      await this.#sqlite.run(sql, values)
      ahead.done++
    }
  }

  async #undo(): Promise<void> {
    if (!this.#ahead) return
    this.#ahead = undefined
    // SQLite has undone it by itself after some errors, and says then that there is nothing to undo.
    await Promise.resolve()
      .then(() => this.#sqlite.run("ROLLBACK", []))
      .catch(() => undefined)
  }

  /** Whatever fails, nothing of the transaction stays. */
  #whole<T>(work: () => Promise<T>): Promise<T> {
    return this.#exclusive(async () => {
      try {
        return await work()
      } catch (error) {
        await this.#undo()
        throw error
      }
    })
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work).catch((error: unknown) => {
      throw this.#sqlite.storeError(error)
    })
    this.#tail = result.catch(() => undefined)
    return result
  }
}
