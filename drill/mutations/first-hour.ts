// Checks around the app's first hour, and those of the MLS engine on lists of proposals.

import type { Mutation } from "./mutation.ts"

export const firstHourMutations: readonly Mutation[] = [
  {
    name: "pending-one-by-one",
    without: "an invalid pending proposal is left out alone (RFC 9420 §12.4)",
    edits: [
      {
        file: "packages/mls/src/group/pending-proposals.ts",
        text: "else if (some.length > 1) {",
        replacement: "else if (some.length > Infinity) {",
      },
    ],
    tests: ["packages/mls/test/negative/pending-proposals.test.ts"],
  },
  {
    name: "proposal-by-itself",
    without: "nobody makes a proposal that no commit could carry",
    edits: [
      {
        file: "packages/mls/src/group/own-proposals.ts",
        text: "  checkTogether(env, group, [{ proposal, sender, ownLeafKey }], { committer: -1 })\n",
        replacement: "  void checkTogether\n",
      },
    ],
    tests: ["packages/mls/test/negative/pending-proposals.test.ts"],
  },
  {
    name: "reinit-version",
    without: "a group that continues another has the version that the ReInit named",
    edits: [{ file: "packages/mls/src/group/joining.ts", text: "reinit.version === mls10 &&", replacement: "mls10 === mls10 &&" }],
    tests: ["packages/mls/test/negative/joining.test.ts"],
  },
  {
    name: "leaf-extensions-listed",
    without: "a leaf uses only extensions that its capabilities list (RFC 9420 §7.2)",
    edits: [
      {
        file: "packages/mls/src/tree/leaf-node-validation.ts",
        text: 'check(listed, "leaf_extension", "a leaf uses an extension that its capabilities do not list")',
        replacement: "void listed",
      },
    ],
    tests: ["packages/mls/test/negative/leaf-node.test.ts"],
  },
  {
    name: "invite-good",
    without: "an invite that has expired is not called good",
    edits: [
      {
        file: "packages/server/src/accounts/store/sqlite/invites.ts",
        text: "SELECT 1 FROM invites WHERE code_hash = ? AND uses_left > 0 AND expires_at_ms > ?",
        replacement: "SELECT 1 FROM invites WHERE code_hash = ? AND uses_left > 0 AND ? > 0",
      },
    ],
    tests: ["packages/server/src/accounts/store/sqlite/store.test.ts"],
  },
  {
    name: "one-address-here",
    without: "a page leads to another address only from a name of this machine",
    edits: [
      {
        file: "packages/server/src/http/one-address.ts",
        text: "|| !isLoopbackOrigin(origin) || !isLoopbackOrigin(host)",
        replacement: "|| !isLoopbackOrigin(origin)",
      },
    ],
    tests: ["packages/server/src/http/one-address.test.ts"],
  },
  {
    name: "server-words",
    without: "the server's own text is never shown to a person",
    edits: [
      {
        file: "packages/client/src/core/server-words.ts",
        text: 'export function serverWords({ code }: Pick<WireError, "code">): string {\n',
        replacement:
          'export function serverWords(refusal: Pick<WireError, "code"> & { readonly message?: string }): string {\n  const { code } = refusal\n  if (refusal.message !== undefined) return refusal.message\n',
      },
    ],
    tests: ["packages/client/src/core/server-words.test.ts"],
  },
  {
    name: "dead-handle",
    without: "a file's handle that answers with nonsense is not believed",
    edits: [
      {
        file: "packages/client/src/platform/mirrored-files.ts",
        text: "return copy === undefined ? sizeBytes >= 0n && sizeBytes < 1n << 50n : sizeBytes === BigInt(copy.sizeBytes)",
        replacement: "return sizeBytes !== 1n << 62n || copy === undefined",
      },
    ],
    tests: ["packages/client/src/platform/mirrored-files.test.ts"],
  },
]
