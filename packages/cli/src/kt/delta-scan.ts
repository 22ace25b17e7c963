// Reads a log's deltas for places that must stay empty. Checks that the deltas are those of the log, not what the map makes of them:
// that is an auditor's work, and this one fits in a few kilobytes of memory.

import { type AuditFinding, TreeFrontier, leafHash, mapRowBytes, parseLogEntry } from "@nodoor/keylog"
import { CliError } from "../cli-error.ts"
import { crypto, sameBytes } from "./crypto.ts"
import type { StaticLog } from "./static-log.ts"

export interface ScanPosition {
  readonly frontier: TreeFrontier
  /** The next epoch. */
  readonly epoch: number
}

export function scanStart(): ScanPosition {
  return { frontier: new TreeFrontier(crypto), epoch: 0 }
}

/**
 * Reads on to a checked head. The findings are true of the log that the head is of.
 * @throws CliError `log_incomplete`, `pin_differs` when the files are not of that head
 */
export async function scanDeltas(
  log: StaticLog,
  input: {
    readonly from: ScanPosition
    readonly head: { readonly size: number; readonly root: Uint8Array }
    readonly watched: ReadonlySet<string>
  },
): Promise<{ readonly findings: readonly AuditFinding[]; readonly position: ScanPosition }> {
  const frontier = TreeFrontier.decode(crypto, input.from.frontier.encode())
  let { epoch } = input.from
  const findings: AuditFinding[] = []
  for await (const { index, entry } of log.entries(frontier.size, input.head.size)) {
    frontier.append(leafHash(crypto, entry))
    const parsed = parseLogEntry(entry)
    if (parsed.kind !== "epoch") continue
    const delta = await log.delta(epoch++)
    if (!sameBytes(crypto.sha256(delta), parsed.deltaHash)) throw otherFiles()
    for (let at = 0; at < delta.length; at += mapRowBytes) {
      const what = Buffer.from(delta.subarray(at, at + 32)).toString("hex")
      if (input.watched.has(what)) findings.push({ code: "watched_index", index, what })
    }
  }
  if (!sameBytes(frontier.root(), input.head.root)) throw otherFiles()
  return { findings, position: { frontier, epoch } }
}

function otherFiles(): CliError {
  return new CliError("pin_differs", "The files differ from what the log signed.", {
    next: "read from another mirror; if the server itself sent these files, keep them as evidence",
  })
}
