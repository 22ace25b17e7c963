// The rules of a group (docs/protocol.md, "Policy"), each by itself.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

/** A rule that no longer refuses, and what it says in words. */
function rule(name: string, without: string, text: string, replacement = ""): Mutation {
  return {
    name,
    without,
    edits: [{ file: `${client}/group/policy/policy-check.ts`, text, replacement }],
    tests: [`${client}/group/policy/policy-check.test.ts`],
  }
}

/** The same for what a policy's bytes may be. */
function decoding(name: string, without: string, text: string, replacement = ""): Mutation {
  return {
    name,
    without,
    edits: [{ file: `${client}/core/policy.ts`, text, replacement }],
    tests: [`${client}/core/policy.test.ts`, `${client}/group/policy/policy-check.test.ts`],
  }
}

export const policyMutations: readonly Mutation[] = [
  rule("policy-committer", "a commit is by a member (P15)", 'if (!committer) return "P15"', "if (!committer) return undefined"),
  rule("policy-P1", "no other extension changes (P1)", 'if (!same) return "P1"'),
  rule(
    "policy-P1-types",
    "an extension is not swapped for another (P1)",
    "extension.type === othersAfter[i]?.type && equal(extension.data, othersAfter[i].data)",
    "extension.type === othersAfter[i]?.type",
  ),
  rule("policy-P2", "a group's kind never changes (P2)", 'if (before.kind !== after.kind) return "P2"'),
  rule(
    "policy-P3-psk",
    "no pre-shared keys (P3)",
    'if (type === "psk" || type === "reinit") return "P3"',
    'if (type === "reinit") return "P3"',
  ),
  rule("policy-P4-change", "a dm's policy never changes (P4)", 'if (before.kind === "dm" && !samePolicy(before, after)) return "P4"'),
  rule("policy-P4-accounts", "a dm's leaves are of its two accounts (P4)", " || [...accounts].some((account) => !two.includes(account))"),
  rule("policy-P4-two", "a dm is of two accounts (P4)", "two.length !== 2 || "),
  rule("policy-P4-name", "a dm has no name (P4)", 'policy.name !== "" || '),
  rule("policy-P5", "the self group is of one account (P5)", 'return accounts.size === 1 ? undefined : "P5"', "return undefined"),
  rule("policy-P5-adds", "nobody else is added to the self group (P6)", 'before.kind !== "self" && (founds', "(founds"),
  rule("policy-P6", "another account is added by who may add only (P6)", '} else if (!allowed) return "P6"', "}"),
  rule("policy-P6-welcome", "a Welcome is signed by who may add (P6)", 'if (policy.kind === "group" && !mayLetIn) return "P6"'),
  rule(
    "policy-P7",
    "another's further device is added by who may add only (P7)",
    'if (!equal(leaf.accountId, committer.accountId) && !allowed) return "P7"',
  ),
  rule("policy-P8", "a device has one leaf (P8)", 'if (devices.size !== leaves.length) return "P8"'),
  rule("policy-P9", "who may not remove removes nobody (P9)", 'if (!proposedBySelf && !own && !byAdmin && !isRevoked(leaf)) return "P9"'),
  rule(
    "policy-P9-dm",
    "nobody is an admin of a dm who removes the other (P9)",
    'before.kind === "group" && roleOf(before, committer.accountId) === "admin"',
    'roleOf(before, committer.accountId) === "admin"',
  ),
  rule(
    "policy-P10",
    "name and picture are changed by who may rename only (P10)",
    'if (described && before.rules.rename === "admins" && !admin) return "P10"',
  ),
  rule(
    "policy-P10-picture",
    "a picture is a description too (P10)",
    "before.name !== after.name || !sameBytes(before.picture, after.picture)",
    "before.name !== after.name",
  ),
  rule("policy-P11", "roles and rules are changed by an admin only (P11)", 'if (!admin && !samePolicy(undescribed, forced)) return "P11"'),
  rule(
    "policy-P12",
    "who has a role has a leaf (P12)",
    'if (policy.roles.some((entry) => !accounts.has(toHex(entry.accountId)))) return "P12"',
  ),
  rule("policy-P13", "a group has an admin (P13)", 'return policy.roles.length > 0 ? undefined : "P13"', "return undefined"),
  rule("policy-P14", "an update keeps account and device (P14)", 'return moved ? "P14" : undefined', "return undefined"),
  rule("policy-P14-device", "an update keeps the device (P14)", " || !equal(before.deviceId, after.deviceId)"),
  rule("policy-P14-account", "an update keeps the account (P14)", "!equal(before.accountId, after.accountId) || "),
  rule(
    "policy-P15",
    "another's proposal is of its own leaves (P15)",
    'if (type !== "remove" || accountOf(sender) === undefined || accountOf(sender) !== accountOf(leafIndex)) return "P15"',
  ),
  rule("policy-P15-type", "another proposes removals only (P15)", 'type !== "remove" || accountOf', "accountOf"),
  rule("policy-P15-sender", "nobody from outside proposes (P15)", "accountOf(sender) === undefined || "),
  rule("policy-P16-accounts", "at most 1,024 accounts (P16)", "accounts.size > limits.accountsPerGroup || "),
  rule("policy-P16-devices", "at most 4,096 devices (P16)", " || leaves.length > limits.devicesPerGroup"),
  rule(
    "policy-P17",
    "nobody adds a device that broke the group before (P17)",
    " ??\n    checkShutOut(predecessorsOf(check.staged.extensionsAfter), check.added)",
  ),
  rule("policy-P17-join", "nobody is let in beside such a device (P17)", " ?? checkShutOut(predecessors, leaves)"),
  rule("policy-P6-founder", "only a successor's first commit lets in what its maker may not (P6)", "leavesBefore.length === 1 && "),
  rule("policy-P6-founder-join", "newcomers too check that (P6)", "epoch === 1n && "),
  decoding("policy-one", "a group has exactly one policy (P1)", "found.length !== 1 || !found[0]", "!found[0]"),
  decoding("policy-version", "a policy has a version that is known", 'if (value["version"] !== version) throw invalid("version")'),
  decoding(
    "policy-kind",
    "a policy's kind is one of three",
    'if (kind !== "dm" && kind !== "group" && kind !== "self") throw invalid("kind")',
  ),
  decoding("policy-name-control", "a group's name has no control characters", " ||\n    /\\p{Cc}/u.test(name)"),
  decoding(
    "policy-name-size",
    "a group's name has at most 256 bytes",
    " ||\n    new TextEncoder().encode(name).length > policyLimits.nameBytes",
  ),
  decoding("policy-picture", "a picture has at most 4,096 bytes", " && picture.length <= policyLimits.pictureBytes"),
  decoding("policy-expiry", "an expiry is a number of seconds", " && Number.isInteger(expiry) && expiry > 0 && expiry <= 0xffffffff"),
  decoding("policy-rules", "a rule is one of two", 'if (value !== "admins" && value !== "everyone") throw invalid("rule")'),
  decoding(
    "policy-keys",
    "a policy has its keys and no others",
    " || !names.every((name) => keys.includes(name) || optional.includes(name))",
  ),
  decoding(
    "policy-roles-order",
    "roles stand in one order, each once",
    'if (before && compare(before, accountId) >= 0) throw new CodecError("non_canonical", "order of roles")',
  ),
  decoding("policy-role", "a role that is listed is admin", ' || role !== "admin"'),
  decoding("policy-role-id", "a role is of an account", " || accountId.length !== idBytes"),
  decoding("policy-roles-count", "at most 1,024 roles", " || value.length > limits.accountsPerGroup"),
]
