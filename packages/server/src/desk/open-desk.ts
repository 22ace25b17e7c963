// Opens the desk of a data directory, beside a server that may be running: SQLite keeps them apart.

import { chmodSync, existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { fromUtf8 } from "@nodoor/bytes"
import { dataDirPaths, prepareDataDir } from "../sqlite/data-dir.ts"
import type { SigningKey } from "../keylog/keeper/log-keys.ts"
import { publishedCheckpoint } from "../keylog/keeper/log-rows.ts"
import { createArchiveMaker } from "./archive/archive-maker.ts"
import type { Clock, Random } from "../core/ports.ts"
import { ServerError } from "../core/server-error.ts"
import type { Database } from "../sqlite/database.ts"
import { openInProcessStore } from "../accounts/store/sqlite/in-process.ts"
import { Desk, type DeskPorts } from "./desk.ts"
import { openDeskDatabase } from "./store/desk-database.ts"
import { createOperatorKey, readOperatorKey } from "./people/operator-key.ts"
import type { EnrolmentPorts } from "./people/enrolment.ts"
import { People } from "./people/people.ts"

export interface OpenedDesk {
  readonly desk: Desk
  readonly people: People
  readonly db: Database
  close(): Promise<void>
}

/** @throws ServerError as `openDatabase`, `desk_refused` before the server was first started */
export async function openDesk(
  dataDir: string,
  { consoleOrigin, ...ports }: { readonly clock: Clock; readonly random: Random; readonly consoleOrigin?: string | undefined },
): Promise<OpenedDesk> {
  prepareDataDir(dataDir)
  const store = openInProcessStore(dataDirPaths(dataDir).databasePath)
  let db: Database | undefined
  try {
    const noted = await store.notedSetting({ name: "origin" })
    if (noted === undefined) throw new ServerError("desk_refused", "The server has not been started yet. Start it once first.")
    db = openDeskFile(dataDir)
    const exportKey = loadExportKey(dataDir, ports.random)
    const opened = db
    const origin = fromUtf8(noted)
    const { logDatabasePath } = deskPaths(dataDir)
    const archives = createArchiveMaker({ db, store, origin, exportKey, checkpoint: () => publishedCheckpoint(logDatabasePath) })
    return {
      ...deskOf({ ...ports, dataDir, db, store, archives, consoleOrigin: consoleOrigin ?? origin }),
      db,
      close: async () => {
        opened.close()
        await store.close()
      },
    }
  } catch (error) {
    db?.close()
    await store.close()
    throw error
  }
}

/** The desk on a file and a store that are open already, as in a running server. */
export function deskOf({
  dataDir,
  ...ports
}: Omit<DeskPorts, "documentsPath" | "archivesPath"> & EnrolmentPorts & { readonly dataDir: string }): {
  readonly desk: Desk
  readonly people: People
} {
  const { documentsPath, archivesPath } = deskPaths(dataDir)
  return { desk: new Desk({ ...ports, documentsPath, archivesPath }), people: new People(ports) }
}

export function deskPaths(dataDir: string): {
  readonly databasePath: string
  readonly documentsPath: string
  readonly archivesPath: string
  readonly exportKeyPath: string
  readonly logDatabasePath: string
} {
  const folder = join(dataDir, "desk")
  return {
    databasePath: join(folder, "desk.sqlite"),
    documentsPath: join(folder, "documents"),
    archivesPath: join(folder, "archives"),
    exportKeyPath: join(folder, "export.key"),
    logDatabasePath: join(dataDir, "log", "log.sqlite"),
  }
}

/** Makes folder and file if there are none. @throws ServerError as `openDatabase` */
export function openDeskFile(dataDir: string): Database {
  const { databasePath } = deskPaths(dataDir)
  mkdirSync(join(dataDir, "desk"), { recursive: true, mode: 0o700 })
  const db = openDeskDatabase(databasePath)
  chmodSync(databasePath, 0o600)
  return db
}

/** The key that signs archives; made when it is first needed. */
export function loadExportKey(dataDir: string, random: Random): SigningKey {
  const { exportKeyPath } = deskPaths(dataDir)
  return existsSync(exportKeyPath) ? readOperatorKey(exportKeyPath) : createOperatorKey(exportKeyPath, random)
}
