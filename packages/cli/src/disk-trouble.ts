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
    new CliError("disk_full", "The disk with this profile is full. Nothing you stored is lost.", {
      next: "free some space, then run the command again",
      cause,
    }),
  refused: (cause) =>
    new CliError("profile_unwritable", "This program has no permission to read or write the profile. Nothing was changed.", {
      next: "check the owner and permissions of the profile's folder, or use another --profile",
      cause,
    }),
  failing: (cause) =>
    new CliError("disk_failing", "The disk with this profile reported an error. Nothing you stored is lost because of it.", {
      next: "check the disk, then run the command again",
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
