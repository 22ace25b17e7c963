// The log of account states: its tree, its heads, its witnesses, and what people tell each other of it.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const keylog = "packages/keylog/src"

export const logMutations: readonly Mutation[] = [
  {
    name: "receipt",
    without: "the answer to an update shows the update",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: 'if (!account || !equal(account.account.signed, made.next)) throw new KeylogError("value_changed", "the log holds another version")',
        replacement: "if (!account) return",
      },
    ],
    fails: ["omitted-update"],
  },
  {
    name: "gossip",
    without: "heads that come with messages are compared",
    edits: [
      {
        file: `${client}/content-intake.ts`,
        text: "if (payload.head) await this.#kernel.watch.heard(",
        replacement: "if (payload.head === undefined) await this.#kernel.watch.heard(",
      },
    ],
    fails: ["split-view-gossip", "stale-head"],
  },
  {
    name: "scanned-head",
    without: "the head of a scanned code is compared",
    edits: [
      {
        file: `${client}/transparency/safety-check.ts`,
        text: "log = await watch.compare(accountId, { size: Number(code.size), root: code.root })",
        replacement: 'log = watch === undefined ? "unproven" : "same"',
      },
    ],
    fails: ["split-view-qr"],
  },
  {
    name: "audited-root",
    without: "an auditor compares a checkpoint with what it replayed",
    edits: [
      {
        file: `${keylog}/auditor.ts`,
        text: 'rule(equal(checkpoint.root, this.#tree.root()), "tree_fork", "another tree of this size")',
        replacement: "",
      },
    ],
    fails: ["split-view-auditor"],
  },
  {
    name: "witnesses",
    without: "enough witnesses of the policy vouch for a head (W5)",
    edits: [
      {
        file: `${keylog}/witness-policy.ts`,
        text: 'rule(false, "witness_quorum", `${witnesses.length} of ${policy.quorum} witnesses`)',
        replacement: "void witnesses",
      },
    ],
    fails: ["split-view-witnessed"],
  },
  {
    name: "tree-grows",
    without: "a log never shrinks (T2)",
    edits: [{ file: `${keylog}/tree-hash.ts`, text: 'rule(newer.size >= older.size, "tree_smaller", "the tree shrank")', replacement: "" }],
    fails: ["rollback"],
  },
  {
    name: "commitment",
    without: "a value is the one that the map commits to (M4)",
    edits: [
      {
        file: `${keylog}/commitment.ts`,
        text: 'rule(equal(commitment(crypto, input), input.commitment), "commitment", "does not open to this value")',
        replacement: "",
      },
    ],
    fails: ["two-openings"],
  },
]
