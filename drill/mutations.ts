// One check of the client at a time, taken out: which rows of the drill then fail. A row that fails under no mutation proves nothing.

export interface Edit {
  /** From the root of the repository. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly text: string
  readonly replacement: string
}

export interface Mutation {
  readonly name: string
  /** The check that is missing, in words. */
  readonly without: string
  /** More than one only where one check stands in more than one place. */
  readonly edits: readonly Edit[]
  /** Names of exactly the attacks whose rows then fail. */
  readonly fails: readonly string[]
}

const mls = "packages/mls/src"
const client = "packages/client/src"
const keylog = "packages/keylog/src"

const groups: readonly Mutation[] = [
  {
    name: "encryption",
    without: "content is encrypted",
    edits: [
      {
        file: `${mls}/private-message.ts`,
        text: "suite.seal(sealing.key.key, nonce, aad, content)",
        replacement: "new Uint8Array([...content, ...new Uint8Array(16)])",
      },
      {
        file: `${mls}/private-message.ts`,
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
      "altered",
      "mailbox-injected",
      "mailbox-injected-told",
      "ghost-hard-reset",
      "revoked-leaf",
    ],
  },
  {
    name: "account-signature",
    without: "a device of the version before signs an update of its account (A12)",
    edits: [
      {
        file: `${keylog}/account-chain.ts`,
        text: 'rule(vouchers > 0, "account_unsigned", "no device of the version before signed")',
        replacement: "void vouchers",
      },
    ],
    fails: ["ghost-unsigned"],
  },
  {
    name: "kept-device-key",
    without: "a device that stays keeps its key (A10)",
    edits: [
      {
        file: `${keylog}/account-chain.ts`,
        text: 'rule(equal(old.signatureKey, device.signatureKey), "account_device_changed", "key of a kept device")',
        replacement: "",
      },
    ],
    fails: ["key-swap"],
  },
  {
    name: "leaf-in-log",
    without: "a leaf's key is that of its device in the log",
    edits: [
      {
        file: `${client}/trust.ts`,
        text: "const listed = account !== undefined && lists(account, member)",
        replacement: "const listed = account !== undefined",
      },
    ],
    fails: ["insider-add-other", "insider-add-own", "welcome-with-ghost", "welcome-with-own-ghost"],
  },
  {
    name: "own-leaf",
    without: "a leaf of the own account is compared with the own device list",
    edits: [
      {
        file: `${client}/trust.ts`,
        text: 'return listed ? { status: "trusted" } : untrusted("unknown_own_device")',
        replacement: 'return { status: "trusted" }',
      },
    ],
    fails: ["insider-add-own", "welcome-with-own-ghost"],
  },
  {
    name: "claimed-key",
    without: "a KeyPackage that was handed out is compared with its account, alone and in the commit",
    edits: [
      {
        file: `${client}/commit-builder.ts`,
        text: "if (!genuine) throw new ClientError(",
        replacement: "if (false) throw new ClientError(",
      },
      { file: `${client}/commit-builder.ts`, text: "    await this.#check(state, own)\n", replacement: "" },
    ],
    fails: ["key-package-substitution", "classical-key-package"],
  },
  {
    name: "policy-admins",
    without: "roles and rules are changed by admins only (P11)",
    edits: [{ file: `${client}/policy-check.ts`, text: 'if (!admin && !samePolicy(undescribed, forced)) return "P11"', replacement: "" }],
    fails: ["insider-policy"],
  },
  {
    name: "policy-reinit",
    without: "no re-initialisation (P3)",
    edits: [{ file: `${client}/policy-check.ts`, text: 'if (type === "psk" || type === "reinit") return "P3"', replacement: "" }],
    fails: ["insider-reinit"],
  },
  {
    name: "external-commits",
    without: "external commits are not taken",
    edits: [
      {
        file: `${mls}/incoming-message.ts`,
        text: 'check(group.options.externalCommits, "external_commit_refused", "this group takes no external commits")',
        replacement: "",
      },
    ],
    fails: ["external-commit"],
  },
  {
    name: "external-senders",
    without: "proposals from outside are not taken",
    edits: [
      {
        file: `${mls}/incoming-message.ts`,
        text: `      check(group.options.externalProposals, "external_proposal_refused", "this group takes no proposals from outside")
      if (content.type !== "proposal") throw new MlsError("sender_type", "an external sender`,
        replacement: `      if (content.type !== "proposal") throw new MlsError("sender_type", "an external sender`,
      },
    ],
    fails: ["external-sender"],
  },
  {
    name: "public-application",
    without: "messages in the clear are not taken",
    edits: [
      {
        file: `${mls}/incoming-message.ts`,
        text: 'check(framed.content.type !== "application", "public_application", "application data that is not encrypted")',
        replacement: "",
      },
    ],
    fails: ["unencrypted-message"],
  },
  {
    name: "unreadable-commit",
    without: "a commit that does not open stops the group and is told",
    edits: [
      {
        file: `${client}/intake.ts`,
        text: "? await this.#halt(turn, input, { by: undefined, code: error.code })",
        replacement: "? undefined",
      },
    ],
    fails: ["forged-add", "external-commit"],
  },
  {
    name: "unreadable-message",
    without: "a message that does not open is shown as such",
    edits: [
      { file: `${client}/intake.ts`, text: ": await this.#keepWaiting(turn, group, record, error.code)", replacement: ": undefined" },
    ],
    fails: ["external-sender", "unencrypted-message", "altered"],
  },
]

const delivery: readonly Mutation[] = [
  {
    name: "history-chain",
    without: "members compare the chain of the group's history",
    edits: [
      { file: `${client}/intake.ts`, text: 'if (forked) await this.#mismatch(turn, group, record, "fork")', replacement: "" },
      {
        file: `${client}/content-intake.ts`,
        text: 'if (forked) await this.#commits.historyMismatch(turn, group, record, "fork")',
        replacement: "",
      },
    ],
    fails: ["replayed", "dropped-renumbered", "reordered"],
  },
  {
    name: "history-gap",
    without: "orders have no gaps",
    edits: [
      {
        file: `${client}/intake.ts`,
        text: 'if (record.order !== group.lastOrder + 1) await this.#mismatch(turn, group, record, "gap")',
        replacement: "",
      },
    ],
    fails: ["dropped"],
  },
  {
    name: "order-once",
    without: "a place of the history is taken once",
    edits: [{ file: `${client}/intake.ts`, text: " || record.order <= group.lastOrder) return", replacement: ") return" }],
    fails: ["duplicated"],
  },
  {
    name: "fanout",
    without: "the delivery list is compared with the tree",
    edits: [
      {
        file: `${client}/commit-application.ts`,
        text: "if (equal(this.#kernel.crypto.sha256(concat(...mailboxes)), record.fanout)) return",
        replacement: "if (mailboxes) return",
      },
    ],
    fails: ["mailbox-injected-told"],
  },
  {
    name: "welcome-live-group",
    without: "a Welcome replaces no group that the device lives in",
    edits: [
      {
        file: `${client}/joining.ts`,
        text: 'if (present && present.status !== "left") return this.#refuse(turn, "live_group", signer, present.chatId)',
        replacement: "",
      },
    ],
    fails: ["welcome-replayed"],
  },
  {
    name: "welcome-epoch",
    without: "a Welcome leads forward",
    edits: [
      {
        file: `${client}/joining.ts`,
        text: 'if (present && opened.staged.epoch <= BigInt(present.epoch)) return this.#refuse(turn, "old_epoch")',
        replacement: "",
      },
    ],
    fails: ["welcome-replayed-after-leaving"],
  },
]

const log: readonly Mutation[] = [
  {
    name: "reset-hold",
    without: "devices of a hard reset are held for a day",
    edits: [
      {
        file: `${client}/trust.ts`,
        text: "return contact?.verifiedMs !== undefined && contact.verifiedResets === account.state.resetCount ? undefined : untilMs",
        replacement: "return undefined",
      },
    ],
    // In the split view that nobody finds, Alice's device tries to let the ghost in at once, and she is told that it could not.
    fails: ["ghost-hard-reset", "split-view-unfound"],
  },
  {
    name: "own-account-replaced",
    without: "a device is told when its account was started over without it",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: "await this.#alarm(turn, mine, unknown)",
        replacement: "if (findDevice((unknown.at(-1) ?? mine).state, this.#parts.own.deviceId)) await this.#alarm(turn, mine, unknown)",
      },
    ],
    fails: ["ghost-hard-reset", "ghost-hard-reset-waiting"],
  },
  {
    name: "possession",
    without: "a new device signs the state that adds it (A13)",
    edits: [
      {
        file: `${keylog}/account-chain.ts`,
        text: 'rule(byNew.size === 0, "account_no_possession", "a new device did not sign")',
        replacement: "",
      },
    ],
    fails: ["swap-and-back"],
  },
  {
    name: "own-state",
    without: "the own account in the log is the one that this device made",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: 'if (same && !equal(same.stateHash, mine.stateHash)) throw new KeylogError("value_changed", "another own account than this device made")',
        replacement: "",
      },
    ],
    fails: ["false-genesis"],
  },
  {
    name: "own-handle",
    without: "the own handle leads to the own account",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: 'if (!equal(accountId, this.#parts.own.accountId)) throw new KeylogError("handle_account", "the own handle is another\'s")',
        replacement: "",
      },
    ],
    fails: ["handle-remapped"],
  },
  {
    name: "erased-living",
    without: "what is erased is an ended account (S5)",
    edits: [
      {
        file: `${keylog}/search-verify.ts`,
        text: 'rule(state.kind === "tombstone", "erased_living", "the states of an account that lives on")',
        replacement: "",
      },
    ],
    fails: ["living-erased"],
  },
  {
    name: "own-end",
    without: "an end of the own account that no known device made is told",
    edits: [
      {
        file: `${client}/transparency/own-account.ts`,
        text: "await this.#alarmEnd(turn, [])",
        replacement: "",
      },
    ],
    fails: ["ended-behind-owner"],
  },
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
  {
    name: "revoked-leaves",
    without: "leaves are checked again with newer heads",
    edits: [
      {
        file: `${client}/transparency/leaf-check.ts`,
        text: "    await this.removeRevoked()\n    await this.#letBackIn()",
        replacement: "    await this.#letBackIn()",
      },
    ],
    // The ghost of a reset is let in only in the place of a leaf that was removed; so it stays out as well.
    fails: ["revoked-leaf", "ghost-hard-reset-waiting", "swap-and-back"],
  },
  {
    name: "claimed-bytes",
    without: "what is no KeyPackage is refused as such",
    edits: [
      {
        file: `${client}/commit-builder.ts`,
        text: 'if (error instanceof MlsError || error instanceof CodecError)\n        throw new ClientError("identity_untrusted", "The server gave something',
        replacement: 'if (error === undefined)\n        throw new ClientError("identity_untrusted", "The server gave something',
      },
    ],
    fails: ["garbage-key-package"],
  },
]

export const mutations: readonly Mutation[] = [...groups, ...delivery, ...log]
