// The server's order: no gap, no repetition, one history, one delivery list.

import type { Mutation } from "./mutation.ts"

const client = "packages/client/src"

export const deliveryMutations: readonly Mutation[] = [
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
]
