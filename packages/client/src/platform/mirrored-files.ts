// A store that outlives its files while the page is open. A browser can remove the files of a running
// page: when the person clears site data, and in a private window, where the handles of idle files die after some minutes (between 10 and 16
// in Chromium 156). SQLite would then read nothing and call the store damaged, and the account would be lost. So all bytes of the files are
// also kept in memory. Reads come from there, and the files are written again when they are gone.

/** A VFS of wa-sqlite, as far as it is used here. Answers are SQLite's result codes. */
export interface Files {
  jOpen(name: string | null, file: number, flags: number, outFlags: DataView): number
  jClose(file: number): number
  jRead(file: number, into: Bytes, at: number): number
  jWrite(file: number, from: Bytes, at: number): number
  jTruncate(file: number, sizeBytes: number): number
  jFileSize(file: number, out: DataView): number
  jDelete(name: string, syncDirectory: number): number
  jSync(file: number, flags: number): number
  close(): unknown
}

/** wa-sqlite hands over a view of its memory that may move; `subarray` gives the bytes as they are now. */
interface Bytes {
  readonly byteLength: number
  subarray(start?: number, end?: number): Uint8Array
}

/** What became of the files. `gone`: and they could not be written again. */
export type FilesState = "there" | "written_again" | "gone"

export interface MirroredFiles {
  /**
   * Looks whether the files are there and answer, and opens and writes them again if not. Call it every few seconds, one call at a time:
   * handles that nobody uses for some minutes die off the record.
   */
  keep(): Promise<FilesState>
  /** Closes the files that are in use now. */
  close(): Promise<void>
}

interface Opened {
  readonly name: string | null
  readonly flags: number
  readonly path: string
}

const ok = 0
const shortRead = 522
const readFailed = 266
const sizeFailed = 1802
const readStepBytes = 1 << 20

/**
 * Changes `vfs` to work on a copy in memory. `isThere` looks at the files; `reopen` makes new ones, empty, in the place of those that are gone.
 * Files of more than `maxBytes` together are no longer copied: memory is not for everything that somebody ever received.
 */
export function withMirror<Vfs extends Files>(
  vfs: Vfs,
  {
    isThere,
    reopen,
    maxBytes,
  }: { readonly isThere: () => Promise<boolean>; readonly reopen: () => Promise<Files>; readonly maxBytes: number },
): MirroredFiles {
  let below: Files = original(vfs)
  const opened = new Map<number, Opened>()
  /** Undefined once they have become too large. */
  let copies: Map<string, Copy> | undefined = new Map()

  const copyOf = (file: number): Copy | undefined => copies?.get(opened.get(file)?.path ?? "")
  const bound = (): void => {
    let sizeBytes = 0
    for (const copy of copies?.values() ?? []) sizeBytes += copy.sizeBytes
    if (sizeBytes > maxBytes) copies = undefined
  }

  Object.assign(vfs, {
    jOpen(name, file, flags, outFlags) {
      const code = below.jOpen(name, file, flags, outFlags)
      if (code !== ok) return code
      const path = name === null ? `unnamed ${file}` : new URL(name, "file://localhost/").pathname
      opened.set(file, { name, flags, path })
      if (copies === undefined || copies.has(path)) return code
      const copy = readWhole(below, file)
      if (copy === undefined) copies = undefined
      else copies.set(path, copy)
      bound()
      return code
    },
    jClose(file) {
      const path = opened.get(file)?.path ?? ""
      opened.delete(file)
      if (path.startsWith("unnamed ")) copies?.delete(path)
      return below.jClose(file)
    },
    jRead(file, into, at) {
      const copy = copyOf(file)
      if (copy !== undefined) return copy.read(into.subarray(), at)
      // A dead handle says that it read everything.
      return isAnswering(below, file, undefined) ? below.jRead(file, into, at) : readFailed
    },
    jWrite(file, from, at) {
      const code = below.jWrite(file, from, at)
      if (code !== ok) return code
      copyOf(file)?.write(from.subarray(), at)
      bound()
      return code
    },
    jTruncate(file, sizeBytes) {
      const code = below.jTruncate(file, sizeBytes)
      if (code === ok) copyOf(file)?.truncate(sizeBytes)
      return code
    },
    jFileSize(file, out) {
      const copy = copyOf(file)
      if (copy === undefined) return isAnswering(below, file, undefined) ? below.jFileSize(file, out) : sizeFailed
      out.setBigInt64(0, BigInt(copy.sizeBytes), true)
      return ok
    },
    jDelete(name, syncDirectory) {
      const code = below.jDelete(name, syncDirectory)
      if (code === ok) copies?.delete(new URL(name, "file://localhost/").pathname)
      return code
    },
    jSync: (file, flags) => below.jSync(file, flags),
  } satisfies Omit<Files, "close">)

  return {
    async keep() {
      const answer = [...opened].every(([file, { path }]) => isAnswering(below, file, copies?.get(path)))
      const there = await isThere()
      if (there && answer) return "there"
      if (!there && copies === undefined) return "gone"
      // A file is open once only, and a handle that answers nothing still holds it.
      await Promise.resolve(below.close()).catch(() => undefined)
      try {
        const fresh = await reopen()
        // From here on nothing waits: no write comes in between.
        below = fresh
        if (!attach(fresh, opened, copies)) return "gone"
      } catch {
        return "gone"
      }
      return there ? "there" : "written_again"
    },
    async close() {
      await below.close()
    },
  }
}

/** The methods of the VFS before it is changed. */
function original(vfs: Files): Files {
  return {
    jOpen: vfs.jOpen.bind(vfs),
    jClose: vfs.jClose.bind(vfs),
    jRead: vfs.jRead.bind(vfs),
    jWrite: vfs.jWrite.bind(vfs),
    jTruncate: vfs.jTruncate.bind(vfs),
    jFileSize: vfs.jFileSize.bind(vfs),
    jDelete: vfs.jDelete.bind(vfs),
    jSync: vfs.jSync.bind(vfs),
    close: vfs.close.bind(vfs),
  }
}

function readWhole(files: Files, file: number): Copy | undefined {
  const size = new DataView(new ArrayBuffer(8))
  if (files.jFileSize(file, size) !== ok) return undefined
  const sizeBytes = Number(size.getBigInt64(0, true))
  const copy = new Copy()
  for (let at = 0; at < sizeBytes; at += readStepBytes) {
    const step = new Uint8Array(Math.min(readStepBytes, sizeBytes - at))
    if (files.jRead(file, step, at) !== ok) return undefined
    copy.write(step, at)
  }
  return copy
}

/** Off the record a handle that was idle for some minutes is dead: it says that it read 2^32 - 4 bytes, and that the file has 2^64 (Chromium). */
function isAnswering(files: Files, file: number, copy: Copy | undefined): boolean {
  const out = new DataView(new ArrayBuffer(8))
  if (files.jFileSize(file, out) !== ok) return false
  const sizeBytes = out.getBigInt64(0, true)
  return copy === undefined ? sizeBytes >= 0n && sizeBytes < 1n << 50n : sizeBytes === BigInt(copy.sizeBytes)
}

/** Opens on new handles what SQLite has open, with what memory has of it. */
function attach(files: Files, opened: ReadonlyMap<number, Opened>, copies: ReadonlyMap<string, Copy> | undefined): boolean {
  for (const [file, { name, flags, path }] of opened) {
    if (files.jOpen(name, file, flags | openCreate, new DataView(new ArrayBuffer(4))) !== ok) return false
    if (copies === undefined) continue
    const copy = copies.get(path)
    if (copy === undefined) return false
    if (files.jTruncate(file, 0) !== ok || files.jWrite(file, copy.bytes, 0) !== ok || files.jSync(file, 0) !== ok) return false
  }
  return true
}

/** SQLITE_OPEN_CREATE */
const openCreate = 4

/** The bytes of one file. */
class Copy {
  #buffer = new Uint8Array(0)
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#sizeBytes)
  }

  /** As SQLite wants it: what is not there reads as zeros. */
  read(into: Uint8Array, at: number): number {
    const there = this.#buffer.subarray(Math.min(at, this.#sizeBytes), Math.min(at + into.length, this.#sizeBytes))
    into.set(there)
    into.fill(0, there.length)
    return there.length === into.length ? ok : shortRead
  }

  write(from: Uint8Array, at: number): void {
    const endBytes = at + from.length
    if (endBytes > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(endBytes, Math.min(2 * this.#buffer.length, this.#buffer.length + (8 << 20))))
      grown.set(this.bytes)
      this.#buffer = grown
    }
    this.#buffer.set(from, at)
    this.#sizeBytes = Math.max(this.#sizeBytes, endBytes)
  }

  truncate(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) this.#buffer.fill(0, sizeBytes, this.#sizeBytes)
    this.#sizeBytes = Math.min(this.#sizeBytes, sizeBytes)
  }
}
