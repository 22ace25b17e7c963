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
        file: `${client}/trust/account/own-account-changes.ts`,
        text: 'if (!account || !equal(account.account.signed, made.next)) throw new KeylogError("value_changed", "the log holds another version")',
        replacement: "if (!account) return",
      },
    ],
    fails: ["omitted-update"],
  },
  {
    name: "gossip",
    without: "checkpoints that come with messages are compared",
    edits: [
      {
        file: `${client}/content/content-intake.ts`,
        text: "await watch.heard(tx, { deviceId: sender.deviceId, note: payload.logNote })",
        replacement: "void watch",
      },
    ],
    fails: ["split-view-gossip", "stale-head"],
  },
  {
    name: "gossip-signature",
    without: "gossip is signed by the log's key (N3, N4)",
    edits: [
      {
        file: `${keylog}/compare/gossip.ts`,
        text: "return verifyCheckpoint(crypto, { note, key: keyOf(crypto, mine) })",
        replacement: "void verifyCheckpoint, crypto, mine\n  return { ...parseCheckpoint(parseNote(note).text), note: parseNote(note) }",
      },
      {
        file: `${keylog}/compare/gossip.ts`,
        text: "import { type VerifiedCheckpoint, verifyCheckpoint } from",
        replacement: "import { parseCheckpoint, type VerifiedCheckpoint, verifyCheckpoint } from",
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "gossip-bounds",
    without: "gossip has one signature and a greatest size (N1)",
    edits: [
      {
        file: `${keylog}/compare/gossip.ts`,
        text: 'rule(note.length <= maxGossipNoteBytes, "note_malformed", "gossip too long")',
        replacement: "",
      },
      {
        file: `${keylog}/compare/gossip.ts`,
        text: 'rule(parseNote(note).signatures.length === 1, "note_malformed", "one signature, the log\'s")',
        replacement: "",
      },
    ],
    tests: ["packages/keylog/src/compare/gossip.test.ts"],
  },
  {
    name: "gossip-allowance",
    without: "so many signatures are checked for one device in an hour",
    edits: [
      {
        file: `${client}/trust/log/gossip-check.ts`,
        text: "if (!this.#notes.take(deviceId, clock.nowMs())) return drop(tx)",
        replacement: "",
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "gossip-often",
    without: "a group is told of the log once in ten minutes",
    edits: [
      {
        file: `${client}/trust/log/gossip-sending.ts`,
        text: " || Math.abs(nowMs - sent.sentMs) < againAfterMs)",
        replacement: ")",
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "gossip-known",
    without: "two notes of one size are compared with each other",
    edits: [
      {
        file: `${client}/trust/log/gossip-check.ts`,
        text: "    if (ours) {",
        replacement: "    if (ours === undefined && heard === undefined) {",
      },
    ],
    tests: ["sim/transparency/attacks.test.ts"],
  },
  {
    name: "gossip-of-strangers",
    without: "what a stranger says of the log is not taken in",
    edits: [
      {
        file: `${client}/content/content-intake.ts`,
        text: 'payload.logNote && (this.#isOwn(sender) || chat.state !== "request")',
        replacement: "payload.logNote",
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "stop-of-each-alarm",
    without: "each alarm has a stop of its own",
    edits: [
      {
        file: `${client}/store/trust/distrust.ts`,
        text: 'tx.write("INSERT OR IGNORE INTO sending_stop',
        replacement: 'tx.write("DELETE FROM sending_stop")\n    tx.write("INSERT OR IGNORE INTO sending_stop',
      },
    ],
    tests: ["sim/transparency/attacks.test.ts"],
  },
  {
    name: "evidence-path",
    without: "the path of an inconsistency leads to the larger root (G3)",
    edits: [
      {
        file: `${keylog}/audit/evidence.ts`,
        text: 'rule(equal(shown.newer, newer.root), "evidence_proves_nothing", "a path of another tree")',
        replacement: "",
      },
    ],
    tests: ["packages/keylog/src/audit/auditor.test.ts"],
  },
  {
    name: "evidence-prefix",
    without: "the larger tree of an inconsistency begins otherwise (G3)",
    edits: [
      {
        file: `${keylog}/audit/evidence.ts`,
        text: 'rule(!equal(shown.older, older.root), "evidence_proves_nothing", "the newer log begins with the older")',
        replacement: "",
      },
    ],
    tests: ["packages/keylog/src/audit/auditor.test.ts"],
  },
  {
    name: "log-still",
    without: "a log that does not grow is told of and closed",
    edits: [
      {
        file: `${client}/trust/log/key-log.ts`,
        text: "return head ? await headAgeMs(",
        replacement: "return head && crypto === undefined ? await headAgeMs(",
      },
      {
        file: `${client}/trust/log/key-log.ts`,
        text: "    const { clock, session } = this.#parts\n    const head = this.#stored?.head",
        replacement: "    const { clock, session, crypto } = this.#parts\n    const head = this.#stored?.head",
      },
    ],
    fails: ["frozen-log", "frozen-log-ahead", "frozen-log-slow"],
  },
  {
    name: "log-watched",
    without: "how long a device has looked at one head counts",
    edits: [
      {
        file: `${client}/trust/log/log-health.ts`,
        text: "health?.size === head.size ? health.watchedMs : 0",
        replacement: "health?.size === head.size ? 0 : 0",
      },
    ],
    fails: ["frozen-log-ahead", "frozen-log-slow"],
  },
  {
    name: "log-closed",
    without: "nobody is found in a log that stands still",
    edits: [{ file: `${client}/trust/contact/account-lookup.ts`, text: "    await keyLog.refuseStill()\n", replacement: "" }],
    tests: ["sim/transparency/clocks.test.ts"],
  },
  {
    name: "log-closed-leaves",
    without: "no leaf is let in by a log that stands still",
    edits: [
      {
        file: `${client}/trust/device/leaf-judgement.ts`,
        text: "newcomer && (await facts.keyLog.isClosed())",
        replacement: "newcomer && facts === undefined",
      },
    ],
    tests: ["sim/transparency/clocks.test.ts"],
  },
  {
    name: "log-date-when-clocks-agree",
    without: "the date of a head counts only while the clocks agree",
    edits: [
      {
        file: `${client}/trust/log/log-health.ts`,
        text: "agree(serverAheadMs) ? nowMs - head.epochTimeMs : 0",
        replacement: "nowMs - head.epochTimeMs",
      },
    ],
    tests: ["sim/transparency/clocks.test.ts"],
  },
  {
    name: "log-stretch",
    without: "a stretch between two looks counts half a day at most",
    edits: [
      {
        file: `${client}/trust/log/log-health.ts`,
        text: "Math.min(stretchMs, Math.max(0, nowMs - before.lookedMs))",
        replacement: "nowMs - before.lookedMs",
      },
    ],
    tests: ["sim/transparency/clocks.test.ts"],
  },
  {
    name: "epoch-ahead",
    without: "an epoch is at most 31 days ahead (E4)",
    edits: [
      {
        file: `${keylog}/checkpoint/head.ts`,
        text: 'rule(epoch.timeMs <= nowMs + maxEpochAheadMs, "epoch_future", "time of the epoch")',
        replacement: "void maxEpochAheadMs",
      },
    ],
    tests: ["packages/keylog/src/checkpoint/head.test.ts"],
  },
  {
    name: "lifetime-is-no-fraud",
    without: "a KeyPackage that is not valid now is nobody's fault but a clock's",
    edits: [
      {
        file: `${client}/group/commit/claimed-devices.ts`,
        text: 'error instanceof MlsError && error.code === "leaf_lifetime"',
        replacement: 'error instanceof MlsError && error.code === "oversized"',
      },
    ],
    tests: ["packages/client/src/group/commit/commit-builder.test.ts"],
  },
  {
    name: "scanned-head",
    without: "the head of a scanned code is compared",
    edits: [
      {
        file: `${client}/trust/contact/safety-check.ts`,
        text: "log = await this.#compareHeads(accountId, { size: Number(code.size), root: code.root })",
        replacement: 'log = "same"',
      },
    ],
    fails: ["split-view-qr"],
  },
  {
    name: "audited-root",
    without: "an auditor compares a checkpoint with what it replayed",
    edits: [
      {
        file: `${keylog}/audit/auditor.ts`,
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
        file: `${keylog}/checkpoint/witness-policy.ts`,
        text: 'rule(false, "witness_quorum", `${witnesses.length} of ${policy.quorum} witnesses`)',
        replacement: "void witnesses",
      },
    ],
    fails: ["split-view-witnessed"],
  },
  {
    name: "tree-grows",
    without: "a log never shrinks (T2)",
    edits: [
      { file: `${keylog}/tree/tree-hash.ts`, text: 'rule(newer.size >= older.size, "tree_smaller", "the tree shrank")', replacement: "" },
    ],
    fails: ["rollback"],
  },
  {
    name: "commitment",
    without: "a value is the one that the map commits to (M4)",
    edits: [
      {
        file: `${keylog}/map/commitment.ts`,
        text: 'rule(equal(commitment(crypto, input), input.commitment), "commitment", "does not open to this value")',
        replacement: "",
      },
    ],
    fails: ["two-openings"],
  },
  {
    name: "platform-coordinate",
    without: "a coordinate that the platform's X25519 gives is checked",
    edits: [{ file: `${keylog}/map/curve-multiplier.ts`, text: "  found.assertValidity()\n", replacement: "" }],
    tests: ["packages/keylog/src/map/curve-multiplier.test.ts"],
  },
  {
    name: "platform-verdict",
    without: "the platform's X25519 confirms a proof only if the challenge holds",
    edits: [
      {
        file: `${keylog}/map/vrf.ts`,
        text: "platformConfirms(x25519, { h, s, cY: timesC(y), cGamma: timesC(gamma) }, holds)",
        replacement: "platformConfirms(x25519, { h, s, cY: timesC(y), cGamma: timesC(gamma) }, () => true)",
      },
    ],
    tests: ["packages/keylog/src/map/vrf.test.ts"],
  },
  {
    name: "log-unknown-is-out",
    without: "a device that the server says it does not know, and that its account lists, is told that the log could not be checked",
    edits: [
      {
        file: `${client}/trust/watch.ts`,
        text: "if (isOut) this.#trouble.over()",
        replacement: "void isOut\n      if (true as boolean) this.#trouble.over()",
      },
    ],
    tests: ["sim/transparency/out-of-the-account.test.ts"],
  },
]
