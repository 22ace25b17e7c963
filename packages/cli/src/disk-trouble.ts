// What keeps a file of the profile from being read or written, told apart: a full disk and missing rights pass, damage does not.

import { CliError } from "./cli-error.ts"

/** System errors (errno(3)) by what they mean here. */
const bySystem: Readonly<Record<string, Trouble>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EACCES: "refused",
  EPERM: "refused",
  EROFS: "refused",
  EIO: "failing",
  EMFILE: "failing",
  ENFILE: "failing",
  ENOMEM: "failing",
}

/** SQLite's primary result codes (sqlite.org/rescode.html): READONLY, IOERR, FULL, CANTOPEN. */
const bySqlite: Readonly<Record<number, Trouble>> = { 8: "refused", 10: "failing", 13: "full", 14: "refused" }

type Trouble = "full" | "refused" | "failing"

const told: Readonly<Record<Trouble, (cause: unknown) => CliError>> = {
  full: (cause) =>
    new CliError("disk_full", "There is no room left on the disk that holds the profile. Nothing that was stored is lost.", {
      next: "make room, then run the same command again",
      cause,
    }),
  refused: (cause) =>
    new CliError("profile_unwritable", "The system does not let this program read or write the profile. Nothing was changed.", {
      next: "check whose the profile's folder is and its rights, or use another --profile",
      cause,
    }),
  failing: (cause) =>
    new CliError("disk_failing", "The disk that holds the profile gave an error. Nothing that was stored is lost by this.", {
      next: "look whether the disk is full or failing, then run the same command again",
      cause,
    }),
}

/** The trouble of the disk that a failure is; undefined for what is something else, such as damage. */
export function diskTrouble(error: unknown): CliError | undefined {
  const trouble = troubleOf(error)
  return trouble && told[trouble](error)
}

function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined
  // node:sqlite says SQLite's own code beside a code of Node's.
  if ("errcode" in error && typeof error.errcode === "number") {
    return bySqlite[error.errcode & 0xff]
  }
  return "code" in error ? bySystem[String(error.code)] : undefined
}
