// What a witness remembers of each log: the last checkpoint it signed. One SQLite file, so that looking and replacing are one step
// even with two processes, and what was answered survives a power cut.

import type { TreeHead } from "@nodoor/keylog"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { CliError } from "../cli-error.ts"

export interface SignedHead extends TreeHead {
  /** The whole note, kept as evidence. */
  readonly note: Uint8Array
}

export interface WitnessState {
  /** Undefined: nothing was ever signed for this origin. */
  latest(origin: string): SignedHead | undefined
  /** Puts `next` in the place of a head of `oldSize` (0 for none), durably. False if another is there: nothing was written. */
  replace(origin: string, oldSize: number, next: SignedHead): boolean
  close(): void
}

/** @throws CliError `state_damaged` */
export function openWitnessState(folder: string): WitnessState {
  const path = join(folder, "witness.sqlite")
  try {
    const database = new DatabaseSync(path, { timeout: 5000 })
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    database.exec(
      "CREATE TABLE IF NOT EXISTS heads (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL) STRICT",
    )
    return stateOf(database)
  } catch (error) {
    throw new CliError("state_damaged", `${path} cannot be opened.`, {
      next: "don't delete it: a witness that forgets what it signed can be shown two logs",
      cause: error,
    })
  }
}

function stateOf(database: DatabaseSync): WitnessState {
  const select = database.prepare("SELECT size, root, note FROM heads WHERE origin = ?")
  const insert = database.prepare("INSERT INTO heads (origin, size, root, note) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
  const update = database.prepare("UPDATE heads SET size = ?, root = ?, note = ? WHERE origin = ? AND size = ?")
  const latest = (origin: string): SignedHead | undefined => select.get(origin) as SignedHead | undefined
  return {
    latest,
    replace: (origin, oldSize, { size, root, note }) => {
      const { changes } =
        oldSize === 0 && latest(origin) === undefined ? insert.run(origin, size, root, note) : update.run(size, root, note, origin, oldSize)
      return Number(changes) === 1
    },
    close: () => database.close(),
  }
}
