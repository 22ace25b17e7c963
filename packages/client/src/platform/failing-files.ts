// Files that fail, in words that SQLite understands: an exception out of a file system's method would end the engine in the middle of what
// it does; a result code makes it undo the transaction.

/** The part of a VFS of wa-sqlite used here: methods that answer with a result code. */
type Files = Record<string, unknown>

const full = 13
/** What the VFS answers when a file took in fewer bytes than it was given, as Chromium's do at the end of the quota. */
const ioerr = 10
/** SQLite's extended codes of IOERR for what the method does. */
const failures: Readonly<Record<string, number>> = {
  jOpen: 14,
  jClose: 4106,
  jRead: 266,
  jWrite: 778,
  jTruncate: 1546,
  jSync: 1034,
  jFileSize: 1802,
  jAccess: 3338,
  jDelete: 2570,
}

/** Changes the VFS so that none of these methods throws. A quota that is reached is a full disk. */
export function withResultCodes<Vfs extends object>(vfs: Vfs): Vfs {
  const files = vfs as Files
  for (const [name, failure] of Object.entries(failures)) {
    const method = files[name]
    if (typeof method !== "function") continue
    files[name] = (...values: readonly unknown[]): unknown => {
      try {
        const code: unknown = method.apply(vfs, values as unknown[])
        return name === "jWrite" && code === ioerr ? full : code
      } catch (error) {
        return error instanceof Error && error.name === "QuotaExceededError" ? full : failure
      }
    }
  }
  return vfs
}
