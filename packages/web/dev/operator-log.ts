// A made-up log of what people did, chained as the real one.

import type { ChainEntry } from "../src/operator/log/chain.ts"
import { day, hexCode, hour } from "./operator-world.ts"

type Line = readonly [agoMs: number, actor: string, event: string, facts?: object | undefined, caseSeed?: number]

const lines: readonly Line[] = [
  [190 * day, "server", "operator_added", { operator: "Ines Calloway", role: "owner", publicKey: hexCode(63, 64) }],
  [188 * day, "Ines Calloway", "operator_invited", { operator: "Tomasz Nowak", role: "operator" }],
  [188 * day - hour, "Tomasz Nowak", "passkey_enrolled", { operator: "Tomasz Nowak", credential: hexCode(64, 64), recovery: false }],
  [60 * day, "Ines Calloway", "case_opened", { accounts: 1 }, 5],
  [58 * day, "Ines Calloway", "case_closed", { outcome: "challenged", disclosed: [], export: null }, 5],
  [50 * day, "Ines Calloway", "operator_removed", { operator: "Amara Okafor" }],
  [31 * day, "Tomasz Nowak", "case_opened", { accounts: 1 }, 4],
  [30 * day, "Tomasz Nowak", "document_attached", { sha256: hexCode(71, 64), sizeBytes: 412_880 }, 4],
  [28 * day, "Tomasz Nowak", "case_approved", { digest: hexCode(104, 64) }, 4],
  [27 * day + 2 * hour, "Ines Calloway", "case_approved", { digest: hexCode(104, 64) }, 4],
  [
    27 * day,
    "Tomasz Nowak",
    "case_closed",
    { outcome: "partial", disclosed: ["holder_name", "email", "ip_addresses"], export: hexCode(44, 64) },
    4,
  ],
  [26 * day, "Tomasz Nowak", "archive_downloaded", undefined, 4],
  [20 * day, "Ines Calloway", "operator_invited", { operator: "נועה לוי", role: "reviewer" }],
  [20 * day - hour, "נועה לוי", "passkey_enrolled", { operator: "נועה לוי", credential: hexCode(65, 64), recovery: false }],
  [9 * day, "Tomasz Nowak", "invites_made", { invites: [hexCode(21, 16)], uses: 24, days: 21, label: "Choir, autumn" }],
  [6 * day, "Ines Calloway", "case_opened", { accounts: 3 }, 2],
  [2 * day, "server", "archive_erased", undefined, 6],
  [30 * hour, "Tomasz Nowak", "account_suspended", { account: hexCode(9, 32) }],
  [3 * hour, "Tomasz Nowak", "case_opened", { accounts: 1 }, 3],
]

/** The newest first. */
export async function sampleLog(now: number, sha256: (text: string) => Promise<string>): Promise<readonly ChainEntry[]> {
  const entries: ChainEntry[] = []
  for (const [at, [agoMs, actor, event, facts, caseSeed]] of lines.entries()) {
    const fields = {
      actor,
      case: caseSeed === undefined ? undefined : hexCode(caseSeed, 10),
      event,
      facts,
      prev: entries[0]?.hash ?? "0".repeat(64),
    }
    const entry = JSON.stringify({ ...fields, seq: at + 1, timeMs: now - agoMs })
    entries.unshift({ seq: at + 1, entry, hash: await sha256(entry) })
  }
  return entries
}
