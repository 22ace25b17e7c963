// A device's disk: it outlives the process, which may die at any commit; it may be full, fail for a moment, or be put back as it was.

import { copyFileSync } from "node:fs"
import { type Database, type Statement, StoreError, type StoreErrorCode } from "@nodoor/client"
import { openDatabase, openMemoryDatabase } from "@nodoor/client/node"

/** Tests need no secret. */
const key = new Uint8Array(32)

export class MortalDisk {
  readonly #path: string | undefined
  /** Commits that met an error. */
  failures = 0
  /** Grows with everything that changes what is on it. */
  changes = 0
  #database: Database | undefined
  #crash: "before" | "after" | undefined
  #failure: { readonly code: StoreErrorCode; left: number } | undefined

  /** `path`: of a file, for a disk that is to be put back; in memory without one. */
  constructor(path: string | undefined) {
    this.#path = path
  }

  async open(): Promise<void> {
    this.#database ??= this.#path === undefined ? await openMemoryDatabase() : await openDatabase({ path: this.#path, key })
  }

  /** What is on disk, also while nothing runs. */
  get database(): Database {
    if (!this.#database) throw new TypeError("the device was never started")
    return this.#database
  }

  /** The process dies at its next commit, before or after that is on disk. */
  crash(when: "before" | "after" | undefined): void {
    this.#crash = when
  }

  /** So many of the next commits, or all until this is called with zero, meet this error and write nothing. */
  fail(code: StoreErrorCode, times: number): void {
    this.#failure = times === 0 ? undefined : { code, left: times }
  }

  /** Keeps everything as it is now. A file that nobody writes to is whole together with its journal. */
  keep(): void {
    if (this.#path === undefined) throw new TypeError("a disk in memory is never put back")
    for (const part of ["", "-wal"]) copyFileSync(`${this.#path}${part}`, `${this.#path}-kept${part}`)
  }

  /** Puts back what was kept. No process may run. */
  async putBack(): Promise<void> {
    if (this.#path === undefined) throw new TypeError("a disk in memory is never put back")
    await this.database.close()
    this.changes++
    for (const part of ["", "-wal"]) copyFileSync(`${this.#path}-kept${part}`, `${this.#path}${part}`)
    this.#database = await openDatabase({ path: this.#path, key })
  }

  async close(): Promise<void> {
    await this.#database?.close()
  }

  /** The disk as one process has it. A dead process reads and writes nothing more, and none of its promises ever ends. */
  of(process: { readonly alive: () => boolean; readonly die: () => void }): Database {
    const never = new Promise<never>(() => {})
    return {
      read: async (sql, values) => (process.alive() ? await this.database.read(sql, values) : await never),
      readAfter: async (statements, sql, values) =>
        process.alive() ? await this.database.readAfter(statements, sql, values) : await never,
      rollback: async () => (process.alive() ? await this.database.rollback() : await never),
      commit: async (statements) => {
        if (!process.alive()) return await never
        if (this.#failure && this.#failure.left > 0) {
          this.#failure.left--
          this.failures++
          throw new StoreError(this.#failure.code)
        }
        const crash = this.#crash
        if (!crash) return await this.#write(statements)
        this.#crash = undefined
        if (crash === "after") await this.#write(statements)
        process.die()
        return await never
      },
      close: async () => {},
    }
  }

  async #write(statements: readonly Statement[]): Promise<void> {
    await this.database.commit(statements)
    this.changes++
  }
}
