// Removing somebody, and leaving, fail closed; nobody is put out by whoever may not.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const server = "packages/server/src"

export const removalMutations: readonly Mutation[] = [
  {
    name: "replacement",
    without: "a member replaces no leaf of another's device (P7, P9)",
    edits: [
      {
        file: `${client}/policy-check.ts`,
        text: 'if (!equal(leaf.accountId, committer.accountId) && !allowed) return "P7"',
        replacement: "void allowed",
      },
      {
        file: `${client}/policy-check.ts`,
        text: 'if (!proposedBySelf && !own && !byAdmin && !isRevoked(leaf)) return "P9"',
        replacement: "void [proposedBySelf, own, byAdmin, isRevoked]",
      },
    ],
    fails: ["insider-evict"],
    tests: ["packages/client/src/policy-check.test.ts"],
  },
  {
    name: "idempotent-removes",
    without: "the server takes a removal of who is not on the delivery list",
    edits: [
      {
        file: `${server}/store/sqlite/groups.ts`,
        text: "for (const mailbox of input.removes) members.delete(name(mailbox))",
        replacement: 'for (const mailbox of input.removes) if (!members.delete(name(mailbox))) throw new WireError("bad_request")',
      },
    ],
    fails: ["insider-unremovable"],
    tests: ["packages/server/src/store/sqlite/store.test.ts"],
  },
  {
    name: "idempotent-adds",
    without: "the server takes an addition of who is on the delivery list",
    edits: [
      {
        file: `${server}/store/sqlite/groups.ts`,
        text: "for (const { mailbox } of input.adds) members.set(name(mailbox), mailbox)",
        replacement: `for (const { mailbox } of input.adds) {
    if (members.has(name(mailbox))) throw new WireError("bad_request")
    members.set(name(mailbox), mailbox)
  }`,
      },
    ],
    tests: ["packages/server/src/store/sqlite/store.test.ts"],
  },
]
