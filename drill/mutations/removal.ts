// Removing somebody, and leaving, fail closed; nobody is put out by whoever may not.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

export const removalMutations: readonly Mutation[] = [
  {
    name: "replacement",
    without: "a member replaces no leaf of another's device (P7, P9)",
    edits: [
      {
        file: `${client}/group/policy/policy-check.ts`,
        text: 'if (!equal(leaf.accountId, committer.accountId) && !allowed) return "P7"',
        replacement: "void allowed",
      },
      {
        file: `${client}/group/policy/policy-check.ts`,
        text: 'if (!proposedBySelf && !own && !byAdmin && !isRevoked(leaf)) return "P9"',
        replacement: "void [proposedBySelf, own, byAdmin, isRevoked]",
      },
    ],
    fails: ["insider-evict"],
    tests: ["packages/client/src/group/policy/policy-check.test.ts"],
  },
  {
    name: "removal-given-up",
    // Either alone keeps content back: the item, or what is known of the leaf.
    without: "a removal is tried again whatever the answer, and content waits for it",
    edits: [
      {
        file: `${client}/sending/removal.ts`,
        text: "return await this.#tryOn(group, item, error)",
        replacement:
          "return await this.#failures.usual(group, item, error, { giveUp: (tx, failure) => this.#failures.dropChange(tx, group, item, failure) })",
      },
      {
        file: `${client}/sending/outbox.ts`,
        text: 'if (kind.waits.forRemovals && (await this.#isHeldBack(group))) return { status: "more" }',
        replacement: "",
      },
    ],
    fails: ["removal-refused"],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-unanswered",
    without: "a removal that is not in after a while is told of",
    edits: [
      {
        file: `${client}/sending/removal.ts`,
        text: "this.#parts.jobs.schedule({ kind: overdueJob, key, inMs: doubledMs(item.attempts, patience) })",
        replacement: "",
      },
    ],
    fails: ["revoked-leaf"],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-lied-about",
    without: "a removal that the server says it took, and does not deliver, is asked for again",
    edits: [
      {
        file: `${client}/sending/outbox.ts`,
        text: 'if (item.status === "placed" && !insists) return { status: "idle" }',
        replacement: 'void insists; if (item.status === "placed") return { status: "idle" }',
      },
    ],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-called-stale",
    without: "a server that calls the epoch stale keeps no removal from being asked for again",
    edits: [
      {
        file: `${client}/sending/outbox.ts`,
        text: "if (kind.waits.forStops && this.#kinds.staleEpochs.isStale(group)) return",
        replacement: "if (this.#kinds.staleEpochs.isStale(group)) return",
      },
    ],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-from-facts",
    without: "a revoked leaf is found by what is known before content goes out, whatever is in the outbox",
    edits: [
      {
        file: `${client}/sending/outbox.ts`,
        text: 'if (kind.waits.forRemovals && (await this.#isHeldBack(group))) return { status: "more" }',
        replacement: "",
      },
    ],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-and-typing",
    without: "nobody who is to go hears that somebody is typing",
    edits: [
      {
        file: `${client}/chat/typing.ts`,
        text: "|| (await removals.isOutstanding(tx, state.groupId))) return undefined",
        replacement: ") return undefined",
      },
    ],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-and-stops",
    without: "nothing that stops content keeps a removal back",
    edits: [
      {
        file: `${client}/sending/outbox.ts`,
        text: "if (kind?.waits.forStops !== false && (await groupStop(reader, groupId)))",
        replacement: "if (await groupStop(reader, groupId))",
      },
    ],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "content-of-old-epoch",
    without: "what was encrypted and not placed when somebody went is encrypted anew",
    edits: [
      {
        file: `${client}/group/commit/commit-application.ts`,
        text: 'if (staged.removed.length > 0) requeueAll(tx, groupId, { kinds: ["content"], placed: false })',
        replacement: "",
      },
    ],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "removal-withdrawn",
    without: "a removal is taken back only by who may not remove any more",
    edits: [{ file: `${client}/group/action/remove-member.ts`, text: "if (!group || isAdmin(parts, group))", replacement: "if (!group)" }],
    tests: ["drill/removal.test.ts"],
  },
  {
    name: "renewal-by-time",
    without: "new keys come daily",
    edits: [
      {
        file: `${client}/sending/renewal-schedule.ts`,
        text: 'return Math.abs(nowMs - pathMs) >= ageMs(jitter) ? "time" : undefined',
        replacement: 'return Number.isNaN(nowMs + jitter) ? "time" : undefined',
      },
      {
        file: `${client}/sending/renewal-schedule.ts`,
        text: "return Math.max(nowMs, Math.min(pathMs, nowMs) + ageMs(jitter))",
        replacement: "return nowMs + dayMs",
      },
    ],
    fails: ["store-copied"],
    tests: ["packages/client/src/sending/renewal-schedule.test.ts", "drill/renewal.test.ts"],
  },
  {
    name: "renewal-at-first",
    without: "new keys come before the first thing that is sent after joining",
    edits: [
      {
        file: `${client}/sending/renewal-schedule.ts`,
        text: 'if (pathMs === undefined) return "first"',
        replacement: "if (pathMs === undefined) return undefined",
      },
    ],
    fails: ["store-copied", "store-copied-joining"],
    tests: ["packages/client/src/sending/renewal-schedule.test.ts", "drill/renewal.test.ts"],
  },
  {
    name: "renewal-before-content",
    without: "content waits for new keys that are due",
    edits: [
      {
        file: `${client}/sending/content.ts`,
        text: "if (await renewals.goesFirst(tx, group, { written })) return true\n",
        replacement: "",
      },
    ],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-by-count",
    without: "what was encrypted since the last new keys is counted",
    edits: [{ file: `${client}/sending/content.ts`, text: "renewals.count(tx, group.groupId, together.length)", replacement: "" }],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-while-reading",
    without: "a device that sends nothing renews in its turn",
    edits: [
      {
        file: `${client}/sending/renewals.ts`,
        text: "else if (!(await groupStop(tx, group.groupId)) && (await listCommits(tx, group.groupId)).length === 0) this.#begin(tx, group, state)",
        replacement: "else void [listCommits, groupStop]",
      },
    ],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-in-requests",
    without: "nothing is renewed in a request that was not accepted",
    edits: [{ file: `${client}/store/group/groups.ts`, text: "AND c.state = 'active' AND COALESCE", replacement: "AND COALESCE" }],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-refused",
    without: "new keys that the server does not take keep no message waiting",
    edits: [
      {
        file: `${client}/sending/renewal.ts`,
        text: 'await this.#parts.transactions.run((tx) => this.#parts.renewals.failed(tx, group, item))\n    return { status: "more" }',
        replacement: 'return { status: "retry", afterMs: 21_600_000 }',
      },
    ],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-lied-about",
    without: "new keys that the server says it took, and does not deliver, keep no message waiting",
    edits: [
      {
        file: `${client}/sending/renewal.ts`,
        text: "this.#parts.jobs.schedule({ kind: unansweredJob, key, inMs: renewalPatienceMs })",
        replacement: "",
      },
    ],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-told",
    without: "keys that could not be renewed for days are told of",
    edits: [
      {
        file: `${client}/sending/renewals.ts`,
        text: "if (failures >= toldFailures && nowMs - sinceMs > toldAfterMs)",
        replacement: "if (Number.isNaN(failures + sinceMs))",
      },
    ],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "late-keys",
    without: "keys for late messages are erased in groups where nothing happens",
    edits: [
      {
        file: `${client}/receiving/late-keys.ts`,
        text: "if (change.writes.length > 0) states.save(tx, change)",
        replacement: "void change",
      },
    ],
    tests: ["drill/renewal.test.ts"],
  },
  {
    name: "renewal-large",
    without: "a message does not wait for new keys that are large",
    edits: [
      {
        file: `${client}/sending/renewal.ts`,
        text: "if (item.rank >= ranks.last || request.commit.length <= renewalLimits.aheadBytes) return true",
        replacement: "if (!Number.isNaN(item.rank + request.commit.length)) return true",
      },
    ],
    tests: ["bench/renewal.test.ts"],
  },
  {
    name: "removal-before-rename",
    without: "a name, rules or roles are not told to a revoked leaf, whatever is in the outbox",
    edits: [{ file: `${client}/sending/change.ts`, text: "forRemovals: true", replacement: "forRemovals: false" }],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "held-request",
    without: "no commit leaves in a request that was not accepted",
    edits: [
      { file: `${client}/chat/held-chat.ts`, text: 'if (chat?.state === "request") return ["content", "commit"]\n', replacement: "" },
    ],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "held-blocked-commits",
    without: "no commit leaves in a chat with somebody who is blocked",
    edits: [
      {
        file: `${client}/chat/held-chat.ts`,
        text: 'if (contact?.blocked) return ["content", "commit"]',
        replacement: 'if (contact?.blocked) return ["content"]',
      },
    ],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "block-and-back-in",
    without: "nobody who is blocked is let back into a chat of two",
    edits: [
      {
        file: `${client}/store/group/account-groups.ts`,
        text: "AND NOT EXISTS (SELECT 1 FROM contact p WHERE p.account_id = c.peer AND p.blocked = 1)",
        replacement: "",
      },
    ],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "held-blocked",
    without: "nothing that was queued or ready goes to somebody who was blocked since",
    edits: [
      { file: `${client}/chat/held-chat.ts`, text: 'if (contact?.blocked) return ["content", "commit"]\n', replacement: "" },
      { file: `${client}/chat/blocking.ts`, text: "if (blocked) failWaitingFor(", replacement: "if (false) failWaitingFor(" },
    ],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "held-blocked-told",
    without: "a message that a block kept back says so",
    edits: [{ file: `${client}/chat/blocking.ts`, text: "if (blocked) failWaitingFor(", replacement: "if (false) failWaitingFor(" }],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "held-changed",
    without: "nothing that was queued or ready goes to a verified identity that changed since",
    edits: [
      { file: `${client}/chat/held-chat.ts`, text: 'return contact && isChanged(contact) ? ["content"] : []', replacement: "return []" },
    ],
    tests: ["drill/held.test.ts"],
  },
  {
    name: "held-deleted",
    without: "what was written in a chat that was deleted is not sent from it",
    edits: [{ file: `${client}/chat/delete-chat.ts`, text: "await forgetWritten(tx, chatId)", replacement: "void forgetWritten" }],
    tests: ["drill/held.test.ts"],
  },
]
