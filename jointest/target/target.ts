// What the test needs of a server: it plays steps, gives copies of its disk by night, and says afterwards which bytes stood for whom.

import type { Names } from "./names.ts"

/** Which half of the server a file belongs to; `text`: lines that name nobody, or should not. */
export type Half = "accounts" | "delivery" | "both" | "text"

export interface FileCopy {
  /** Below the data directory. A database's write-ahead log stands beside it with `-wal`. */
  readonly path: string
  readonly half: Half
  readonly bytes: Uint8Array
  /** By the clock of the simulated world. */
  readonly mtimeMs: number
}

/** What /metrics printed at one time. */
export interface Scrape {
  readonly atMs: number
  readonly text: string
}

/** All that somebody gets who takes everything at one midnight. */
export interface Night {
  readonly files: readonly FileCopy[]
  /** Since the midnight before. */
  readonly scrapes: readonly Scrape[]
}

export interface Target {
  readonly names: Names
  register(device: number, account: number, atMs: number): void | Promise<void>
  /** The device joins these groups, then reads and acknowledges what waits for it in those. */
  come(device: number, groups: { readonly joins: readonly number[]; readonly reads: readonly number[] }, atMs: number): void | Promise<void>
  leave(device: number, atMs: number): void | Promise<void>
  create(group: number, device: number, atMs: number): void | Promise<void>
  add(group: number, change: Change, atMs: number): void | Promise<void>
  remove(group: number, change: Change, atMs: number): void | Promise<void>
  /** The device asks the others of the group to let it in again. */
  ask(group: number, device: number, atMs: number): void | Promise<void>
  /** The device gets a new seat for its old one. */
  readmit(group: number, readmission: Readmission, atMs: number): void | Promise<void>
  post(group: number, post: Post, atMs: number): void | Promise<void>
  night(night: number, atMs: number): Night | Promise<Night>
  close(): void | Promise<void>
}

export interface Change {
  readonly by: number
  readonly devices: readonly number[]
  /** Devices of the group that are online, and so read the change at once. */
  readonly readers: readonly number[]
}

export interface Readmission {
  readonly by: number
  readonly device: number
  readonly readers: readonly number[]
}

export interface Post {
  readonly by: number
  readonly sizeBytes: number
  readonly readers: readonly number[]
}
