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
        file: `${keylog}/account/account-chain.ts`,
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
        file: `${keylog}/account/account-chain.ts`,
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
        file: `${keylog}/account/account-chain.ts`,
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
        file: `${client}/trust/device/leaf-judgement.ts`,
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
        file: `${client}/trust/device/leaf-judgement.ts`,
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
        file: `${client}/group/commit/claimed-devices.ts`,
        text: "if (!isGenuine) throw new ClientError(",
        replacement: "if (false) throw new ClientError(",
      },
      { file: `${client}/group/commit/commit-builder.ts`, text: "    await this.#check(group, own.staged)\n", replacement: "" },
    ],
    fails: ["key-package-substitution", "classical-key-package"],
  },
  {
    name: "claimed-bytes",
    without: "what is no KeyPackage is refused as such",
    edits: [
      {
        file: `${client}/group/commit/claimed-devices.ts`,
        text: 'if (error instanceof MlsError || error instanceof CodecError)\n      throw new ClientError("identity_untrusted", groupTexts.noKey',
        replacement: 'if (error === undefined)\n      throw new ClientError("identity_untrusted", groupTexts.noKey',
      },
    ],
    fails: ["garbage-key-package"],
  },
  {
    name: "own-state",
    without: "the own account in the log is the one that this device made",
    edits: [
      {
        file: `${client}/trust/account/own-account-check.ts`,
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
        file: `${client}/trust/account/own-account-check.ts`,
        text: 'if (!equal(accountId, this.#parts.own.accountId)) throw new KeylogError("handle_account", "the own handle is another\'s")',
        replacement: "",
      },
    ],
    fails: ["handle-remapped"],
  },
  {
    name: "handle-claim",
    without: "what the server says of an account's handle is put to the log (H5)",
    edits: [
      {
        file: `${client}/trust/name/handle-proof.ts`,
        text: "if (claimed && accountId) verifyHandleClaim(lookups, { handle, accountId })",
        replacement: "void verifyHandleClaim",
      },
    ],
    fails: ["handle-of-another", "handle-of-nobody"],
    tests: [`${client}/trust/name/handle-proof.test.ts`],
  },
  {
    name: "handle-claim-of-another",
    without: "a handle that the log binds to another account is not the one's that the server names (H5)",
    edits: [
      {
        file: `${keylog}/search/handle-claim.ts`,
        text: 'rule(equal(found.binding.accountId, claim.accountId), "handle_claim", "the handle of another account")',
        replacement: "void found",
      },
    ],
    tests: [`${keylog}/search/search-verify.test.ts`],
  },
  {
    name: "handle-claim-of-nobody",
    without: "a living account has no handle that the log binds to nobody (H5)",
    edits: [{ file: `${keylog}/search/handle-claim.ts`, text: "rule(!lives,", replacement: "rule(true || lives," }],
    tests: [`${keylog}/search/search-verify.test.ts`],
  },
  {
    name: "known-handle",
    without: "a known handle stays with its account",
    edits: [
      {
        file: `${client}/trust/name/handle-proof.ts`,
        text: 'if (accountId && !equal(accountId, bound)) throw new KeylogError("handle_account", "the handle of another account")',
        replacement: "void equal",
      },
    ],
    tests: [`${client}/trust/name/handle-proof.test.ts`],
  },
  {
    name: "one-handle",
    without: "an account has one handle",
    edits: [
      {
        file: `${client}/trust/name/handle-proof.ts`,
        text: 'if (known !== undefined && known !== handle) throw new KeylogError("handle_account", "an account with two handles")',
        replacement: "void known",
      },
    ],
    tests: [`${client}/trust/name/handle-proof.test.ts`],
  },
  {
    name: "told-handle",
    without: "a handle counts as a try unless the account that it leads to was asked for with it",
    edits: [
      {
        file: `${keylog}/search/search-verify.ts`,
        text: "return labels.filter(({ label }) => label[0] === 0x02).length - told.length",
        replacement: "return told.length * 0",
      },
    ],
    tests: [`${keylog}/search/search-verify.test.ts`],
  },
  {
    name: "same-name",
    without: "a name that another person here has too is shown with the handle or the mark",
    edits: [{ file: `${client}/view/people.ts`, text: "row[`${as}_namesake`] === 1 || ", replacement: "" }],
    fails: ["handle-withheld"],
  },
  {
    name: "same-name-in-sentences",
    without: "the same in a sentence about that person",
    edits: [
      {
        file: `${client}/trust/name/called.ts`,
        text: "return await hasLikeName(reader, alike, { except: accountId })",
        replacement: "return false",
      },
    ],
    tests: [`${client}/view/views.test.ts`],
  },
  {
    name: "recovery-key",
    without: "a new account has a recovery key",
    edits: [{ file: `${client}/api/registration.ts`, text: "recoveryKey: recovery.publicKey", replacement: "recoveryKey: undefined" }],
    tests: ["sim/recovery-key.test.ts"],
  },
  {
    name: "recovery-signature",
    without: "a reset is signed by the recovery key if there is one (A16)",
    edits: [
      {
        file: `${keylog}/account/account-chain.ts`,
        text: "if (recoveryKey === undefined) {",
        replacement: "if (recoveryKey === undefined || recoverySignature === undefined) {",
      },
    ],
    fails: ["ghost-reset-with-key"],
    tests: [`${keylog}/account/account-chain.test.ts`],
  },
  {
    name: "recovery-key-kept",
    without: "an update neither replaces nor drops the recovery key (A18)",
    edits: [
      {
        file: `${keylog}/account/account-chain.ts`,
        text: 'rule(kept, "account_recovery_changed", "an update keeps the recovery key")',
        replacement: "void kept",
      },
    ],
    tests: [`${keylog}/account/account-chain.test.ts`],
  },
  {
    name: "recovery-key-dead",
    without: "a key that is not the account's any more is not exported",
    edits: [
      {
        file: `${client}/trust/account/recovery-key.ts`,
        text: "isRecoverySeedOf(crypto, account, seed) ? seed : undefined",
        replacement: "isRecoverySeedOf(crypto, account, seed) ? seed : seed",
      },
    ],
    tests: ["sim/recovery-key.test.ts"],
  },
  {
    name: "recovery-key-later",
    without: "an account from before recovery keys is given one",
    edits: [{ file: `${client}/trust/watch.ts`, text: "await this.account.giveRecoveryKey()", replacement: "" }],
    tests: ["sim/recovery-key.test.ts"],
  },
  {
    name: "recovery-update-own",
    without: "only the prepared version is the device's own",
    edits: [
      {
        file: `${client}/trust/account/own-account-check.ts`,
        text: "pending.some((signed) => signed && equal(first.signed, signed))",
        replacement: "pending.some((signed) => signed !== undefined)",
      },
    ],
    tests: ["sim/recovery-key.test.ts"],
  },
  {
    name: "hard-reset-stays",
    without: "a reset by a key that came with a hard reset ends no hold",
    edits: [
      {
        file: `${keylog}/account/account-chain.ts`,
        text: "return !now.hard && before?.hard === true ? before : now",
        replacement: "void before\n  return now",
      },
    ],
    fails: ["ghost-reset-twice"],
    tests: [`${keylog}/account/account-chain.test.ts`],
  },
  {
    name: "verified-hold",
    without: "the new devices of a verified person are held until the person says yes",
    edits: [
      {
        file: `${client}/trust/contact/account-holds.ts`,
        text: "if (isVerified && (contact.verifiedResets ?? 0) <",
        replacement: "if (!contact && (contact?.verifiedResets ?? 0) <",
      },
    ],
    fails: ["ghost-reset-verified"],
  },
  {
    name: "meant-once",
    without: "a word on the command line that means two people means nobody",
    edits: [
      {
        file: "packages/cli/src/reference.ts",
        text: 'if (another !== undefined) throw new CliError("ambiguous", `More',
        replacement: 'if (false) throw new CliError("ambiguous", `More',
      },
    ],
    tests: ["packages/cli/src/reference.test.ts"],
  },
]
