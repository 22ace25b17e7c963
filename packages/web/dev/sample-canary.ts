// Canaries for the scenes `canary`, `canary-none`, `canary-expired`, `canary-changed`, `canary-gone` and `canary-invalid`.

import type { CanaryFacts, CanaryView } from "@nodoor/client"
import { day, id, minute } from "./sample-world.ts"

const keys = ["mZ0u4b7Hc1Yq", "Tn5xW2eKs8Aj", "qR9dLf3Vp6Go"].map((name) => `${name.repeat(3)}abcdefg=`)

function facts(issuedMs: number, more: Partial<CanaryFacts> = {}): CanaryFacts {
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  return {
    issued: dayOf(issuedMs),
    expires: dayOf(issuedMs + 35 * day),
    statements: [
      "Nobody has made us change a program, a key or the public log so that messages can be read.",
      "No key that signs the log or the archives of the desk has been given to anybody.",
      "Every request that we may speak of is on /transparency; every other has its place in the log.",
    ],
    threshold: 2,
    keys,
    signedBy: keys.slice(0, 2),
    ...more,
  }
}

export function sampleCanary(scene: string, now: number): CanaryView {
  const known = facts(now - 12 * day)
  const looked = { checkedAtMs: now - 40 * minute, failedAtMs: undefined }
  const unread = { readingId: id(77), acknowledgedAtMs: undefined }
  switch (scene) {
    case "canary-none":
      return { status: "none", ...looked }
    case "canary-expired":
      return { status: "expired", sinceMs: now - 3 * day, known: facts(now - 38 * day), ...unread, ...looked }
    case "canary-gone":
      return { status: "changed", changes: [{ kind: "gone" }], known, latest: undefined, ...unread, ...looked }
    case "canary-invalid":
      return { status: "changed", changes: [{ kind: "invalid", code: "canary_signature" }], known, latest: undefined, ...unread, ...looked }
    case "canary-changed": {
      const [first = "", , third = ""] = known.statements
      const now2 = "No key that signs the log has been given to anybody."
      const latest = facts(now - day, { threshold: 1, keys: keys.slice(0, 2), signedBy: keys.slice(0, 1), statements: [first, now2] })
      return {
        status: "changed",
        changes: [
          { kind: "keys", was: known.keys, now: latest.keys },
          { kind: "threshold", was: 2, now: 1 },
          { kind: "statement_reworded", was: known.statements[1] ?? "", now: now2 },
          { kind: "statement_gone", was: third },
          { kind: "not_following", was: known.issued, now: latest.issued },
        ],
        known,
        latest,
        ...unread,
        ...looked,
      }
    }
    case "offline":
      return { status: "not_checked", checkedAtMs: undefined, failedAtMs: now - 3 * minute }
    default:
      return { status: "fresh", untilMs: Date.parse(known.expires), known, ...looked }
  }
}
