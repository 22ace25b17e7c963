// The server's order: no gap, no repetition, one history, one delivery list.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

export const deliveryMutations: readonly Mutation[] = [
  {
    name: "history-chain",
    without: "members compare the chain of the group's history",
    edits: [
      {
        file: `${client}/receiving/body.ts`,
        text: "for (const by of others) await historyContradicted(this.#parts, tx, group, { record, by })",
        replacement: "void others",
      },
      {
        file: `${client}/content/content-intake.ts`,
        text: "if (forked) await historyContradicted(this.#parts, tx, group, { record, by: sender.accountId })",
        replacement: "",
      },
    ],
    fails: ["replayed", "dropped-renumbered", "reordered"],
  },
  {
    name: "history-claimant",
    without: "a claim about the history is the claim of its account",
    edits: [
      {
        file: `${client}/group/history/history-claim.ts`,
        text: 'code: "history_fork", text, chatId, accountId: by,',
        replacement: 'code: "history_fork", text, chatId, accountId: undefined,',
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "history-once",
    without: "a claim about the history is told once",
    edits: [
      {
        file: `${client}/group/history/history-claim.ts`,
        text: "if (await standingAlarm(tx, alarm)) return",
        replacement: "void standingAlarm",
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "history-of-strangers",
    without: "what a stranger claims about the history alarms nobody",
    edits: [
      {
        file: `${client}/group/history/history-claim.ts`,
        text: 'if (!equal(by, own.accountId) && (await findChat(tx, chatId))?.state === "request") return',
        replacement: "void findChat",
      },
    ],
    tests: ["sim/hostile-member/hearsay.test.ts"],
  },
  {
    name: "history-gap",
    without: "orders have no gaps",
    edits: [
      {
        file: `${client}/receiving/body.ts`,
        text: 'await noteMismatch(this.#parts, tx, group, { place: record, code: "gap" })',
        replacement: "void noteMismatch",
      },
    ],
    fails: ["dropped"],
  },
  {
    name: "order-once",
    without: "a place of the history is taken once",
    edits: [{ file: `${client}/receiving/body.ts`, text: " || record.order <= group.lastOrder) return", replacement: ") return" }],
    fails: ["duplicated"],
  },
  {
    name: "fanout",
    without: "the seats at the server are compared with the tree",
    edits: [
      {
        file: `${client}/group/history/history-mismatch.ts`,
        text: "if (equal(fanoutOf(parts.crypto.sha256, ids), record.fanout)) return",
        replacement: "if (ids) return",
      },
    ],
    fails: ["seat-injected-told"],
  },
  {
    name: "ack-after-store",
    without: "a record is acknowledged only when it is on disk",
    edits: [
      {
        file: `${client}/receiving/reading.ts`,
        text: "      await this.#batches.takeAll(records)\n      await this.#acknowledge(stream, records)\n",
        replacement:
          "      this.#stored(records)\n      await this.#acknowledge(stream, records)\n      await this.#batches.takeAll(records)\n",
      },
    ],
    tests: [`${client}/receiving/reading.test.ts`],
  },
  {
    name: "challenge-again",
    without: "a challenge that is used up says nothing about the device",
    edits: [
      {
        file: `${client}/core/session.ts`,
        text: 'if (!(error instanceof WireError && error.code === "challenge_expired") || left <= 1) throw error',
        replacement: "throw error",
      },
    ],
    tests: [`${client}/core/session.test.ts`],
  },
]
