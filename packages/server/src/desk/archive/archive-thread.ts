// Archives made in a thread of its own, with its own connections to the databases, while the server's thread goes on serving messages.
// The thread starts with the first archive.

import type { Log } from "../../core/ports.ts"
import { type Thread, openThread } from "../../core/thread.ts"
import type { Archive } from "./archive.ts"
import type { ArchiveMaker, CaseArchive } from "./archive-maker.ts"

export interface ArchiveFiles {
  /** The server's database. */
  readonly databasePath: string
  readonly deskDatabasePath: string
  readonly logDatabasePath: string
  readonly exportKeyPath: string
  readonly origin: string
}

/** Archives that may wait. People ask for their own; further ones are told to come back. */
const waitingMax = 64

/** `script`: another one, for tests. */
export function archivesInThread(
  files: ArchiveFiles,
  log: Log,
  script: URL = new URL("./archive-worker.ts", import.meta.url),
): ArchiveMaker & { close(): Promise<void> } {
  let thread: Promise<Thread> | undefined
  const open = (): Promise<Thread> =>
    openThread(script, {
      data: files,
      waitingMax,
      busy: "the server makes many archives just now",
      onLost: () => {
        thread = undefined
        log("error", "archive_thread_lost")
      },
    })
  const call = async (name: keyof ArchiveMaker, input: unknown): Promise<unknown> => {
    thread ??= open().catch((error: unknown) => {
      thread = undefined
      throw error
    })
    return (await thread).call(name, input)
  }
  return {
    ofCase: async (caseId) => (await call("ofCase", caseId)) as CaseArchive,
    ofAccount: async (accountId) => (await call("ofAccount", accountId)) as Archive | undefined,
    close: async () => (await thread?.catch(() => undefined))?.close(),
  }
}
