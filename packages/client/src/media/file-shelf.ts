// What this device keeps of photos and files: sealed, under random names, bounded, and no longer than their messages.

import { toHex } from "@nodoor/bytes"
import type { Random } from "@nodoor/mls"
import type { Files, StoredFile } from "../core/ports.ts"
import type { Transactions } from "../core/transaction.ts"
import {
  type SealedFile,
  deleteSealedFile,
  forgetContent,
  listFileNames,
  listForgotten,
  listKeptFiles,
} from "../store/chat/sealed-files.ts"
import { readerOf } from "../store/reader.ts"

/** Of all files together that the server has, too. The newest one stays, whatever its size. */
const keptBytes = 1_073_741_824
const nameBytes = 16

export interface FileShelfParts {
  readonly files: Files
  readonly random: Random
  readonly transactions: Pick<Transactions, "run" | "database">
}

export class FileShelf {
  readonly #parts: FileShelfParts
  /** Files that are open, or not in the store yet: they are not removed. */
  readonly #inUse = new Map<string, number>()
  #mayHold = true

  constructor(parts: FileShelfParts) {
    this.#parts = parts
  }

  /** Whether there may be anything to remove some time. */
  get mayHold(): boolean {
    return this.#mayHold
  }

  /** A name for a new file. */
  newName(): string {
    this.#mayHold = true
    return toHex(this.#parts.random(nameBytes))
  }

  /** The file while `work` goes on. It is made if there is none. */
  async use<T>(name: string, work: (file: StoredFile) => Promise<T>): Promise<T> {
    const release = this.hold(name)
    try {
      const file = await this.#parts.files.open(name)
      try {
        return await work(file)
      } finally {
        await file.close()
      }
    } finally {
      release()
    }
  }

  /** The file as a stream of pieces, open until the last one was taken. */
  async *pieces(name: string, make: (file: StoredFile) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const release = this.hold(name)
    try {
      const file = await this.#parts.files.open(name)
      try {
        yield* make(file)
      } finally {
        await file.close()
      }
    } finally {
      release()
    }
  }

  /** Keeps the file from being removed, until the returned function is called. */
  hold(name: string): () => void {
    this.#inUse.set(name, (this.#inUse.get(name) ?? 0) + 1)
    return () => {
      const left = (this.#inUse.get(name) ?? 1) - 1
      if (left > 0) this.#inUse.set(name, left)
      else this.#inUse.delete(name)
    }
  }

  /** It never came into the store. */
  async remove(name: string): Promise<void> {
    await this.#parts.files.delete(name)
  }

  /** All of it is gone from here, because what is there is not what was sent. */
  async forget(sealed: SealedFile): Promise<void> {
    if (sealed.file === undefined || this.#inUse.has(sealed.file)) return
    await this.#parts.transactions.run(async (tx) => forgetContent(tx, sealed))
    await this.#parts.files.delete(sealed.file)
  }

  /**
   * Removes files of messages that are gone, and files that no row knows: those of a process that died. Calls `erase` for those that nobody is to
   * have any more; one that it does not manage stays for the next time.
   */
  async sweep(erase: (sealed: SealedFile) => Promise<boolean>): Promise<void> {
    const { files, transactions } = this.#parts
    const reader = readerOf(transactions.database)
    for (const { erase: forAll, ...sealed } of await listForgotten(reader)) {
      if (sealed.file !== undefined) {
        if (this.#inUse.has(sealed.file)) continue
        await files.delete(sealed.file)
      }
      if (forAll && sealed.secret && !(await erase(sealed))) continue
      await transactions.run(async (tx) => deleteSealedFile(tx, sealed))
    }
    const present = await files.list()
    const known = await listFileNames(reader)
    this.#mayHold = known.size + present.length + this.#inUse.size > 0
    for (const name of present) if (!known.has(name) && !this.#inUse.has(name)) await files.delete(name)
  }

  /** What was not opened for longest makes room. */
  async makeRoom(): Promise<void> {
    const kept = await listKeptFiles(readerOf(this.#parts.transactions.database))
    let bytes = kept.reduce((sum, { sealedBytes }) => sum + sealedBytes, 0)
    for (const sealed of kept.slice(0, -1)) {
      if (bytes <= keptBytes) break
      await this.forget(sealed)
      bytes -= sealed.sealedBytes
    }
  }
}
