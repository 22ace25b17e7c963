// What a device keeps, and when it lets go: its history of a group, its mailbox, its KeyPackages, notices of the operator, and what stays
// behind when an account has ended.

import type { Edit, Mutation } from "./mutation.ts"

const client = "packages/client/src"
const edit = (file: string, text: string, replacement = ""): readonly Edit[] => [{ file: `${client}/${file}.ts`, text, replacement }]

export const keepingMutations: readonly Mutation[] = [
  {
    name: "store-older",
    without: "a store whose groups have no seats is refused",
    edits: edit(
      "store/schema",
      'if (version > 0 && version < firstVersion) throw new ClientError("store_older", storeTexts.older)',
      "void firstVersion",
    ),
    tests: ["sim/older-store/older-store.test.ts"],
  },
  {
    name: "history-claims-compared",
    without: "a claim that waited is compared with the bodies that came",
    edits: edit(
      "group/history/history",
      "return claims.filter((claim) => chain !== undefined && !equal(claim.chain, chain)).map(({ accountId }) => accountId)",
      "return claims.filter(() => false).map(({ accountId }) => accountId)",
    ),
    tests: [`${client}/group/history/history.test.ts`],
  },
  {
    name: "history-seen-compared",
    without: "what a member says it has seen is compared with what came here",
    edits: edit(
      "group/history/history",
      "if (own.chain) return { forked: !equal(own.chain, seen.chain) }",
      "if (own.chain) return { forked: false }",
    ),
    tests: [`${client}/group/history/history.test.ts`],
  },
  {
    name: "history-adopted",
    without: "what a joiner is told agrees with what it was told before",
    edits: edit("group/history/history", "if (!equal(row.chain, chain)) return { forked: true }"),
    tests: [`${client}/group/history/history.test.ts`],
  },
  {
    name: "history-one-claim",
    without: "a member has one claim waiting",
    edits: edit("store/group/history", 'tx.write("DELETE FROM history_claim WHERE group_id = ? AND account_id = ?", groupId, accountId)'),
    tests: [`${client}/group/history/history.test.ts`],
  },
  {
    name: "history-bounded",
    without: "4,096 places of a history are kept",
    edits: edit("group/history/history", "if (order % 256 === 0) deleteHistoryBefore(tx, groupId, order - keptOrders)"),
    tests: [`${client}/group/history/history.test.ts`],
  },
  {
    name: "waits-behind",
    without: "what comes for a group waits behind what already waits there",
    edits: edit("receiving/batch-intake", "if (waits) this.#undecided", "if (false as boolean) this.#undecided"),
    tests: [`${client}/receiving/reading.test.ts`],
  },
  {
    name: "cursor-stored",
    without: "the cursor is stored with the record",
    edits: edit("receiving/batch-intake", "          at++\n        }\n        saveCursors(tx, batch)\n", "          at++\n        }\n"),
    tests: [`${client}/receiving/reading.test.ts`],
  },
  {
    name: "key-packages-compared",
    without: "the KeyPackages at the server are those that were left there",
    edits: edit(
      "group/join/key-packages",
      "return held.oneTimeCount <= oneTime.length && equal(expected, held.digest)",
      "void [held, expected]\n  return true",
    ),
    tests: [`${client}/group/join/key-packages.test.ts`],
  },
  {
    name: "key-packages-told-once",
    without: "it is told once a day that they are not",
    edits: edit("group/join/key-packages", "if (!isTold && !(await holdsOurs", "void isTold\n  if (!(await holdsOurs"),
    tests: [`${client}/group/join/key-packages.test.ts`],
  },
  {
    name: "key-packages-still-compared",
    without: "a server that holds others after it was given new ones is told of",
    edits: edit("group/join/key-packages", "if (await holdsOurs(parts, await session.call(keyPackageDigest, {}))) return", "return"),
    tests: [`${client}/group/join/key-packages.test.ts`],
  },
  {
    name: "key-packages-renewed",
    without: "a KeyPackage of the last resort is renewed after 60 days",
    edits: edit("group/join/key-packages", "afterMs: nowMs - renewAfterMs,", "afterMs: 0,"),
    tests: [`${client}/group/commit/commit-builder.test.ts`],
  },
  {
    name: "key-packages-last-secret",
    without: "the secret of an old KeyPackage goes when nobody can be introduced with it any more",
    edits: edit(
      "group/join/key-packages",
      "deleteKeyPackages(tx, { createdBeforeMs: nowMs - lifetimeS * 1000 - keepAfterEndMs })",
      "void keepAfterEndMs",
    ),
    tests: [`${client}/group/commit/commit-builder.test.ts`],
  },
  {
    name: "end-of-drafts",
    without: "drafts go when the account has ended",
    edits: edit("store/trust/own-account-end", "UPDATE chat SET state = 'left', draft = ''", "UPDATE chat SET state = 'left'"),
    tests: [`${client}/trust/account/account-end.test.ts`],
  },
  {
    name: "end-of-secrets",
    without: "secrets and what waits go when the account has ended",
    edits: edit("store/trust/own-account-end", "for (const table of spent) tx.write(`DELETE FROM ${table}`)", "void spent"),
    tests: [`${client}/trust/account/account-end.test.ts`],
  },
  {
    name: "end-of-key",
    without: "the signing key goes when the account has ended",
    edits: edit("store/device", "registration = NULL, signature_seed = zeroblob(0)", "registration = NULL"),
    tests: [`${client}/trust/account/account-end.test.ts`],
  },
  {
    name: "end-is-own",
    without: "the end of the own account is the one that was signed here",
    edits: edit(
      "trust/account/account-end",
      "return signed !== undefined && equal(signed, tombstone.signed)",
      "return signed !== undefined",
    ),
    tests: [`${client}/trust/account/account-end.test.ts`],
  },
  {
    name: "notices-bounded",
    without: "at most a thousand notices of the operator are kept",
    edits: edit("trust/operator/operator-notices", "fresh.slice(0, Math.max(0, keptMax - kept.length + gone.length))", "fresh"),
    tests: [`${client}/trust/operator/operator-notices.test.ts`],
  },
  {
    name: "notices-unread",
    without: "a notice that was not read is not pushed out",
    edits: edit("trust/operator/operator-notices", "acknowledgedMs !== undefined && !received", "!received"),
    tests: [`${client}/trust/operator/operator-notices.test.ts`],
  },
  {
    name: "notices-same",
    without: "the same notice again is the same one",
    edits: edit("trust/operator/operator-notices", "[...received].filter(([name]) => !known.has(name))", "[...received]"),
    tests: [`${client}/trust/operator/operator-notices.test.ts`],
  },
  {
    name: "waiting-before-joining",
    without: "what was sent before this device was let in is not shown as waiting",
    edits: edit("receiving/unreadable", "if (seen && seen.epoch < group.joinedEpoch) return"),
    tests: ["sim/world/world.test.ts"],
  },
  {
    name: "mimi-depth",
    without: "parts of content are not nested deeper than 8",
    edits: edit("content/mimi/content", 'if (at.depth > mimiLimits.depth) throw new CodecError("oversized", "nested parts too deep")'),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "mimi-parts",
    without: "content has at most 128 parts",
    edits: edit(
      "content/mimi/content",
      'if (at.budget.parts-- === 0) throw new CodecError("oversized", `more than ${mimiLimits.parts} parts`)',
    ),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "mimi-multipart",
    without: "content of several parts has several",
    edits: edit("content/mimi/content", " || parts.length < 2"),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "mimi-extensions",
    without: "content has a bounded number of extensions",
    edits: edit("content/mimi/content", 'if (value.size > mimiLimits.extensions) throw new CodecError("oversized", "extensions")'),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "mimi-extension-name",
    without: "an extension's name has 1 to 255 bytes",
    edits: edit("content/mimi/content", " || size < 1 || size > 255"),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "mimi-sizes",
    without: "salts and message ids have their lengths",
    edits: edit("content/mimi/content", "if (out.length !== sizeBytes) throw invalid(what)"),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
  {
    name: "mimi-numbers",
    without: "numbers of content are whole and in their range",
    edits: edit("content/mimi/content", " || !Number.isInteger(value) || value < 0 || value > max"),
    tests: [`${client}/content/mimi/mimi.test.ts`],
  },
]
