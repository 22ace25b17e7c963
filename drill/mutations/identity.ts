// Who somebody is: accounts and devices against the log, handles, KeyPackages.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"
const keylog = "packages/keylog/src"

export const identityMutations: readonly Mutation[] = [
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
]
