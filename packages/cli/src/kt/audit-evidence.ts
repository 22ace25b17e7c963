// What an auditor can prove to others about a log that it refused. Only what holds by itself is kept: the operator's own signatures
// over what contradicts itself.

import { type Evidence, KeylogError, type ProvenEntry, formatEvidence, verifyEvidence } from "@nodoor/keylog"
import { CliError } from "../cli-error.ts"
import { crypto } from "./crypto.ts"
import { claimedSize } from "./log-pin.ts"
import type { StaticLog } from "./static-log.ts"

export interface PlacedEntry {
  readonly index: number
  readonly entry: Uint8Array
}

export interface RefusedLog {
  readonly source: StaticLog
  /** Verifier key of the log. */
  readonly logKey: string
  /** The checkpoint that was refused. */
  readonly note: Uint8Array
  /** The one that was signed before. */
  readonly signed: Uint8Array | undefined
  /** The last epoch that held, and the entry that did not. */
  readonly lastEpoch: PlacedEntry | undefined
  readonly refused: PlacedEntry | undefined
}

/** Every file of evidence that verifies; none if what was wrong cannot be proven with signatures alone. */
export async function provableEvidence(log: RefusedLog): Promise<{ readonly kind: Evidence["kind"]; readonly file: Uint8Array }[]> {
  const { logKey, note, signed, lastEpoch, refused } = log
  const found: { kind: Evidence["kind"]; file: Uint8Array }[] = []
  const candidates: (() => Promise<Evidence | undefined>)[] = [
    async () => signed && { kind: "fork", logKey, notes: [signed, note] },
    async () => {
      const index = claimedSize(note) - 1
      const entry = await log.source.entry(index, index + 1)
      return { kind: "no-epoch", logKey, note, last: await proven(log, { index, entry }) }
    },
    async () =>
      lastEpoch && refused && { kind: "epochs", logKey, note, entries: [await proven(log, lastEpoch), await proven(log, refused)] },
  ]
  for (const candidate of candidates) {
    try {
      const evidence = await candidate()
      if (evidence === undefined) continue
      const file = formatEvidence(evidence)
      verifyEvidence(crypto, file)
      found.push({ kind: evidence.kind, file })
    } catch (error) {
      // Not proof of this kind, or its files are withheld.
      if (!(error instanceof KeylogError) && !(error instanceof CliError)) throw error
    }
  }
  return found
}

async function proven({ source, note }: RefusedLog, { index, entry }: PlacedEntry): Promise<ProvenEntry> {
  return { index, entry, inclusion: await source.ask(claimedSize(note), (tree) => tree.inclusionProof(index)) }
}
