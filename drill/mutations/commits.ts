// What a commit or a proposal that somebody else made may do, and what becomes of our own.

import type { Edit, Mutation } from "./mutation.ts"

const client = "packages/client/src"
const hostile = ["sim/hostile-member/commits.test.ts"]

const edit = (file: string, text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/${file}.ts`, text, replacement }]

export const commitsMutations: readonly Mutation[] = [
  {
    name: "commit-policy",
    without: "a commit that breaks a rule is refused",
    edits: edit(
      "group/commit/commit-judgement",
      "const refused = broken === undefined ?",
      "const refused = broken === undefined || broken !== undefined ?",
    ),
    tests: hostile,
  },
  {
    name: "commit-not-a-commit",
    without: "a message in a commit's place stands the group still",
    edits: edit(
      "group/evidence/commit-fault",
      'if (processed.kind !== "commit") return { status: "ground", code: "not_a_commit" }',
      'if (processed.kind !== "commit") return { status: "unsigned" }',
    ),
    tests: ["packages/client/src/group/evidence/commit-evidence.test.ts"],
  },
  {
    name: "commit-out-of-band",
    without: "a commit that was posted as a message is not applied",
    edits: edit(
      "receiving/body",
      'return await keepUnreadable(this.#parts, tx, arrival, "commit_out_of_band")',
      "return await this.#parts.commits.apply(tx, { group, state, staged: processed.staged, record: record as never })",
    ),
    tests: hostile,
  },
  {
    name: "commit-own-kind",
    without: "an own commit is taken as a commit, an own message as a message",
    edits: edit("receiving/own-copy", 'if ((own.staged !== undefined) !== (record.kind === "commit")) return\n'),
    tests: hostile,
  },
  {
    name: "commit-losing-secrets",
    without: "the secrets of a commit that lost its place are erased",
    edits: edit("group/commit/commit-application", "deleteOwnCommits(tx, groupId, { beforeEpoch: epoch })"),
    tests: hostile,
  },
  {
    name: "commit-again",
    without: "a commit that lost its place is made anew",
    edits: edit("group/commit/commit-application", 'requeueAll(tx, groupId, { kinds: ["commit", "proposal"], placed: true })'),
    tests: hostile,
  },
  {
    name: "commit-removed",
    without: "who is removed keeps no state of the group",
    edits: edit("group/membership/place-lost", "  states.erase(tx, groupId)\n"),
    tests: hostile,
  },
  {
    name: "proposal-forgotten",
    without: "a proposal that no honest commit can carry is forgotten",
    edits: edit("receiving/proposal", "if (!mayBeCommitted(processed, members(state))) return states.save(tx, processed.discarded)"),
    tests: hostile,
  },
  {
    name: "proposal-own-leaf",
    without: "a member proposes the removal of its own account's leaves only",
    edits: edit("group/policy/proposal-judgement", "return leaf !== undefined && sameAccount(leaf, before)", "return leaf !== undefined"),
    tests: [`${client}/group/policy/proposal-judgement.test.ts`],
  },
  {
    name: "proposal-update-identity",
    without: "an update keeps account and device",
    edits: edit("group/policy/proposal-judgement", "equal(proposal.after.identity, before.identity) &&\n"),
    tests: [`${client}/group/policy/proposal-judgement.test.ts`],
  },
  {
    name: "proposal-update-key",
    without: "an update keeps the key",
    edits: edit("group/policy/proposal-judgement", " &&\n        equal(proposal.after.signatureKey, before.signatureKey)"),
    tests: [`${client}/group/policy/proposal-judgement.test.ts`],
  },
  {
    name: "proposal-kinds",
    without: "other proposals than removals and updates are forgotten",
    edits: edit("group/policy/proposal-judgement", "default:\n      return false", "default:\n      return true"),
    tests: [`${client}/group/policy/proposal-judgement.test.ts`],
  },
  {
    name: "erase-prepared-secrets",
    without: "a group that stands still keeps no secrets of a commit",
    edits: edit("store/group/outbox-failure", 'tx.write("DELETE FROM own_body WHERE group_id = ? AND staged IS NOT NULL", groupId)'),
    tests: [`${client}/group/commit/commit-application.test.ts`],
  },
  {
    name: "erase-prepared-requests",
    without: "a group that stands still keeps no request",
    edits: edit("store/group/outbox-failure", 'tx.write("UPDATE outbox SET request = NULL WHERE group_id = ?", groupId)'),
    tests: [`${client}/group/commit/commit-application.test.ts`],
  },
  {
    name: "identity-shape",
    without: "a leaf's identity has three parts",
    edits: edit("core/credential", " || value.length !== 3"),
    tests: [`${client}/core/credential.test.ts`],
  },
  {
    name: "identity-origin",
    without: "a leaf's identity names an origin",
    edits: edit("core/credential", " || !isOriginText(origin)"),
    tests: [`${client}/core/credential.test.ts`],
  },
  {
    name: "identity-ids",
    without: "a leaf's identity has ids of 16 bytes",
    edits: edit("core/credential", " || value.length !== idBytes"),
    tests: [`${client}/core/credential.test.ts`],
  },
]
