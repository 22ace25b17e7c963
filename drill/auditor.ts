// Somebody who replays the log from its static files with the production auditor, and is then shown a checkpoint by a person.

import {
  Auditor,
  KeylogError,
  decodeEntryBundle,
  entriesPath,
  parseCheckpoint,
  parseLogEntry,
  parseNote,
  tileWidth,
  widthOfTile,
} from "@nodoor/keylog"
import { serverCrypto } from "@nodoor/server"
import { Never } from "./drill-world.ts"
import type { AdversaryLog } from "./adversary/adversary-log.ts"

/** The code of what the auditor finds wrong with the checkpoint; undefined when it can sign it. */
export function audit(log: AdversaryLog, checkpoint: Uint8Array): string | undefined {
  const file = (path: string): Uint8Array => {
    const found = log.keeper.file({ path })
    if (!found) throw new Never(`the log has ${path}`)
    return found.bytes
  }
  const { size } = parseCheckpoint(parseNote(file("checkpoint")).text)
  const auditor = new Auditor(serverCrypto)
  let epoch = 0
  for (let index = 0; index * tileWidth < size; index++) {
    const width = widthOfTile(size, { level: 0, index })
    for (const entry of decodeEntryBundle(file(entriesPath({ index, width })), { width }))
      auditor.append(entry, parseLogEntry(entry).kind === "epoch" ? file(`delta/${epoch++}`) : undefined)
  }
  try {
    auditor.verifyCheckpoint(checkpoint)
    return undefined
  } catch (error) {
    if (!(error instanceof KeylogError)) throw error
    return error.code
  }
}
