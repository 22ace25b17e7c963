// The thread that makes archives.

import { workerData } from "node:worker_threads"
import { serveThread } from "../../core/thread.ts"
import { publishedCheckpoint } from "../../keylog/keeper/log-rows.ts"
import { openInProcessStore } from "../../accounts/store/sqlite/in-process.ts"
import { readOperatorKey } from "../people/operator-key.ts"
import { openDeskDatabase } from "../store/desk-database.ts"
import { type ArchiveMaker, createArchiveMaker } from "./archive-maker.ts"
import type { ArchiveFiles } from "./archive-thread.ts"

serveThread(() => {
  const { databasePath, deskDatabasePath, logDatabasePath, exportKeyPath, origin } = workerData as ArchiveFiles
  const db = openDeskDatabase(deskDatabasePath)
  const store = openInProcessStore(databasePath)
  const exportKey = readOperatorKey(exportKeyPath)
  const archives = createArchiveMaker({ db, store, origin, exportKey, checkpoint: () => publishedCheckpoint(logDatabasePath) })
  return {
    run: (name, input) => (archives[name as keyof ArchiveMaker] as (input: unknown) => unknown)(input),
    close: async () => {
      db.close()
      await store.close()
    },
  }
})
