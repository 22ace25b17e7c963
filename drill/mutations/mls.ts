// What the MLS engine refuses, and what the client does with what it refused.

import type { Mutation } from "./mutation.ts"

const mls = "packages/mls/src"
const client = "packages/client/src"

export const mlsMutations: readonly Mutation[] = [
  {
    name: "encryption",
    without: "content is encrypted",
    edits: [
      {
        file: `${mls}/message/private-message.ts`,
        text: "suite.seal(sealing.key.key, nonce, aad, content)",
        replacement: "new Uint8Array([...content, ...new Uint8Array(16)])",
      },
      {
        file: `${mls}/message/private-message.ts`,
        text: "suite.open(key.key, guarded(key.nonce, senderData.reuseGuard), contentAad(message), message.ciphertext)",
        replacement: "message.ciphertext.subarray(0, -16)",
      },
    ],
    fails: [
      "hand-over-content",
      "ghost-unsigned",
      "key-swap",
      "key-package-substitution",
      "classical-key-package",
      "garbage-key-package",
      "external-sender",
      "unencrypted-message",
      "seat-injected",
      "seat-injected-told",
      "ghost-hard-reset",
      "ghost-reset-with-key",
      "ghost-reset-verified",
      "ghost-reset-twice",
      "revoked-leaf",
      "who-with-whom",
      "insider-add-other",
      "insider-add-own",
      "insider-policy",
      "insider-reinit",
      "wrecker-comes-back",
      "commit-wrecking",
      "held-sock-puppet",
      "recovery-without-key",
    ],
  },
  {
    name: "external-commits",
    without: "external commits are not taken",
    edits: [
      {
        file: `${mls}/group/incoming-message.ts`,
        text: 'check(group.options.externalCommits, "external_commit_refused", "this group takes no external commits")',
        replacement: "",
      },
    ],
    tests: ["packages/mls/test/negative/outsiders.test.ts"],
  },
  {
    name: "external-senders",
    without: "proposals from outside are not taken",
    edits: [
      {
        file: `${mls}/group/incoming-message.ts`,
        text: `      check(group.options.externalProposals, "external_proposal_refused", "this group takes no proposals from outside")
      if (content.type !== "proposal") throw new MlsError("sender_type", "an external sender`,
        replacement: `      if (content.type !== "proposal") throw new MlsError("sender_type", "an external sender`,
      },
    ],
    tests: ["packages/mls/test/negative/outsiders.test.ts"],
  },
  {
    name: "public-application",
    without: "messages in the clear are not taken",
    edits: [
      {
        file: `${mls}/group/incoming-message.ts`,
        text: 'check(framed.content.type !== "application", "public_application", "application data that is not encrypted")',
        replacement: "",
      },
      {
        file: `${mls}/group/incoming-message.ts`,
        text: 'if (framed.content.type !== "proposal") throw new MlsError("public_application", "application data that is not encrypted")',
        replacement: `if (framed.content.type !== "proposal")
    return { kind: "application", plaintext: framed.content.data, authenticatedData: framed.authenticatedData, sender: publicSender(group, message), epoch: framed.epoch, change: { state: group, writes: [] } }`,
      },
    ],
    tests: ["packages/mls/test/negative/framing.test.ts"],
  },
  {
    name: "unreadable-commit",
    without: "a commit that does not open stops the group and is told",
    edits: [
      {
        file: `${client}/receiving/commit.ts`,
        text: "return await refuseCommit(parts, tx, arrival, { code: opened.code, accused, evidence, leafIndex })",
        replacement: "return",
      },
    ],
    fails: ["commit-wrecking", "insider-unremovable", "wrecker-comes-back"],
  },
  {
    name: "unreadable-message",
    without: "a message that does not open is shown as such",
    edits: [
      {
        file: `${client}/receiving/body.ts`,
        text: "      await keepUnreadable(this.#parts, tx, arrival, error.code)\n      if (await isLost(",
        replacement: "      if (await isLost(",
      },
    ],
    fails: ["altered"],
    tests: ["sim/hostile-member/unreadable-posts.test.ts"],
  },
  {
    name: "kept-keys-of-that-age",
    without: "a passed key opens nothing after seven days",
    edits: [
      {
        file: `${mls}/secrets/secret-tree.ts`,
        text: "if (kept === undefined || key === undefined || isOld(key.keptMs, timeMs))",
        replacement: "if (kept === undefined || key === undefined)",
      },
    ],
    tests: ["packages/mls/src/group/kept-keys.test.ts", "packages/mls/src/secrets/secret-tree.test.ts"],
  },
  {
    name: "kept-keys-erased",
    without: "passed keys are erased after seven days",
    edits: [
      {
        file: `${mls}/secrets/secret-tree.ts`,
        text: "if (isOld(key.keptMs, timeMs)) rest.delete(generation)",
        replacement: "if (Number.isNaN(timeMs)) rest.delete(generation)",
      },
    ],
    tests: ["packages/mls/src/group/kept-keys.test.ts"],
  },
  {
    name: "past-epochs-erased",
    without: "passed epochs are erased after seven days",
    edits: [
      {
        file: `${mls}/group/kept-keys.ts`,
        text: "if (isOld(epoch.passedMs, env.timeMs)) {",
        replacement: "if (Number.isNaN(env.timeMs)) {",
      },
    ],
    tests: ["packages/mls/src/group/kept-keys.test.ts"],
  },
  {
    name: "private-use-capabilities",
    without: "a proposal for private use is one that every member understands",
    edits: [
      {
        file: `${mls}/group/proposal-list.ts`,
        text: '      check(leaf.capabilities.proposals.includes(type), "proposal_unsupported", "a proposal that a member does not understand")',
        replacement: "      void leaf, type",
      },
    ],
    tests: ["packages/mls/test/negative/private-use.test.ts"],
  },
  {
    name: "private-use-reference",
    without: "a proposal for private use comes only inside a commit",
    edits: [
      {
        file: `${mls}/group/incoming-message.ts`,
        text: '  check(proposal.type !== "private_use", "private_use_reference", "a proposal for private use outside a commit")\n',
        replacement: "",
      },
    ],
    tests: ["packages/mls/test/negative/private-use.test.ts"],
  },
  {
    name: "own-leaf-extensions",
    without: "the own leaf gets only extensions that its capabilities list",
    edits: [{ file: `${mls}/group/own-commit.ts`, text: "  checkLeafExtensions(leaf)\n", replacement: "" }],
    tests: ["packages/mls/test/negative/private-use.test.ts"],
  },
]
