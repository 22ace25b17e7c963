// Whether a leaf may stand in a group, each reason by itself.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

function leaf(name: string, without: string, text: string, replacement = "", file = "trust/device/leaf-judgement"): Mutation {
  return {
    name,
    without,
    edits: [{ file: `${client}/${file}.ts`, text, replacement }],
    tests: [`${client}/trust/device/leaf-judgement.test.ts`],
  }
}

export const leavesMutations: readonly Mutation[] = [
  leaf("leaf-origin", "a leaf is of this server", 'if (member.origin !== own.origin) return untrusted("origin")'),
  leaf("leaf-ended", "a leaf of an account that ended unproven is not listed", ' && (await accounts.ending(accountId)) !== "unproven"'),
  leaf(
    "leaf-distrusted",
    "nobody of a distrusted account is let in",
    'if (place !== "kept" && (await isDistrusted(reader, accountId))) return untrusted("distrusted")',
  ),
  leaf(
    "leaf-recent",
    "a leaf is let in on what the log showed within the hour",
    "if (listed && (await accounts.isRecent(accountId))) {",
    "if (listed) {",
  ),
  leaf(
    "leaf-held",
    "held devices are waited for",
    'untilMs === undefined ? { status: "trusted" } : { status: "held", accountId, untilMs }',
    '{ status: "trusted" as const, untilMs }',
  ),
  leaf(
    "leaf-own",
    "a leaf of the own account is one of the own list",
    'listed ? { status: "trusted" } : untrusted("unknown_own_device")',
    '{ status: "trusted" }',
  ),
  leaf(
    "leaf-hour",
    "what the log showed is recent for an hour",
    "const freshForMs = 3_600_000",
    "const freshForMs = 30 * 86_400_000",
    "trust/contact/known-accounts",
  ),
]
