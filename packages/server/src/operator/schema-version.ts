// Which version of its schema each database file has: what a start would do with it, without doing it.

import { existsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { deliverySchema } from "../delivery/store/sqlite/delivery-schema.ts"
import { deskSchema } from "../desk/store/desk-database.ts"
import { logSchema } from "../keylog/keeper/log-rows.ts"
import { ServerError } from "../core/server-error.ts"
import { type DatabaseSchema, mainSchema } from "../sqlite/database.ts"

/** By path below the data directory, in the order in which a backup copies them. */
export const schemasOfFiles: Readonly<Record<string, DatabaseSchema>> = {
  "log/log.sqlite": logSchema,
  "desk/desk.sqlite": deskSchema,
  "accounts.db": mainSchema,
  "delivery.db": deliverySchema,
}

export interface FileVersion {
  readonly path: string
  /** Undefined: there is no such file, a start makes it. */
  readonly found: number | undefined
  readonly known: number
}

/** Reads and changes nothing. @throws ServerError `database_newer`, `data_dir_older`, `database_foreign` */
export function versionsOf(dataDir: string): readonly FileVersion[] {
  return Object.entries(schemasOfFiles).map(([path, schema]) => {
    if (!existsSync(join(dataDir, path))) return { path, found: undefined, known: schema.version }
    const { found, application } = pragmasOf(join(dataDir, path))
    if (application !== schema.applicationId) throw new ServerError("database_foreign", `${path} belongs to another program.`)
    if (found > schema.version) {
      throw new ServerError(
        "database_newer",
        `${path} was written by a newer version of this program (schema ${found}, this one knows ${schema.version}). Nothing was changed.`,
      )
    }
    if (found > 0 && found < (schema.oldest ?? 1)) {
      throw new ServerError(
        "data_dir_older",
        `${path} was written by an older version of this program (schema ${found}, this one reads ${schema.oldest} and later). Nothing was changed.`,
      )
    }
    return { path, found, known: schema.version }
  })
}

function pragmasOf(path: string): { readonly found: number; readonly application: number } {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true })
    const { user_version: found } = db.prepare("PRAGMA user_version").get() as { user_version: number }
    const { application_id: application } = db.prepare("PRAGMA application_id").get() as { application_id: number }
    return { found, application }
  } catch (error) {
    throw new ServerError("database_foreign", `${path} is not a SQLite database.`, { cause: error })
  } finally {
    db?.close()
  }
}
